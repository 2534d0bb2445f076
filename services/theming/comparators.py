"""The same rate elsewhere, out of every registered table that has it: England, London, neighbours.

A table can be compared with when it counts a published column and, beside it, the episodes that the
column is of, by year to 31 March and area. A figure stands beside each area's latest year that had
ended by the figure's own last day. Nothing here knows which tables there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping
from domain.reference.reference_figures import ReferenceFigures
from projections.measures import ASSESSED
from services.periods import Window
from services.theming.asked import Figure
from services.theming.populations import KEY_COLUMNS
from services.theming.rates import rate

PER = 1000
NO_TABLE = "no registered table counts it elsewhere"
NO_CUT = "no registered table of other areas is cut by an attribute"
NO_YEAR = "no registered table has a figure of other areas for a year that had ended by then"


@dataclass(frozen=True, slots=True)
class Comparator:
    """An area's rate in one year to 31 March, as text, and the table that it is from."""

    area: str
    year: int
    rate: str
    source: str


class Comparators:
    """Registered tables, as far as areas other than the partners' own are in them."""

    def __init__(
        self, tables: Iterable[ReferenceFigures], mapping: FactorMapping, own: Collection[str]
    ) -> None:
        """Compare by these tables, but not with the areas that are `own`, by GSS code."""
        self._mapping = mapping
        self._episodes = mapping.episodes_column
        self._met: dict[tuple[str, int], tuple[Comparator, ...]] = {}
        self._rows = {
            f"{table.title} ({table.reference()})": tuple(_rows(table, own))
            for table in tables
            if table.key_columns == KEY_COLUMNS
            and table.label_columns
            and self._episodes in table.columns
        }

    def of(self, figure: Figure, window: Window) -> tuple[Comparator, ...]:
        """Give each area beside a figure, by its latest year that ended within or before."""
        column = self._column(figure)
        if column is None:
            return ()
        year = window.last_march()
        if (column, year) not in self._met:
            self._met[column, year] = tuple(self._rates(column, year).values())
        return self._met[column, year]

    def why_none(self, figures: Sequence[Figure], window: Window, *, cut: bool) -> str | None:
        """Say why nothing stands beside any of these in a period; None where something does."""
        if all(self._column(one) is None for one in figures):
            return NO_TABLE
        if cut:
            return NO_CUT
        return None if any(self.of(one, window) for one in figures) else NO_YEAR

    def _column(self, figure: Figure) -> str | None:
        """Give the one published column that counts what a figure counts, per episodes assessed."""
        if figure.line is None or figure.line.of != ASSESSED:
            return None
        codes = figure.measure.factors
        columns = {factor.column for code in codes if (factor := self._mapping.factor(code))}
        column = columns.pop() if len(columns) == 1 else None
        same = column and set(self._mapping.codes_of_column(column)) == set(codes)
        return column if same else None

    def _rates(self, column: str, last: int) -> dict[tuple[str, str], Comparator]:
        """Give the latest rate of each area and table that there is up to a year."""
        found: dict[tuple[str, str], Comparator] = {}
        for source, rows in self._rows.items():
            for row in rows:
                count, of, year = row.get(column, ""), row[self._episodes], int(row["year"])
                held = found.get((source, row[""]))
                if year > last or (held and held.year > year):
                    continue
                per = rate(int(count), int(of), PER) if count.isdigit() and of.isdigit() else None
                if per is not None:
                    found[source, row[""]] = Comparator(row[""], year, per, source)
        return found


def _rows(table: ReferenceFigures, own: Collection[str]) -> Iterator[Mapping[str, str]]:
    """Give each row of other areas by column; under an empty name, what the area is called."""
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        if row["gss_code"] not in own:
            yield {**row, "": row[table.label_columns[0]]}
