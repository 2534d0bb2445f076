"""The count of a source, in the borough's SQLite store."""

from __future__ import annotations

import sqlite3


class SqliteNumbers:
    """The `NumberTable` port, for one source."""

    def __init__(self, connection: sqlite3.Connection, source: int) -> None:
        """Use an open file."""
        self._connection = connection
        self._source = source

    def next(self) -> int:
        """Give the number that would be taken next."""
        row: tuple[int] = self._connection.execute(
            "SELECT next_sequence FROM source WHERE number = ?", (self._source,)
        ).fetchone()
        return row[0]

    def begin_anew(self, after: int) -> None:
        """Count on behind a number, as another store."""
        self._connection.execute(
            "UPDATE source SET next_sequence = ? WHERE number = ?", (after + 1, self._source)
        )
        self._connection.execute("UPDATE life SET store = randomblob(16), changes = changes + 1")
