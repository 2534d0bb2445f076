"""The indicators: what each borough's are for years to 31 March, and which have no source yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.reference.participants import Participant
from domain.reference.reference_figures import ReferenceFigures
from projections.indicator_list import INDICATORS
from projections.indicators import Indicator, Line, Part
from projections.projection import Way
from services.answering import Answering, Found
from services.filters import Filters
from services.periods import Window, label, window_named, windows
from services.reading import Reading
from services.theming.comparability import Compared, Of, Row
from services.theming.counting import Asking, line_spans, listed_since
from services.theming.populations import Population, Populations
from services.theming.rates import rate
from services.theming.reports import Reports, Sum, reports
from services.views import Counted, Question

VIEW = "indicators"
POPULATION = "population-0-17"
PER_CHILDREN = 10_000
SAME_YEAR = "events of the same year"
OF = ("indicator", "line", "source")
"""The columns that say what a row is of."""


@dataclass(frozen=True, slots=True)
class _Counts:
    """Numbers by part, ledger and year; and from which month to which a ledger tells of a line."""

    numbers: Mapping[tuple[Part, str, str], int]
    positions: Mapping[str, int]
    spans: Mapping[tuple[str, str], Window]

    def of(self, part: Part, ledger: str, year: str) -> int:
        return self.numbers.get((part, ledger, year), 0)

    def span(self, number: int, line: str, ledger: str) -> Window | None:
        """Give the months in which none of a line is a zero, as the themes have them."""
        return self.spans.get((ledger, _key(number, line)))


class Indicators:
    """Answers with the group's list of indicators."""

    def __init__(self, answering: Answering) -> None:
        """Answer through the desk that every view shares."""
        self._answering = answering

    def answer(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give each indicator's value by borough and year, with numerator and denominator."""
        self._answering.allow(reading, VIEW)
        shown = {one.code for one in self._answering.boroughs(filters.borough)}
        boroughs = self._answering.boroughs()
        counts = self._counted(filters)
        fed = self._fed(boroughs, counts.positions)
        populations = Populations(
            table for table, _ in self._answering.registry.in_force(ReferenceFigures, POPULATION)
        )
        told = reports(self._answering.store(), boroughs, counts.positions)
        every = [
            row
            for one in INDICATORS
            for borough in boroughs
            for row in (
                *_rows(one, borough, counts, populations),
                *_reported(one, borough, told, filters),
            )
        ]
        rows: list[JsonValue] = [
            row
            for row in self._compared(boroughs, counts, told).with_flags(every, OF)
            if row["borough"] in shown and str(filters.year or row["period"]) == row["period"]
        ]
        listed: dict[str, JsonValue] = {
            "indicators": [
                _described(one, [code for code in fed[one.number] if code in shown])
                for one in INDICATORS
            ]
        }
        found = Found(rows, counts.positions, filters.texts(), listed)
        return self._answering.answer(reading, VIEW, found)

    def _compared(
        self, boroughs: Sequence[Participant], counts: _Counts, reported: Reports
    ) -> Compared:
        """Say what figures are compared by, and how far each borough tells of each of them."""
        ledgers = {one.code: one.ledger or "" for one in boroughs}

        def told(borough: str, of: Of) -> Window | None:
            indicator, line, source = of
            if source == "reported":
                return reported.span(borough, str(line))
            return counts.span(int(str(indicator)), str(line), ledgers[borough])

        return Compared(
            kind="year-to-march",
            rule=self._answering.registry.mapping()[0].comparability,
            boroughs=boroughs,
            told=told,
        )

    def _fed(
        self, boroughs: Sequence[Participant], positions: Mapping[str, int]
    ) -> dict[int, list[JsonValue]]:
        """Give the boroughs whose events tell of an indicator, as of positions, by its number."""
        codes = {one.ledger: one.code for one in boroughs}
        question = Question(
            groups={str(one.number): one.cells() for one in INDICATORS if one.cells()},
            period="whole",
            ledgers=tuple(positions),
            as_of=positions,
        )
        found: defaultdict[int, list[JsonValue]] = defaultdict(list)
        told = {(row.group, row.ledger) for row in self._answering.store().count(question).rows}
        for one in INDICATORS:
            found[one.number] += [
                code for ledger, code in codes.items() if (str(one.number), ledger) in told
            ]
        return found

    def _counted(self, filters: Filters) -> _Counts:
        """Count every part once, all as of the same positions."""
        by_way: defaultdict[Way | None, dict[str, Part]] = defaultdict(dict)
        parts = dict.fromkeys(part for one in INDICATORS for part in one.parts())
        for number, part in enumerate(parts):
            by_way[part.way][str(number)] = part
        store = self._answering.store()
        ledgers = self._answering.ledgers()
        positions = self._answering.positions_as_of(ledgers, filters.as_of_ms())
        asking = Asking(positions=positions, kind="year-to-march", until=filters.days()[1])
        numbers: dict[tuple[Part, str, str], int] = {}
        for way in sorted(by_way, key=lambda one: one is not None):
            groups = by_way[way]
            asked = {name: part.cells for name, part in groups.items()}
            for row in store.count(asking.question(asked, None), way).rows:
                part = groups[row.group]
                numbers[part, row.ledger, row.period] = _in_unit(row, part)
        lines = {_key(one.number, line.code): line for one in INDICATORS for line in one.lines}
        mapping, _ = self._answering.registry.mapping()
        spans = line_spans(
            store,
            {key: line.told() for key, line in lines.items()},
            asking,
            {key: listed_since(line.factors(), mapping) for key, line in lines.items()},
        )
        return _Counts(numbers, positions, spans)


def _key(number: int, line: str) -> str:
    """Name a line as no other of any indicator is named."""
    return f"{number} {line}"


def _rows(
    indicator: Indicator, borough: Participant, counts: _Counts, populations: Populations
) -> Iterator[Row]:
    """Give every line of an indicator for every year in which the borough tells of it."""
    for line in indicator.lines:
        span = counts.span(indicator.number, line.code, borough.ledger or "")
        for window in windows("year-to-march", span) if span else ():
            year, last = label("year-to-march", window), window.days()[1]
            people = populations.at(POPULATION, borough.gss_code, last)
            yield {
                "borough": borough.code,
                "indicator": indicator.number,
                "line": line.code,
                "source": "events",
                **_figure(line, counts, (borough.ledger or "", year), people),
            }


def _figure(
    line: Line, counts: _Counts, place: tuple[str, str], people: Population | None
) -> dict[str, JsonValue]:
    """Give numerator, denominator and rate of one line, of a ledger and year."""
    numerator = sum(counts.of(part, *place) for part in line.counts)
    denominator: int | None = None
    source: str | None = None
    per: int | None = None
    if line.per_population:
        per = PER_CHILDREN
        denominator = people.people if people else None
        source = people.source if people else None
    elif line.of is not None:
        per, denominator, source = line.per, counts.of(line.of, *place), SAME_YEAR
    first, last = window_named("year-to-march", place[1]).days()
    return {
        "denominator": denominator,
        "denominator_source": source,
        "numerator": numerator,
        "per": per,
        "period": place[1],
        "period_from": first.isoformat(),
        "period_to": last.isoformat(),
        "rate": None if denominator is None or per is None else rate(numerator, denominator, per),
    }


def _reported(
    indicator: Indicator, borough: Participant, told: Reports, filters: Filters
) -> Iterator[Row]:
    """Give what is reported for an indicator, for every whole year of which it is.

    A report of days after the last that was asked for has no parts, and is left out.
    """
    until = filters.days()[1]
    for measure in indicator.reported_as:
        months = told.span(borough.code, measure)
        for window in windows("year-to-march", months) if months else ():
            number = told.total(borough.code, measure, window)
            first, last = window.days()
            if until is not None and until < last:
                continue
            if number is not None:
                yield {
                    "borough": borough.code,
                    "denominator": number.denominator,
                    "denominator_source": number.denominator_source,
                    "indicator": indicator.number,
                    "line": measure,
                    "notes": list(number.notes),
                    "numerator": number.numerator,
                    "per": None if number.denominator is None else 100,
                    "period": label("year-to-march", window),
                    "period_from": first.isoformat(),
                    "period_to": last.isoformat(),
                    "rate": _share(number),
                    "source": "reported",
                }


def _share(number: Sum) -> str | None:
    if number.numerator is None or number.denominator is None:
        return None
    return rate(number.numerator, number.denominator, 100)


def _in_unit(row: Counted, part: Part) -> int:
    return {"children": row.children, "episodes": row.episodes, "events": row.events}[part.unit]


def _described(indicator: Indicator, fed_by: list[JsonValue]) -> JsonValue:
    lines: list[JsonValue] = [
        {"code": line.code, "counts": line.counts[0].unit} for line in indicator.lines
    ]
    return {
        "basis": indicator.basis,
        "could_be_fed_by": indicator.could_be_fed_by,
        "fed_by": fed_by,
        "first": indicator.first,
        "lines": lines,
        "number": indicator.number,
        "reported_as": list(indicator.reported_as),
        "says": indicator.says,
        "theme": indicator.theme,
        "title": indicator.title,
    }
