"""What a release counts: the registered list of tables, line by line, and its periods."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping, Measure
from domain.reference.release_tables import ReleaseTable, ReleaseTables
from projections.measures import WHOLE, Line, lines
from services.releases.figures import PeriodKind
from services.releases.relations import Counting, Family, quarters_of

APRIL = 4
MONTHS_IN_QUARTER = 3


@dataclass(frozen=True, slots=True)
class Planned:
    """One figure of one table, with what it is a share of, if it is one."""

    table: ReleaseTable
    measure: Measure
    line: Line

    def numerator(self) -> Counting:
        """Say what is counted."""
        return Counting(self.line.unit, self.line.cells, self.line.way)

    def denominator(self) -> Counting | None:
        """Say what it is a share of."""
        return Counting(self.line.unit, self.line.of) if self.line.of else None

    def countings(self) -> tuple[Counting, ...]:
        """Give both, or the one there is."""
        of = self.denominator()
        return (self.numerator(),) if of is None else (self.numerator(), of)


@dataclass(frozen=True, slots=True)
class Plan:
    """A registered list of tables over the mapping that it was made with, for one month."""

    tables: ReleaseTables
    mapping: FactorMapping
    month: str

    def figures(self) -> tuple[Planned, ...]:
        """Give every figure, in the order of tables, measures and lines."""
        return tuple(self._figures())

    def _figures(self) -> Iterator[Planned]:
        for table in self.tables.tables:
            theme = self.mapping.theme(table.theme)
            for measure in theme.measures if theme else ():
                if not table.measures or measure.code in table.measures:
                    yield from (Planned(table, measure, line) for line in lines(measure))

    def families(self) -> list[Family]:
        """Give the parts by which each measure is shown, beside their whole."""
        found = []
        for planned in self.figures():
            if planned.line.breakdown == WHOLE:
                whole = planned.numerator()
                parts = [
                    other.numerator().name()
                    for other in self.figures()
                    if (other.table, other.measure) == (planned.table, planned.measure)
                    and other.line.breakdown != WHOLE
                    and (other.line.unit, other.line.way) == (whole.unit, whole.way)
                ]
                if parts:
                    found.append((whole.name(), tuple(dict.fromkeys(parts))))
        return found

    def shares(self) -> list[tuple[str, str]]:
        """Give each figure with what it is a share of, by the names of what they count."""
        return [
            (planned.numerator().name(), of.name())
            for planned in self.figures()
            if (of := planned.denominator()) is not None
        ]

    def periods(self) -> tuple[tuple[PeriodKind, str], ...]:
        """Give every period, years first: complete ones alone, or a month could be taken off."""
        first_day = datetime.date.fromisoformat(f"{self.month}-01")
        last = first_day.year - (first_day.month < APRIL)
        years = [str(year) for year in range(last - self.tables.years + 1, last + 1)]
        quarters = [
            quarter
            for year in [*years, str(last + 1)]
            for quarter in quarters_of(year)
            if _after(quarter) <= first_day
        ]
        return (
            *(("year-to-march", year) for year in years),
            *(("quarter", quarter) for quarter in quarters),
        )

    def days(self) -> tuple[datetime.date, datetime.date]:
        """Give the first and last day of all periods."""
        periods = self.periods()
        first = min(_start(kind, period) for kind, period in periods)
        last = max(period for kind, period in periods if kind == "quarter")
        return first, _after(last) - datetime.timedelta(days=1)


def _start(kind: PeriodKind, period: str) -> datetime.date:
    if kind == "quarter":
        return datetime.date.fromisoformat(f"{period}-01")
    return datetime.date(int(period) - 1, APRIL, 1)


def _after(quarter: str) -> datetime.date:
    start = datetime.date.fromisoformat(f"{quarter}-01")
    month = start.month - 1 + MONTHS_IN_QUARTER
    return datetime.date(start.year + month // 12, month % 12 + 1, 1)


def countings_of(figures: Sequence[Planned]) -> dict[str, Counting]:
    """Give all that is counted, by name."""
    return {one.name(): one for planned in figures for one in planned.countings()}
