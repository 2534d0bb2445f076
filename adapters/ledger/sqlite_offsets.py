"""How far the queues that lead to a ledger are taken in, in its SQLite file."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Sequence

from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite_statements import INSERT_OFFSET, MOVE_OFFSET, SELECT_OFFSET
from adapters.ledger.sqlite_store import LedgerDatastore, unavailable
from services.intake_ports import Advance, OffsetMoved


class SqliteOffsets:
    """The `Offsets` port over one ledger's file."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        """Read nothing yet."""
        self._datastore = datastore

    def reached(self, queue: uuid.UUID) -> int:
        """Give the number of the first message that is not taken in."""
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            return _reached(cursor, queue) or 0

    def advance(self, moved: Advance) -> None:
        """Move on without an append."""
        with unavailable(), self._datastore.transaction(commit=True) as cursor:
            _advance(cursor, moved)


def advance_all(cursor: SQLiteCursor, moves: Sequence[Advance]) -> None:
    """Move on for what is appended, in its transaction; raises OffsetMoved."""
    for one in moves:
        _advance(cursor, one)


def _advance(cursor: SQLiteCursor, moved: Advance) -> None:
    standing = _reached(cursor, moved.queue)
    if (standing or 0) != moved.before:
        raise OffsetMoved(moved.queue)
    queue = moved.queue.bytes
    if standing is None:
        cursor.execute(INSERT_OFFSET, (queue, moved.after))
    else:
        cursor.execute(MOVE_OFFSET, (moved.after, queue, moved.before))


def _reached(cursor: SQLiteCursor, queue: uuid.UUID) -> int | None:
    cursor.execute(SELECT_OFFSET, (queue.bytes,))
    row: sqlite3.Row | None = cursor.fetchone()
    return None if row is None else int(row[0])
