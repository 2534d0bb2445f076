"""What views need of a store, and the words in which it is asked and answers.

What a folded batch writes, and what a position and an interval are, says `services.folded`.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from projections.projection import Way
from projections.standing import Link
from services.folded import FoldedBatch, LeftOut
from services.forgetting import Forgetful
from services.last_told import LastTold

Period = Literal["month", "quarter", "rolling-12", "year-to-march", "whole"]
Cut = Literal["age-band", "disabled", "ethnic-group", "looked-after", "sex", "ward"]
"""By what figures may be cut, one attribute at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to count: distinct events, episodes and children over each group of cells.

    `as_of` gives positions for some ledgers (others: all that is folded), `occurred_from` and
    `occurred_to` bound the London day, both days included. Twelve months that roll are asked for by
    their last one, from that of `occurred_from` to that of `occurred_to`, or to the last month in
    which anything was; each looks back over its whole twelve, up to `occurred_to`.
    """

    groups: Mapping[str, frozenset[str]]
    period: Period
    ledgers: tuple[str, ...]
    as_of: Mapping[str, int] | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None
    cut: Cut | None = None
    """Count each value of this attribute apart."""


@dataclass(frozen=True, slots=True, order=True)
class Counted:
    """Distinct events, episodes and children of one group in one period; never all zero.

    `period` is the year in which a year to 31 March ends ("2023"), the first month of a quarter,
    the month, or the last of twelve months that roll ("2023-04"), or empty for the whole. `value`
    is that of the attribute cut by ("yes" and "no" for what is so or not), "unknown" where it is
    not said; empty without a cut. A child who is said to be this and then that is in both.
    """

    ledger: str
    group: str
    period: str
    events: int
    episodes: int
    children: int
    value: str = ""


@dataclass(frozen=True, slots=True)
class ToldRow:
    """What an event says, while it stands; `position` is the event's own."""

    ledger: str
    position: int
    key: str
    body: bytes
    """Canonical JSON of the telling's model."""


Cause = Literal[
    "corrected", "recorded", "restricted", "restriction-ended", "stands-again", "withdrawn"
]


@dataclass(frozen=True, slots=True, order=True)
class Moved:
    """Events that a group gained or lost between two positions of a ledger, by why.

    `recorded`: came between the two. `corrected`: gained by a correction, or lost to one; that may
    have waited for its target. `withdrawn`: lost. `stands-again`: had come before, and stands for
    its fact since what had replaced it was withdrawn. `restricted` and `restriction-ended`: stood
    all the time, and nobody in it was counted any more, or somebody was again.
    """

    ledger: str
    group: str
    period: str
    cause: Cause
    gained: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Ask for children whom two ledgers know, by linkage token.

    `groups` are sets of cells; bounds and `as_of` are those of a `Question`.
    """

    groups: Mapping[str, frozenset[str]]
    ledgers: tuple[str, ...]
    as_of: Mapping[str, int] | None = None
    occurred_from: date | None = None
    occurred_to: date | None = None


@dataclass(frozen=True, slots=True, order=True)
class SharedChildren:
    """Of one pair of ledgers and one group: children linked, in the group in either, in both.

    Records that tokens join, through others too, are one child.
    """

    first: str
    second: str
    group: str
    either: int
    both: int


@dataclass(frozen=True, slots=True, order=True)
class Linkable:
    """Of the children of a ledger and age band who are met between the days: how many have a token.

    Met is who is in any cell at all. The band is the latest that was said of the child in these
    days, "unknown" where none was; a token counts whenever it was given.
    """

    ledger: str
    age_band: str
    children: int
    linkable: int


@dataclass(frozen=True, slots=True)
class SharedCounts:
    """Who is known twice, who could be, and as of which positions. Counts are a lower bound.

    `pairs` has every pair of the ledgers and every group, zeros too.
    """

    pairs: tuple[SharedChildren, ...]
    linkable: tuple[Linkable, ...]
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, in order of ledger, group, period, value, and as of which positions."""

    rows: tuple[Counted, ...]
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """The state of one key in one ledger."""

    ledger: str
    key: str
    state: bytes


@dataclass(frozen=True, slots=True)
class ParkedStream:
    """A stream that is not folded: where it stopped, why, and how many entries are not in views."""

    stream_tag: uuid.UUID
    position: int
    reason: str
    entries: int


@dataclass(frozen=True, slots=True)
class ParkedSource:
    """A source's parked entries, and the numbers that these have in its own count, as ranges."""

    source: str
    entries: int
    numbers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoldedLedger:
    """How far one ledger is folded, and what of it is not in the views."""

    ledger: str
    position: int
    waiting: int
    """Corrections and withdrawals whose target has not come."""
    parked: tuple[ParkedStream, ...]
    left_out: tuple[LeftOut, ...]
    sources: tuple[ParkedSource, ...] = ()
    """Each source's parked entries, in order of source; those without source left out."""
    states: Mapping[str, Mapping[str, bytes]] = field(default_factory=dict)
    """Of each register that was asked for, the state of each key, in order."""


@dataclass(frozen=True, slots=True)
class LedgerDigest:
    """One ledger's views in a form that two stores can be compared by, whatever their keys.

    `parts` has a SHA-256 for each cell (its rows with their intervals, and who is the same child or
    episode), each telling, the children and so on; of a whole also the registers, links and parked.
    """

    ledger: str
    position: int
    parts: Mapping[str, bytes]


class ViewReader(Protocol):
    """The rows of all views: an answer is of one moment, and says of which, or Unavailable."""

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; 0 for one never met."""
        ...

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        ...

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, by ledger and position; Unavailable as `count` is."""
        ...

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands, the newest first; Unavailable as `count` is."""
        ...

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`, in order; no cut.

        A ledger that `before` does not name is told from its beginning. What was gained less what
        was lost is by how much the count of events differs. Raises Unavailable for positions not
        folded yet, ValueError where `before` is the later one.
        """
        ...

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know; Unavailable for positions not folded yet."""
        ...

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states, in order of ledger and key."""
        ...

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with the states of registers as of that position."""
        ...

    def digest(self, ledger: str, size: int | None = None) -> LedgerDigest:
        """Digest a ledger's views, or what keeps its past as of a size; Unavailable as `count`."""
        ...


class ViewStore(ViewReader, Forgetful, Protocol):
    """The rows of all views, written with each ledger's position or not, by one of two runners.

    No pseudonym is stored, only keyed tags. All raise Unavailable when it cannot be reached.
    """

    def links(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give those of these events that are folded, in any order."""
        ...

    def naming(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give the folded events that name one of these, in any order."""
        ...

    def best(self, ledger: str, root: uuid.UUID, without: Collection[uuid.UUID]) -> Link | None:
        """Give who stands for a fact, by `standing.rank`, these and the withdrawn left out."""
        ...

    def parked_streams(self, ledger: str, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Give those of these streams that are parked."""
        ...

    def states(self, ledger: str, register: str, keys: Collection[str]) -> dict[str, bytes]:
        """Give the states of those of these keys that have one."""
        ...

    def commit(self, batch: FoldedBatch) -> None:
        """Write a batch; raises PositionMoved when its `before` is not the stored position."""
        ...
