"""What folding a batch of a ledger changes in the views, as it is handed to their store.

A *position* here is how many entries of a ledger are folded. An event at position p of its ledger
is live from its `since`, the position of the entry that made it stand (itself, or the entry that it
had waited for, or the withdrawal of who stood before), until its `until`, the position of the entry
that ended it. As of P entries an event counts exactly when since < P and (no until, or P <= until).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from projections.projection import Contribution, Told, Traits
from projections.restrictions import Restriction
from projections.standing import Link


class PositionMoved(Exception):
    """Another runner folded this batch first: nothing was written, read again from there."""


class FoldedEvent(NamedTuple):
    """One event that was folded, and all that it adds to and says whenever it stands.

    `traits` and `tokens` go by the pseudonym of a subject that it adds to cells for; under None
    stand the traits of what it adds for nobody. Tokens are (basis, key id, token) as they were
    sent, and no store keeps them as such.
    """

    link: Link
    contributions: tuple[Contribution, ...]
    told: tuple[tuple[str, Told], ...] = ()
    """The name of a telling, and what it was told."""
    tokens: Mapping[str, tuple[tuple[str, bytes, bytes], ...]] = {}
    traits: Mapping[str | None, Traits] = {}
    keys: tuple[bytes, ...] = ()
    """The ids of the keys that its parts are under: whose destruction may change what it gives."""
    restriction: Restriction | None = None
    """What it says of whom folds leave out."""


class Interval(NamedTuple):
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
    destroyed: tuple[bytes, ...] = ()
    """The ids of keys that are destroyed as of this batch, and were not before."""
    again: tuple[FoldedEvent, ...] = ()
    """Events of earlier batches with what is left of what they give, in place of what they gave."""
    days: tuple[tuple[date, int], ...] = ()
    """London days on which its entries were recorded, each with the position of its first here."""
    anew: bool = False
    """Nothing but `destroyed` is kept of the ledger, which is folded again from its beginning."""


VERSIONS_FORMAT = "bhr-views/v6"


def view_versions(names: Sequence[tuple[str, int]]) -> str:
    """Name the version of a set of views: the format, and every projection with its version."""
    return " ".join([VERSIONS_FORMAT, *sorted(f"{name}/{version}" for name, version in names)])
