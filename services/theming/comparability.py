"""Flags of figures beside the themes: jumps on a year, and nearly none where another has many."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, Protocol

from domain.canonical import JsonValue
from domain.reference.factor_mapping import Comparability
from domain.reference.participants import Participant
from projections.projection import Way
from services.periods import Kind, Window, label, month_named, window_named
from services.theming import flags
from services.theming.numbers import Number
from services.views import Counts, Question

Row = dict[str, JsonValue]
Of = tuple[JsonValue, ...]
"""What a row is of: the values of the columns that say so."""


class Counting(Protocol):
    """What is needed of a store of views: `services.views.ViewReader` says more."""

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question."""
        ...


def told_months(
    store: Counting, cells: Collection[str], boroughs: Iterable[Participant], question: Question
) -> dict[str, Window]:
    """Give from which month to which each borough tells of any of these cells, by its code."""
    asked = Question(
        groups={"any": frozenset(cells)},
        period="month",
        ledgers=question.ledgers,
        as_of=question.as_of,
        occurred_to=question.occurred_to,
    )
    months: dict[str, list[int]] = {}
    for row in store.count(asked).rows:
        months.setdefault(row.ledger, []).append(month_named(row.period))
    return {
        one.code: Window(max(months[one.ledger]), min(months[one.ledger]))
        for one in boroughs
        if one.ledger in months
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What rows of figures are compared by: thresholds, boroughs, and how far each has told."""

    kind: Kind
    rule: Comparability | None
    boroughs: Sequence[Participant]
    told: Callable[[str, Of], Window | None]
    """From which month to which a borough tells of what a row is of."""

    def with_flags(self, rows: Sequence[Row], of: Sequence[str]) -> list[Row]:
        """Give rows with their flags; `of` names the columns that say what a row is of.

        Rows of all boroughs and years are needed, whichever are shown: others decide whether one is
        to be asked about. The `notes` of who reported a figure become a flag.
        """
        places = [_place(row, of) for row in rows]
        numbers = {place: _number(row) for place, row in zip(places, rows, strict=True)}
        return [
            {
                **{name: value for name, value in row.items() if name != "notes"},
                "flags": [asdict(one) for one in self._flags(place, numbers)],
            }
            for place, row in zip(places, rows, strict=True)
        ]

    def _flags(self, place: _Place, numbers: Mapping[_Place, Number]) -> Iterator[flags.Flag]:
        now, window = numbers[place], window_named(self.kind, place.period)
        if self._whole(place, window):
            if self._whole(place, window.year_before()):
                earlier = place._replace(period=label(self.kind, window.year_before()))
                yield from flags.jump(now, numbers.get(earlier), self.rule)
            yield from flags.near_zero(now, list(self._peers(place, numbers)), self.rule)
        yield from flags.noted(now, ())

    def _peers(self, place: _Place, numbers: Mapping[_Place, Number]) -> Iterator[flags.Peer]:
        window = window_named(self.kind, place.period)
        for one in self.boroughs:
            there = place._replace(borough=one.code)
            number = numbers.get(there)
            if one.code != place.borough and number and self._whole(there, window):
                yield flags.Peer(one.name, number)

    def _whole(self, place: _Place, window: Window) -> bool:
        """Say whether all of a period is told of; one that is not is compared with nothing."""
        told = self.told(place.borough, place.of)
        return told is not None and window.within(told)


class _Place(NamedTuple):
    """Where a figure stands."""

    of: Of
    borough: str
    period: str


def _place(row: Row, of: Sequence[str]) -> _Place:
    return _Place(tuple(row[name] for name in of), str(row["borough"]), str(row["period"]))


def _number(row: Row) -> Number:
    notes = row.get("notes")
    return Number(
        source="reported" if row.get("source") == "reported" else "events",
        numerator=_count(row["numerator"]),
        denominator=_count(row["denominator"]),
        per=_count(row["per"]),
        notes=tuple(map(str, notes)) if isinstance(notes, list) else (),
    )


def _count(value: JsonValue) -> int | None:
    return value if isinstance(value, int) else None
