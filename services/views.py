"""What views need of a store, and the words in which it is asked and told.

A *position* here is how many entries of a ledger are folded. An event at position p of its ledger
is live from its `since`, the position of the entry that made it stand (itself, or the entry that it
had waited for, or the withdrawal of who stood before), until its `until`, the position of the entry
that ended it. As of P entries an event counts exactly when since < P and (no until, or P <= until).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol

from projections.projection import Contribution, Told, Traits, Way
from projections.standing import Link

Period = Literal["month", "quarter", "rolling-12", "year-to-march", "whole"]
Cut = Literal["age-band", "disabled", "ethnic-group", "looked-after", "sex", "ward"]
"""By what figures may be cut, one attribute at a time."""


class PositionMoved(Exception):
    """Another runner folded this batch first: nothing was written, read again from there."""


# --- what a folded batch writes -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FoldedEvent:
    """One event that was folded, and all that it adds to and says whenever it stands.

    `traits` and `tokens` go by the pseudonym of a subject; tokens are (basis, key id, token) as
    they were sent, and no store keeps them as such.
    """

    link: Link
    contributions: tuple[Contribution, ...]
    told: tuple[tuple[str, Told], ...] = ()
    """The name of a telling, and what it was told."""
    tokens: Mapping[str, tuple[tuple[str, bytes, bytes], ...]] = field(default_factory=dict)
    traits: Mapping[str, Traits] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interval:
    """When an event stands: from the entry at `since` on, until that at `until` (None: still)."""

    position: int
    day: date
    since: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The open interval of an event of an earlier batch is over."""

    position: int
    until: int


@dataclass(frozen=True, slots=True)
class State:
    """The state of one key of a register, as canonical JSON."""

    register: str
    key: str
    state: bytes


@dataclass(frozen=True, slots=True)
class ParkedEntry:
    """An entry that is not folded. With a `reason` its stream stops there; without, it is behind.

    `since` is the position of the entry at which that was found, its own unless it names wrongly an
    event that came later. Source and sequence are the leaf's; None where it has none to be read.
    """

    position: int
    stream_tag: uuid.UUID
    since: int
    reason: str | None = None
    source: str | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """How many events were not folded, since their agreement does not name a fold's purpose."""

    agreement: str
    entries: int


@dataclass(frozen=True, slots=True)
class FoldedBatch:
    """All that one batch of one ledger changes, written in one transaction with the position."""

    ledger: str
    before: int
    """Entries folded before the batch; the store writes only if that is still so."""
    after: int
    events: tuple[FoldedEvent, ...] = ()
    changed: tuple[Link, ...] = ()
    """Links of earlier batches whose root, depth or withdrawal changed."""
    begun: tuple[Interval, ...] = ()
    ended: tuple[Ended, ...] = ()
    states: tuple[State, ...] = ()
    parked: tuple[ParkedEntry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


# --- what is asked and told -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What to count: distinct events, episodes and children over each group of cells.

    `as_of` gives positions for some ledgers (others: all that is folded), `occurred_from` and
    `occurred_to` bound the London day, both days included.
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
    is that of the attribute cut by, "unknown" where it is not said; empty without a cut.
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


Cause = Literal["corrected", "recorded", "stands-again", "withdrawn"]


@dataclass(frozen=True, slots=True, order=True)
class Moved:
    """Events that a group gained or lost between two positions of a ledger, by why.

    `recorded`: came between the two. `corrected`: gained by a correction, or lost to one.
    `withdrawn`: lost. `stands-again`: stands for its fact since what had replaced it was withdrawn.
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
    """Of one pair of ledgers and one group: children linked, in the group in either, in both."""

    first: str
    second: str
    group: str
    either: int
    both: int


@dataclass(frozen=True, slots=True, order=True)
class Linkable:
    """Of the children of a ledger and age band who are met between the days: how many have a token.

    The band is the latest that was said of the child.
    """

    ledger: str
    age_band: str
    children: int
    linkable: int


@dataclass(frozen=True, slots=True)
class SharedCounts:
    """Who is known twice, who could be, and as of which positions. Counts are a lower bound."""

    pairs: tuple[SharedChildren, ...]
    linkable: tuple[Linkable, ...]
    positions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted, in order of ledger, group, period, and as of which positions."""

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


@dataclass(frozen=True, slots=True)
class LedgerDigest:
    """One ledger's views in a form that two stores can be compared by, whatever their keys.

    `parts` has a SHA-256 for each cell (its rows with their intervals, and who is the same child or
    episode), each register, the links, the parked and the left out.
    """

    ledger: str
    position: int
    parts: Mapping[str, bytes]


class ViewStore(Protocol):
    """The rows of all views, and the position of each ledger.

    Promises: a batch's rows and position are written together or not at all, and only by one of two
    runners; no pseudonym is stored, only keyed tags; an answer is of one moment, and says of which.
    All raise Unavailable when the store cannot be reached.
    """

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; 0 for one never met."""
        ...

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

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        ...

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position.

        Raises Unavailable for positions not folded yet.
        """
        ...

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`, in order; no cut.

        Raises Unavailable for positions not folded yet.
        """
        ...

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know; Unavailable for positions not folded yet."""
        ...

    def met(self, ledger: str, cells: Collection[str]) -> set[str]:
        """Give those of these cells that an event of a ledger was ever given for.

        It tells a zero from "no source yet"; an event counts here though it stands no longer.
        """
        ...

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states, in order of ledger and key."""
        ...

    def folded(self, ledger: str) -> FoldedLedger:
        """Give how far a ledger is folded."""
        ...

    def parked_sources(self, ledger: str) -> list[ParkedSource]:
        """Give each source's parked entries, in order of source; those without source left out."""
        ...

    def digest(self, ledger: str) -> LedgerDigest:
        """Digest one ledger's views."""
        ...


VERSIONS_FORMAT = "bhr-views/v1"


def view_versions(names: Sequence[tuple[str, int]]) -> str:
    """Name the version of a set of views: the format, and every projection with its version."""
    return " ".join([VERSIONS_FORMAT, *sorted(f"{name}/{version}" for name, version in names)])
