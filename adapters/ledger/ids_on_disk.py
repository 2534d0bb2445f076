"""The ids of a long ledger in a file that nobody else sees, and that is gone when it is closed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from domain.errors import Unavailable
from services.audit.verifying.doubles import Placed

_DOUBLED = """WITH doubled AS
    (SELECT id, min(position) AS first FROM seen GROUP BY id HAVING count(*) > 1)
    SELECT position FROM seen JOIN doubled USING (id) WHERE position > first
    ORDER BY position LIMIT ?"""


class IdsOnDisk:
    """Rows that SQLite keeps and sorts in temporary files (`services.audit.verifying.Ids`)."""

    def __init__(self) -> None:
        """Begin with none; raises Unavailable, as everything here does, where there is no room."""
        with _working():
            self._connection = sqlite3.connect("", isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = OFF")
            self._connection.execute("CREATE TABLE seen (id BLOB, position INTEGER)")

    def add(self, placed: Iterable[Placed]) -> None:
        """Take in some."""
        with _working():
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT INTO seen VALUES (?, ?)", placed)
            self._connection.execute("COMMIT")

    def doubled(self, most: int) -> Iterator[int]:
        """Give the positions whose id stands at an earlier one too, at most so many."""
        with _working():
            rows = self._connection.execute(_DOUBLED, (most,)).fetchall()
        return (position for (position,) in rows)

    def close(self) -> None:
        """Close the file, which then is no more."""
        self._connection.close()


@contextmanager
def _working() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error:
        raise Unavailable("room for a temporary file") from None
