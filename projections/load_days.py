"""The days on which a source loaded, what it sent on each, and between which entries that was.

A load is whatever a source tells on one London day by the hub's clock: signs of life and sealing
sessions are none. Days are kept with their positions, so that what stood after a load can be asked.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Spelling, recorded_day
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.hub import Canary, SealingSessionOpened, SubmissionRefused
from projections.projection import Register, RegisterState

MOST_DAYS: Final = 14
"""Days kept a source, the latest."""
_NO_LOAD: Final = frozenset({Canary.name, SealingSessionOpened.name})


class LoadDay(NamedTuple):
    """What one source sent on one day."""

    corrected: int
    day: str
    end: int
    """How many entries the ledger had after the last one of this day."""
    first: int
    """The position of the first one."""
    published: int
    """Events that are no correction and no withdrawal; reports of a return's contents left out."""
    refused: int
    withdrawn: int


class LoadDays(NamedTuple):
    """The latest days on which one source loaded, earliest first."""

    days: tuple[LoadDay, ...]


LOADED: Final = Spelling(LoadDays)


def key(event: OpenedEvent) -> str | None:
    """Give the source that an event is a load of; the hub's own are none, but for refusals."""
    if isinstance(event.facts, SubmissionRefused.Facts):
        return event.facts.source
    if event.attestation is Attestation.HUB or event.kind.name in _NO_LOAD:
        return None
    return event.header.source


def evolve(before: RegisterState | None, event: OpenedEvent) -> LoadDays:
    """Take one event into the days of its source."""
    days = before.days if isinstance(before, LoadDays) else ()
    day = recorded_day(event.recorded_ms).isoformat()
    if days and days[-1].day == day:
        return LoadDays(days=(*days[:-1], _with(days[-1], event)))
    empty = LoadDay(
        corrected=0,
        day=day,
        end=event.position,
        first=event.position,
        published=0,
        refused=0,
        withdrawn=0,
    )
    return LoadDays(days=(*days, _with(empty, event))[-MOST_DAYS:])


def _with(day: LoadDay, event: OpenedEvent) -> LoadDay:
    """Add one event."""
    name, again = event.kind.name, event.header.supersedes is not None
    refused = name == SubmissionRefused.name
    withdrawn = name == RecordWithdrawn.name
    counted = not (refused or withdrawn or name == FigureReported.name)
    return LoadDay(
        corrected=day.corrected + (counted and again),
        day=day.day,
        end=event.position + 1,
        first=day.first,
        published=day.published + (counted and not again),
        refused=day.refused + refused,
        withdrawn=day.withdrawn + withdrawn,
    )


LOAD_DAYS = Register("load-days", 2, None, key, evolve, LOADED)
