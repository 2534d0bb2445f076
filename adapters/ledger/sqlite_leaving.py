"""A ledger's file, read row by row for a move: the hub is stopped, and nothing in it changes."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.ledger.moved import TABLES, Identity, MovedRecord, MovedRow
from domain.errors import HomeNotReady
from services.ports import Head

AT_ONCE = 5_000
_IDENTITY = """SELECT name, origin, size, recorded_ms, fences, root FROM ledger, head"""
_RECORDS = """SELECT rowid, originator_id, originator_version, topic, event_id, statement, state
    FROM record WHERE rowid > ? ORDER BY rowid LIMIT ?"""


class LeavingFile:
    """One ledger's file, open for a move."""

    def __init__(self, path: Path) -> None:
        """Open the file; raises HomeNotReady for one that is no ledger's."""
        with _reading(path):
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
            )
            self._path = path
            name, origin, size, recorded_ms, fences, root = self._connection.execute(
                _IDENTITY
            ).fetchone()
        self.identity = Identity(name, origin, Head(size, recorded_ms, fences), root)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def records(self) -> Iterator[list[MovedRecord]]:
        """Give its records in order, some thousand at a time."""
        last = 0
        while rows := self._records_after(last):
            yield rows
            last = rows[-1][0]

    def rows(self, table: str) -> Iterator[MovedRow]:
        """Give the rows of one of the other tables, in order."""
        columns = TABLES[table]
        listed = ", ".join(columns)
        statement = f"SELECT {listed} FROM {table} ORDER BY 1, 2"  # noqa: S608 - our own tables
        with _reading(self._path):
            for row in self._connection.execute(statement):
                yield tuple(
                    uuid.UUID(bytes=value) if column in {"id", "queue"} else value
                    for column, value in zip(columns, row, strict=True)
                )

    def _records_after(self, last: int) -> list[MovedRecord]:
        with _reading(self._path):
            return [
                (at, uuid.UUID(hex=stream), version, topic, uuid.UUID(bytes=event), said, state)
                for at, stream, version, topic, event, said, state in self._connection.execute(
                    _RECORDS, (last, AT_ONCE)
                )
            ]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, TypeError, ValueError):
        raise HomeNotReady(f"the file at {path} cannot be read as a ledger") from None
