"""Registered populations: the table that a figure is given per 10,000 of, at the right middle year.

A mid-year estimate is of 30 June: the latest one up to a period's last day is used, or where the
table ends before it, its last. Which one it was is said beside the figure.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from domain.reference.reference_figures import ReferenceFigures

PER: Final = 10_000
_MID_YEAR: Final = (6, 30)
KEY_COLUMNS: Final = ("year", "gss_code")


@dataclass(frozen=True, slots=True)
class Population:
    """How many people, and by which table and year."""

    people: int
    source: str


class Populations:
    """Looks populations up in registered tables, each once."""

    def __init__(self, tables: Iterable[ReferenceFigures]) -> None:
        """Look in these."""
        self._tables = {table.name: table for table in tables}
        self._met: dict[tuple[str, str, int], Population | None] = {}

    def at(self, table: str, gss_code: str | None, day: datetime.date) -> Population | None:
        """Give an area's population for a period that ends on a day; None where none is known."""
        if gss_code is None or table not in self._tables:
            return None
        year = day.year if (day.month, day.day) >= _MID_YEAR else day.year - 1
        place = (table, gss_code, year)
        if place not in self._met:
            self._met[place] = _latest(self._tables[table], gss_code, year)
        return self._met[place]


def _latest(table: ReferenceFigures, gss_code: str, year: int) -> Population | None:
    """Give the latest row up to a year; a year more than the table has is its last."""
    if table.key_columns != KEY_COLUMNS:
        return None
    (column, *_) = table.figure_columns()
    earliest = min((int(cells[table.columns.index("year")]) for cells in table.rows), default=year)
    for one in range(min(year, table.latest_year), earliest - 1, -1):
        people = table.count(str(one), gss_code, column=column)
        if people is not None:
            return Population(people, f"{table.title}: {one} ({table.reference()})")
    return None
