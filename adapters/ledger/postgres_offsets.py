"""How far the queues that lead to a ledger are taken in, in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.postgres_statements import INSERT_OFFSET, MOVE_OFFSET, SELECT_OFFSET
from adapters.ledger.postgres_store import LedgerStore, unavailable
from services.intake_ports import Advance, OffsetMoved


class PostgresOffsets:
    """The `Offsets` port over one ledger's schema."""

    def __init__(self, store: LedgerStore) -> None:
        """Read nothing yet."""
        self._store = store

    def reached(self, queue: uuid.UUID) -> int:
        """Give the number of the first message that is not taken in."""
        with unavailable(), self._store.reading() as cursor:
            row = cursor.execute(SELECT_OFFSET, (queue,)).fetchone()
        return 0 if row is None else int(row[0])

    def advance(self, moved: Advance) -> None:
        """Move on without an append."""
        with unavailable(), self._store.writing() as cursor:
            _advance(cursor, moved)


def advance_all(cursor: Cursor[TupleRow], moves: Sequence[Advance]) -> None:
    """Move on for what is appended, in its transaction; raises OffsetMoved."""
    for one in moves:
        _advance(cursor, one)


def _advance(cursor: Cursor[TupleRow], moved: Advance) -> None:
    cursor.execute(MOVE_OFFSET, (moved.after, moved.queue, moved.before))
    if not cursor.rowcount and not moved.before:
        # A queue that nothing was taken of yet; of two that begin it one alone does.
        cursor.execute(INSERT_OFFSET, (moved.queue, moved.after))
    if not cursor.rowcount:
        raise OffsetMoved(moved.queue)
