"""The same rate elsewhere, out of every registered table that has it: England, London, neighbours.

A table can be compared with when it counts a published column and, beside it, the episodes that the
column is of, by year to 31 March and area. Nothing here knows which tables there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping
from domain.reference.reference_figures import ReferenceFigures
from projections.measures import ASSESSED
from services.theming.asked import Figure
from services.theming.populations import KEY_COLUMNS
from services.theming.rates import rate

PER = 1000


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
        self._rows = {
            f"{table.title} ({table.reference()})": tuple(_rows(table, own))
            for table in tables
            if table.key_columns == KEY_COLUMNS
            and table.label_columns
            and mapping.episodes_column in table.columns
        }

    def of(self, figure: Figure, year: int | None) -> tuple[Comparator, ...]:
        """Give the areas beside a figure in a year to 31 March; none for any other period."""
        column = self._column(figure)
        if column is None or year is None:
            return ()
        return tuple(self._rates(column, year))

    def _column(self, figure: Figure) -> str | None:
        """Give the one published column that counts what a figure counts, per episodes assessed."""
        if figure.line is None or figure.line.of != ASSESSED:
            return None
        codes = figure.measure.factors
        columns = {factor.column for code in codes if (factor := self._mapping.factor(code))}
        column = columns.pop() if len(columns) == 1 else None
        same = column and set(self._mapping.codes_of_column(column)) == set(codes)
        return column if same else None

    def _rates(self, column: str, year: int) -> Iterator[Comparator]:
        for source, rows in self._rows.items():
            for row in rows:
                found, of = row.get(column, ""), row[self._mapping.episodes_column]
                if row["year"] == str(year) and found.isdigit() and of.isdigit():
                    per = rate(int(found), int(of), PER)
                    if per is not None:
                        yield Comparator(row[""], year, per, source)


def _rows(table: ReferenceFigures, own: Collection[str]) -> Iterator[Mapping[str, str]]:
    """Give each row of other areas by column; under an empty name, what the area is called."""
    for cells in table.rows:
        row = dict(zip(table.columns, cells, strict=True))
        if row["gss_code"] not in own:
            yield {**row, "": row[table.label_columns[0]]}
