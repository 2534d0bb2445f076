"""Loads: did all of mine arrive? A source's own submissions, by the day on which they came.

A body sees the loads of its own systems, each by itself. The partnership sees them by borough, the
systems of a borough together and unnamed; nobody sees another's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.reference.participants import Source
from projections.in_file import IN_FILE, InFile
from projections.load_days import LOAD_DAYS, LOADED, LoadDay
from projections.loads import KINDS, LoadKind, cells
from services.acknowledging import instant
from services.answering import Answering, Found
from services.reading import Reading
from services.views import FoldedLedger, Question, ViewReader

VIEW = "loads"
DAYS_SHOWN = 12
EVERYTHING = "all"
NOT_BY_KIND = (
    "Refusals are not told by kind: of what it refuses the hub keeps codes alone. "
    "The report of the return, at the borough's own desk, has them."
)


@dataclass(frozen=True, slots=True)
class _Unit:
    """Systems of one body in one ledger that are shown together; `source` where it is one alone."""

    ledger: str
    participant: str
    sources: tuple[str, ...]
    source: str | None


class Loads:
    """Answers with what a body has loaded."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, borough: str | None = None) -> dict[str, JsonValue]:
        """Give, by load and kind, what was published, corrected, withdrawn, and stands after it."""
        self._answering.allow(reading, VIEW)
        store = self._answering.store()
        units = self._units(reading, borough)
        ledgers = {unit.ledger for unit in units}
        folded = {one.ledger: one for one in self._answering.folded(ledgers, LOAD_DAYS.name)}
        positions = {name: one.position for name, one in folded.items()}
        rows: list[JsonValue] = [
            row for unit in units for row in _rows(store, unit, folded[unit.ledger])
        ]
        filters = {} if borough is None else {"borough": borough}
        told: dict[str, JsonValue] = {"refusals": NOT_BY_KIND}
        found = Found(rows, positions, filters, told, list(folded.values()))
        return self._answering.answer(reading, VIEW, found)

    def _units(self, reading: Reading, borough: str | None) -> list[_Unit]:
        """Give what this reader may see, in the registered order; raises NotFound for a borough."""
        registry = self._answering.registry
        participants = registry.participants()
        caller = participants.participant(reading.caller.participant, registry.today())
        boroughs = {one.code: one for one in self._answering.boroughs(borough)}
        if caller is not None and caller.kind == "partnership":
            return [
                unit
                for code in boroughs
                if (unit := _together(code, participants.sources)) is not None
            ]
        ledgers = {one.ledger for one in boroughs.values()}
        return [
            _Unit(one.ledger, one.participant, (one.name,), one.name)
            for one in participants.sources
            if one.participant == reading.caller.participant and one.ledger in ledgers
        ]


def _together(borough: str, sources: Sequence[Source]) -> _Unit | None:
    own = [one for one in sources if one.participant == borough]
    return _Unit(own[0].ledger, borough, tuple(one.name for one in own), None) if own else None


def _rows(store: ViewReader, unit: _Unit, folded: FoldedLedger) -> Iterator[JsonValue]:
    """Give the latest loads, the last one first: a row for everything, then one for each kind."""
    for day in _days(folded, unit)[-DAYS_SHOWN:][::-1]:
        place: dict[str, JsonValue] = {
            "day": day.day,
            "ledger": unit.ledger,
            "participant": unit.participant,
            "source": unit.source,
        }
        yield {
            **place,
            **_EMPTY,
            "corrected": day.corrected,
            "kind": EVERYTHING,
            "published": day.published,
            "refused": day.refused,
            "withdrawn": day.withdrawn,
        }
        for row in _by_kind(store, unit, day):
            yield {**place, **_EMPTY, **row}


_EMPTY: dict[str, JsonValue] = dict.fromkeys(
    (
        "corrected",
        "in_file",
        "in_file_told",
        "in_file_year",
        "published",
        "refused",
        "standing",
        "withdrawn",
    )
)


def _days(folded: FoldedLedger, unit: _Unit) -> list[LoadDay]:
    """Give the days of a unit, earliest first; those of several systems are put together."""
    days: dict[str, LoadDay] = {}
    for source, state in folded.states[LOAD_DAYS.name].items():
        if source in unit.sources:
            for day in LOADED.read(state).days:
                before = days.get(day.day)
                days[day.day] = day if before is None else _both(before, day)
    return [days[one] for one in sorted(days)]


def _both(one: LoadDay, other: LoadDay) -> LoadDay:
    return LoadDay(
        corrected=one.corrected + other.corrected,
        day=one.day,
        end=max(one.end, other.end),
        first=min(one.first, other.first),
        published=one.published + other.published,
        refused=one.refused + other.refused,
        withdrawn=one.withdrawn + other.withdrawn,
    )


def _by_kind(store: ViewReader, unit: _Unit, day: LoadDay) -> Iterator[dict[str, JsonValue]]:
    """Give what one load did to each kind, and what stood after it."""
    question = Question(
        groups={
            kind: frozenset().union(*(cells(kind, source) for source in unit.sources))
            for kind in KINDS
        },
        period="whole",
        ledgers=(unit.ledger,),
        as_of={unit.ledger: day.end},
    )
    standing = {one.group: one for one in store.count(question).rows}
    moved = store.moved(question, {unit.ledger: day.first})
    gained = {(one.group, one.cause): one.gained for one in moved}
    lost = {(one.group, one.cause): one.lost for one in moved}
    held = _in_file(store, unit, day)
    for kind in KINDS:
        after = standing.get(kind)
        row: dict[str, JsonValue] = {"kind": kind, **held.get(kind, {})}
        if kind == "children":  # of children it is known how many there are, not how many came
            yield {**row, "standing": after.children if after else 0}
            continue
        yield {
            **row,
            "corrected": gained.get((kind, "corrected"), 0),
            "published": gained.get((kind, "recorded"), 0),
            "standing": after.events if after else 0,
            "withdrawn": lost.get((kind, "withdrawn"), 0),
        }


def _in_file(store: ViewReader, unit: _Unit, day: LoadDay) -> dict[LoadKind, dict[str, JsonValue]]:
    """Give what the last return held by then, as its client told; of several, the last told."""
    found: dict[LoadKind, dict[str, JsonValue]] = {}
    for row in store.told(IN_FILE.name, [unit.ledger], {unit.ledger: day.end}):
        held = InFile.model_validate_json(row.body)
        for kind in KINDS:
            if held.source in unit.sources and held.kind == kind:
                found[kind] = {
                    "in_file": held.count,
                    "in_file_told": instant(held.recorded_ms),
                    "in_file_year": held.year,
                }
    return found
