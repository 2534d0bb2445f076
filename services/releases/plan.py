"""What a release counts: the registered list of tables, line by line, and its periods."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from domain.reference.factor_mapping import FactorMapping, Measure
from domain.reference.release_tables import CrossBoroughTable, ReleaseTable, ReleaseTables
from domain.reference.releases import Counts, Per
from projections.measures import WHOLE, Line
from services.periods import window_named
from services.releases.figures import PeriodKind
from services.releases.relations import Counting, Family, quarters_of
from services.theming.asked import Figure, figures_of

APRIL = 4
MONTHS_IN_QUARTER = 3
YEARS: Final[tuple[PeriodKind, ...]] = ("year-to-march",)
KINDS: Final[tuple[PeriodKind, ...]] = ("year-to-march", "quarter")
PER_THOUSAND: Final = 1000
PER_HUNDRED: Final = 100
ANY_THEME: Final = "any"
IN_BOTH: Final = "known-to-both"
LINKABLE: Final = "linkable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One figure of one table, with what it is a share of, if it is one.

    A figure of `pairs` stands for two boroughs. `figure` is what live pages call it: by that it is
    told of, from some month on to another, by events or by reports.
    """

    table: str
    theme: str | None
    measure: str
    breakdown: str
    counted: Counting
    figure: Figure
    of: Counting | None = None
    per: Per | None = None
    factors: tuple[str, ...] = ()
    kinds: tuple[PeriodKind, ...] = KINDS
    pairs: bool = False

    @property
    def key(self) -> str:
        """Give the name that no other figure of a plan has."""
        return f"{self.table} {self.measure} {self.breakdown} {self.counts}"

    @property
    def counts(self) -> Counts:
        """Say what is counted, in a word."""
        return "reported" if self.counted.what == "reported" else self.counted.unit

    def countings(self) -> tuple[Counting, ...]:
        """Give what is counted, and what it is a share of where it is one."""
        return (self.counted,) if self.of is None else (self.counted, self.of)


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
                    for figure in figures_of(measure):
                        yield from _planned(table, figure)
        for cross in self.tables.cross_borough:
            yield from self._across(cross)

    def _across(self, table: CrossBoroughTable) -> Iterator[Planned]:
        """Give pairs of boroughs by theme, and what share of each borough's children can link."""
        groups = {
            theme.code: frozenset().union(*map(_cells, theme.measures))
            for theme in self.mapping.themes
        }
        groups[ANY_THEME] = frozenset().union(*groups.values())
        for theme, cells in groups.items():
            if not table.themes or theme in {*table.themes, ANY_THEME}:
                yield Planned(
                    table=table.code, theme=None, measure=IN_BOTH, breakdown=theme,
                    counted=Counting("children", cells, what="both"),
                    of=Counting("children", cells, what="either"),
                    per=PER_HUNDRED, kinds=YEARS, pairs=True, figure=_crossing(theme, cells),
                )  # fmt: skip
        yield Planned(
            table=table.code, theme=None, measure=LINKABLE, breakdown=WHOLE,
            counted=Counting("children", frozenset(), what="linkable"),
            of=Counting("children", frozenset(), what="met"),
            per=PER_HUNDRED, kinds=YEARS, figure=_crossing(ANY_THEME, groups[ANY_THEME]),
        )  # fmt: skip

    def families(self) -> list[Family]:
        """Give the parts by which each measure is shown, beside their whole."""
        found = []
        figures = self.figures()
        for planned in figures:
            whole = planned.counted
            if planned.breakdown == WHOLE:
                parts = [
                    other.counted.name()
                    for other in figures
                    if (other.table, other.measure) == (planned.table, planned.measure)
                    and other.breakdown != WHOLE
                    and other.counted.kind() == whole.kind()
                ]
                if parts:
                    found.append((whole.name(), tuple(dict.fromkeys(parts))))
        return found

    def shares(self) -> list[tuple[str, str]]:
        """Give each figure with what it is a share of, by the names of what they count."""
        return [
            (planned.counted.name(), planned.of.name())
            for planned in self.figures()
            if planned.of is not None
        ]

    def periods(self, kinds: Sequence[PeriodKind] = KINDS) -> tuple[tuple[PeriodKind, str], ...]:
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
        every: tuple[tuple[PeriodKind, str], ...] = (
            *(("year-to-march", year) for year in years),
            *(("quarter", quarter) for quarter in quarters),
        )
        return tuple(one for one in every if one[0] in kinds)

    def periods_of(self, table: str) -> tuple[tuple[PeriodKind, str], ...]:
        """Give the periods of one table."""
        across = {one.code for one in self.tables.cross_borough}
        return self.periods(YEARS if table in across else KINDS)

    def days(self) -> tuple[datetime.date, datetime.date]:
        """Give the first and last day of all periods."""
        windows = [window_named(kind, period) for kind, period in self.periods()]
        return min(one.days()[0] for one in windows), max(one.days()[1] for one in windows)


def _cells(measure: Measure) -> frozenset[str]:
    """Give every cell that the lines of a measure count, as the cross-borough view has it."""
    found = (one.line.cells for one in figures_of(measure) if one.line is not None)
    return frozenset().union(*found)


def _crossing(theme: str, cells: frozenset[str]) -> Figure:
    """Give a theme's children as one figure: they are told of where any of its cells is."""
    measure = Measure(
        code=IN_BOTH, title="Children whom two boroughs know", could_be_fed_by="linkage tokens"
    )
    return Figure(measure, theme, "", Line(theme, "children", cells), None, None)


def _planned(table: ReleaseTable, figure: Figure) -> Iterator[Planned]:
    """Give a figure as events answer it, and as bodies report it where no event does.

    A reported share is left out: its two numbers are not always of the same report.
    """
    measure, line = figure.measure, figure.line
    if line is not None:
        yield _counted(table, figure, line)
    if figure.reported_as is not None and measure.unit != "share":
        yield Planned(
            table=table.code, theme=table.theme, measure=measure.code, breakdown=figure.breakdown,
            counted=Counting("events", frozenset({figure.reported_as}), what="reported"),
            figure=figure,
        )  # fmt: skip


def _counted(table: ReleaseTable, figure: Figure, line: Line) -> Planned:
    per: Per = PER_THOUSAND if figure.measure.unit == "per-1000-assessed" else PER_HUNDRED
    return Planned(
        table=table.code, theme=table.theme, measure=figure.measure.code,
        breakdown=line.breakdown, counted=Counting(line.unit, line.cells, line.way),
        of=Counting(line.unit, line.of) if line.of else None,
        per=per if line.of else None, factors=figure.measure.factors, figure=figure,
    )  # fmt: skip


def _after(quarter: str) -> datetime.date:
    start = datetime.date.fromisoformat(f"{quarter}-01")
    month = start.month - 1 + MONTHS_IN_QUARTER
    return datetime.date(start.year + month // 12, month % 12 + 1, 1)


def countings_of(figures: Sequence[Planned]) -> dict[str, Counting]:
    """Give all that is counted, by name."""
    return {one.name(): one for planned in figures for one in planned.countings()}
