"""The factors view held beside the published table: every cell, and why some are not compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from adapters.returns.published_figures import Authority, PublishedTable


@dataclass(frozen=True, slots=True)
class ComparedCell:
    """One cell: what the hub counts, what was published, or the mark that stands in its place."""

    authority: str
    column: str
    hub: int
    published: int | None
    mark: str

    @property
    def difference(self) -> int | None:
        """Give hub less published; None where nothing was published to compare with."""
        return None if self.published is None else self.hub - self.published


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every published cell of one year."""

    year: int
    cells: tuple[ComparedCell, ...]

    def differing(self) -> tuple[ComparedCell, ...]:
        """Give the cells that were published as numbers and are not what the hub counts."""
        return tuple(cell for cell in self.cells if cell.difference)

    def compared(self) -> int:
        """Count the cells that were published as numbers."""
        return sum(1 for cell in self.cells if cell.published is not None)

    def hidden(self) -> tuple[ComparedCell, ...]:
        """Give the cells that were published as a mark: suppressed, or not available."""
        return tuple(cell for cell in self.cells if cell.published is None)


def compare(
    table: PublishedTable,
    year: int,
    authorities: Iterable[Authority],
    episodes: Mapping[tuple[str, str], int],
) -> Comparison:
    """Compare; `episodes` gives the hub's count by ledger and column, none being zero.

    An authority without figures for the year is left out.
    """
    cells = []
    codes = {one.code for one in table.authorities(year)}
    for authority in authorities:
        if authority.code not in codes:
            continue
        for column in table.columns(year):
            published = table.cell(year, authority.code, column=column)
            found = episodes.get((authority.slug, column), 0)
            cells.append(
                ComparedCell(authority.name, column, found, published.value, published.mark)
            )
    return Comparison(year, tuple(cells))
