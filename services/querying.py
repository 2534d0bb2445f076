"""Answering a reader: what the views count."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.errors import NotFound
from domain.reference.factor_mapping import FactorMapping, Measure
from projections.measures import Line, lines
from projections.projection import Way
from services.answering import Answering, Found
from services.reading import Reading
from services.views import Counted, Counts, Period, Question

ANY_FACTOR = "factor:any"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which year to 31 March, and which borough; None for all."""

    year: int | None = None
    borough: str | None = None

    def texts(self) -> dict[str, str]:
        """Give the filters that were set, as text, for the record of the read."""
        year = {} if self.year is None else {"year": str(self.year)}
        return year if self.borough is None else {**year, "borough": self.borough}

    def days(self) -> tuple[datetime.date | None, datetime.date | None]:
        """Give the first and last London day of the year asked for."""
        if self.year is None:
            return None, None
        return datetime.date(self.year - 1, 4, 1), datetime.date(self.year, 3, 31)


class Querying:
    """Reads the views for those who may."""

    def __init__(self, answering: Answering) -> None:
        """Give answers through the desk that every view shares."""
        self._answering = answering
        self._registry = answering.registry

    def factors(self, reading: Reading, filters: Filters) -> dict[str, JsonValue]:
        """Give episodes, assessments and children by borough, year and published column."""
        self._answering.allow(reading, "factors")
        mapping, _ = self._registry.mapping()
        groups = {
            column: frozenset(f"factor:{code}" for code in mapping.codes_of_column(column))
            for column in mapping.columns()
        }
        groups[mapping.episodes_column] = frozenset({ANY_FACTOR})
        for factor in mapping.factors:
            if factor.column is None:
                groups[f"code {factor.code}"] = frozenset({f"factor:{factor.code}"})
        counts = self._count(groups, "year-to-march", filters)
        rows: list[JsonValue] = [
            {**_row(one), "codes": list(mapping.codes_of_column(one.group))} for one in counts.rows
        ]
        found = Found(rows, counts.positions, filters.texts())
        return self._answering.answer(reading, "factors", found)

    def theme(self, reading: Reading, code: str, filters: Filters) -> dict[str, JsonValue]:
        """Give a theme's headline measures, in order, by borough and month."""
        self._answering.allow(reading, code)
        mapping, _ = self._registry.mapping()
        theme = mapping.theme(code)
        if theme is None:
            raise NotFound("theme")
        asked = tuple((one, line) for one in theme.measures for line in lines(one))
        counts = self._count_lines(asked, mapping.codes_of_theme(code), filters)
        rows: list[JsonValue] = [_row(one) for one in counts.rows]
        told: dict[str, JsonValue] = {
            "factors": _factors(mapping, code),
            "measures": [_measure(one, self._met(asked, one)) for one in theme.measures],
            "title": theme.title,
        }
        found = Found(rows, counts.positions, filters.texts(), told)
        return self._answering.answer(reading, code, found)

    def _met(self, asked: Sequence[tuple[Measure, Line]], measure: Measure) -> list[str]:
        """Give the ledgers whose events have ever told of a measure: what tells zero from none."""
        cells = {cell for one, line in asked if one is measure for cell in line.cells}
        store = self._answering.store()
        return [
            ledger for ledger in self._answering.ledgers() if cells and store.met(ledger, cells)
        ]

    def _count_lines(
        self, asked: Sequence[tuple[Measure, Line]], codes: Sequence[str], filters: Filters
    ) -> Counts:
        """Count every line of a theme, and its factors one by one, as of the same positions."""
        plain = {f"factor {code}": frozenset({f"factor:{code}"}) for code in codes}
        for measure, line in asked:
            if line.way is None:
                plain[_group(measure, line)] = line.cells
            if line.of:
                plain[f"{_group(measure, line)} of"] = line.of
        counts = self._count(plain, "month", filters)
        found = [*counts.rows]
        for measure, line in asked:
            if line.way is not None:
                groups = {_group(measure, line): line.cells}
                found += self._count(groups, "month", filters, (line.way, counts.positions)).rows
        return Counts(tuple(sorted(found)), counts.positions)

    def feeds(self, reading: Reading) -> dict[str, JsonValue]:
        """Give each source's health."""
        self._answering.allow(reading, "feeds")
        found = Found(self._answering.feeds(), self._answering.positions())
        return self._answering.answer(reading, "feeds", found)

    def _count(
        self,
        groups: Mapping[str, frozenset[str]],
        period: Period,
        filters: Filters,
        special: tuple[Way, Mapping[str, int]] | None = None,
    ) -> Counts:
        """Count; `special` is another way of counting, as of the positions of a first count."""
        since, until = filters.days()
        question = Question(
            groups=groups,
            period=period,
            ledgers=self._answering.ledgers(filters.borough),
            occurred_from=since,
            occurred_to=until,
            as_of=special[1] if special else None,
        )
        return self._answering.store().count(question, special[0] if special else None)


def _row(counted: Counted) -> dict[str, JsonValue]:
    return {
        "assessments": counted.events,
        "children": counted.children,
        "episodes": counted.episodes,
        "ledger": counted.ledger,
        "measure": counted.group,
        "period": counted.period,
    }


def _factors(mapping: FactorMapping, theme: str) -> JsonValue:
    return [
        {"code": factor.code, "strength": link.strength, "title": factor.title}
        for factor in mapping.factors
        for link in factor.themes
        if link.theme == theme
    ]


def _group(measure: Measure, line: Line) -> str:
    """Name a line of a measure: the measure's code, and the breakdown's behind it."""
    return f"{measure.code} {line.breakdown}".strip()


def _measure(measure: Measure, fed_by: Sequence[str]) -> JsonValue:
    """Describe a measure; one that nobody feeds says so, and who could."""
    counted = lines(measure)
    told: list[JsonValue] = [
        {"breakdown": line.breakdown, "counts": line.unit, "share": bool(line.of)}
        for line in counted
    ]
    return {
        "code": measure.code,
        "could_be_fed_by": measure.could_be_fed_by,
        "fed_by": list(fed_by),
        "lines": told,
        "source": "events" if fed_by else "no source yet",
        "title": measure.title,
        "unit": measure.unit,
    }
