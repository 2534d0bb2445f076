"""Published figures that ours are set beside: populations, comparators, the Department's counts.

Values stay as they were published, in text: a suppressed cell is no number, and `30` is not `30.0`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.errors import Fault
from domain.reference.dated import Document, Prose, Title, Year, doubled, fault, unknown
from domain.values import Strict

Column = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,62}$")]
Cell = Annotated[str, StringConstraints(max_length=200)]
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


class Symbol(Strict):
    """What a letter means that stands in place of a number; a table explains those it uses."""

    meaning: Prose
    sign: Literal["c", "k", "u", "x", "z"]


class ReferenceFigures(Document):
    """One published table: the key columns first, then figures."""

    columns: Annotated[tuple[Column, ...], Field(min_length=2)]
    key_columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns that find a row, in order; `year` and `gss_code` in ours."""
    kind: Literal["reference-figures"]
    label_columns: tuple[Column, ...] = ()
    """Columns that only name what the key says, for people."""
    latest_year: Year
    """The newest year that the table speaks of."""
    licence: Title
    rounding: Prose
    rows: tuple[tuple[Cell, ...], ...]
    smallest_population: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Of a table of populations: areas with fewer people are not shown apart."""
    symbols: tuple[Symbol, ...] = ()
    title: Title

    def figure_columns(self) -> tuple[Column, ...]:
        """Give the columns that hold figures."""
        words = (*self.key_columns, *self.label_columns)
        return tuple(column for column in self.columns if column not in words)

    def row(self, *key: str) -> dict[Column, Cell] | None:
        """Give a row by the values of its key columns, in their order."""
        at = self._places()
        for cells in self.rows:
            if self._key(cells, at) == key:
                return dict(zip(self.columns, cells, strict=True))
        return None

    def value(self, *key: str, column: str) -> Cell | None:
        """Give a value as it was published; None where the table does not have it."""
        row = self.row(*key)
        return None if row is None else row.get(column)

    def count(self, *key: str, column: str) -> int | None:
        """Give a whole number; None where the table has none, or has a symbol in its place."""
        value = self.value(*key, column=column)
        return int(value) if value is not None and value.isascii() and value.isdigit() else None

    def rules(self) -> Iterator[Fault]:
        """Give what does not hold together between columns, rows and symbols."""
        yield from super().rules()
        yield from doubled(self.columns, "columns.{}")
        yield from unknown(self.key_columns, self.columns, place="key_columns.{}")
        yield from unknown(self.label_columns, self.columns, place="label_columns.{}")
        if set(self.key_columns) <= set(self.columns):
            yield from self._row_rules()

    def _row_rules(self) -> Iterator[Fault]:
        at = self._places()
        figures = [self.columns.index(column) for column in self.figure_columns()]
        signs = {symbol.sign for symbol in self.symbols}
        met: set[tuple[Cell, ...]] = set()
        for index, cells in enumerate(self.rows):
            if len(cells) != len(self.columns):
                yield fault(f"rows.{index}", "another-width")
                continue
            key = self._key(cells, at)
            if key in met:
                yield fault(f"rows.{index}", "doubled")
            met.add(key)
            for place in figures:
                if cells[place] not in signs and not _NUMBER.fullmatch(cells[place]):
                    yield fault(f"rows.{index}.{place}", "not-a-figure")

    def _places(self) -> tuple[int, ...]:
        return tuple(self.columns.index(column) for column in self.key_columns)

    @staticmethod
    def _key(cells: Sequence[Cell], places: Sequence[int]) -> tuple[Cell, ...]:
        return tuple(cells[place] for place in places)
