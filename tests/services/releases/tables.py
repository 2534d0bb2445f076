"""Small invented tables of figures, as counts of children and events would make them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from services.releases.figures import Figures, Place
from services.releases.relations import Counting, quarters_of, relations
from tests.services.releases.attacker import HIDDEN, Attacker, Key

YEAR = "2023"
QUARTERS = quarters_of(YEAR)
WHOLE = "offence"
PARTS = ("offence:threat", "offence:use", "offence:possession")

Rows = dict[tuple[str, str], str]
"""Published cells by what is counted and period, as text."""

_COUNT = st.one_of(st.integers(0, 7), st.integers(0, 40))
_QUARTERS = st.tuples(_COUNT, _COUNT, _COUNT, _COUNT)


@dataclass(frozen=True)
class Table:
    """Quarters of each part, and what of the whole is in no part; `twice` came in two quarters."""

    parts: Mapping[str, tuple[int, ...]]
    other: tuple[int, ...]
    unit: str
    twice: int

    def values(self) -> dict[tuple[str, str], int]:
        """Give every figure by cell and period."""
        whole = tuple(map(sum, zip(self.other, *self.parts.values(), strict=True)))
        found: dict[tuple[str, str], int] = {}
        for cell, counts in (*self.parts.items(), (WHOLE, whole)):
            found |= {(cell, quarter): n for quarter, n in zip(QUARTERS, counts, strict=True)}
            twice = 0 if self.unit == "events" else min(self.twice, sum(counts) - max(counts))
            found[cell, YEAR] = sum(counts) - twice
        # A part of the year has no more children than the whole, whoever came twice.
        found[WHOLE, YEAR] = max(found[one, YEAR] for one in (*self.parts, WHOLE))
        return found


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Make tables of one to three parts, with events, or with children who may come twice."""
    parts = {part: draw(_QUARTERS) for part in PARTS[: draw(st.integers(1, 3))]}
    other = draw(st.one_of(st.just((0, 0, 0, 0)), _QUARTERS))
    unit = draw(st.sampled_from(["events", "children"]))
    return Table(parts, other, unit, draw(st.integers(0, 2)))


def counting(table: Table, cell: str) -> Counting:
    """Give what a line of the table counts."""
    return Counting("children" if table.unit == "children" else "events", frozenset({cell}))


def place(table: Table, cell: str, period: str) -> Place:
    """Give where a figure of the table stands."""
    counted = counting(table, cell).name()
    if period == YEAR:
        return Place(counted, "havering", "year-to-march", period)
    return Place(counted, "havering", "quarter", period)


def figures(table: Table, known: Collection[str] = ()) -> Figures:
    """Give the table as a release has it; the years of `known` cells are published by others."""
    values = {place(table, *key): value for key, value in table.values().items()}
    cells = [*table.parts, WHOLE]
    counted = {counting(table, cell).name(): counting(table, cell) for cell in cells}
    parts = tuple(counting(table, cell).name() for cell in table.parts)
    family = (counting(table, WHOLE).name(), parts)
    return Figures(
        values,
        frozenset(values),
        relations(counted, [family], values),
        frozenset(place(table, cell, YEAR) for cell in known),
    )


def published(table: Table, hidden: Collection[Place]) -> Rows:
    """Give the rows that everybody may read."""
    return {
        key: HIDDEN if place(table, *key) in hidden else str(value)
        for key, value in table.values().items()
    }


def reason(attacker: Attacker, table: Table, name: Callable[[str, str], Key]) -> None:
    """Let the attacker know all that holds in such a table, and what happens to add up in it."""
    values = table.values()
    for cell in (*table.parts, WHOLE):
        quarters, year = [name(cell, quarter) for quarter in QUARTERS], name(cell, YEAR)
        for quarter in quarters:
            attacker.at_most(quarter, year)
        attacker.no_more_than_all(year, quarters)
        if sum(values[cell, quarter] for quarter in QUARTERS) == values[cell, YEAR]:
            attacker.adds_up(quarters, year)
    for period in (*QUARTERS, YEAR):
        parts = [name(cell, period) for cell in table.parts]
        for part in parts:
            attacker.at_most(part, name(WHOLE, period))
        if sum(values[cell, period] for cell in table.parts) == values[WHOLE, period]:
            attacker.adds_up(parts, name(WHOLE, period))
