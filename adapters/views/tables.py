"""The tables of one ledger's views, inside one transaction, whatever database they are in.

Statements are written once, in the words of SQLite that PostgreSQL has too, and whoever runs them
says in its own way: marks of parameters, `IN (SELECT value FROM json_each(…))` for one of a list of
numbers, and `CROSS JOIN … ON`, which SQLite takes as the order in which to read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeAlias

from psycopg.rows import TupleRow

Row: TypeAlias = TupleRow
Values: TypeAlias = Sequence[object] | Mapping[str, object]
"""By place for `?`, by name for `:name`."""


class Found(Protocol):
    """Rows that a statement gave."""

    def fetchone(self) -> Row | None:
        """Give the next row, or None."""
        ...

    def fetchall(self) -> list[Row]:
        """Give all that are left."""
        ...

    def __iter__(self) -> Iterator[Row]:
        """Give one after another."""
        ...


class Tables(Protocol):
    """What a transaction can do with the tables."""

    def execute(self, statement: str, values: Values = (), /) -> Found:
        """Run one statement."""
        ...

    def each(self, statement: str, values: Iterable[Sequence[object]], /) -> None:
        """Run one statement for each of these."""
        ...

    def add(self, table: str, rows: Iterable[Sequence[object]], /) -> None:
        """Add rows that are not there yet, with all of a table's columns in order."""
        ...

    def walk(self, statement: str, values: Values = (), /) -> Iterator[Row]:
        """Give rows of which there may be too many to hold at once."""
        ...

    def lay_out(self, name: str, columns: str, /) -> None:
        """Make an empty table of this question alone, in place of the last question's."""
        ...

    def lasting(self) -> None:
        """Have nobody see what this transaction writes who could outlive it.

        Else a server that crashes may lose its last commits, and processes remember what they read.
        """
        ...


class Door(Protocol):
    """One way to the tables, for one transaction at a time. Raises Unavailable."""

    def reading(self) -> AbstractContextManager[Tables]:
        """See everything as of one moment."""
        ...

    def writing(
        self, *, forgets: bool = False, patient: bool = True
    ) -> AbstractContextManager[Tables]:
        """Write all or nothing; where it forgets, nothing that was deleted can be read after.

        Who is not `patient` waits for nobody else that writes.
        """
        ...
