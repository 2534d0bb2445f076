"""The checkpoints of a ledger in PostgreSQL: added to, and never changed."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.postgres_rows import LARGEST, read_head
from adapters.ledger.postgres_statements import (
    INSERT_CHECKPOINT,
    INSERT_COSIGNATURE,
    INSERT_PUBLISHED,
    SELECT_COSIGNATURES,
    SELECT_COVERING,
    SELECT_KEPT,
    SELECT_KEPT_OF,
    SELECT_LATEST_KEPT,
    SELECT_LATEST_PUBLISHED,
    SELECT_PUBLISHED,
)
from adapters.ledger.postgres_store import LedgerStore, unavailable
from domain.errors import NotFound, RootDiffers
from services.log_ports import Cosignature, KeptCheckpoint, PublishedCheckpoint


class PostgresBook:
    """Every checkpoint of one ledger."""

    def __init__(self, store: LedgerStore) -> None:
        """Read nothing yet."""
        self._store = store

    def keep(self, size: int, root: bytes, note: bytes, *, now_ms: int) -> KeptCheckpoint:
        """Keep a signed checkpoint; gives the one that stands for its size."""
        with unavailable(), self._store.writing() as cursor:
            if not 0 < size <= read_head(cursor)[0].size:
                raise NotFound("size of this log")
            cursor.execute(INSERT_CHECKPOINT, (size, root, note, now_ms))
            standing = _kept(cursor, size)
            if standing.root != root:
                raise RootDiffers(size)
        return standing

    def cosign(self, size: int, lines: Sequence[bytes], *, now_ms: int) -> None:
        """Keep lines of witnesses, each once; raises NotFound when that size is not kept."""
        with unavailable(), self._store.writing() as cursor:
            _kept(cursor, size)
            cursor.executemany(INSERT_COSIGNATURE, [(size, line, now_ms) for line in lines])

    def publish(self, size: int, note: bytes, *, now_ms: int) -> None:
        """Keep what is handed out from now on; raises NotFound when that size is not kept."""
        with unavailable(), self._store.writing() as cursor:
            _kept(cursor, size)
            cursor.execute(INSERT_PUBLISHED, (size, note, now_ms))

    def kept(self, start: int, limit: int) -> list[KeptCheckpoint]:
        """Give up to `limit` checkpoints of `start` entries or more, in order of size."""
        rows = self._rows(SELECT_KEPT, start, max(limit, 0))
        return [KeptCheckpoint(*row) for row in rows]

    def latest_kept(self) -> KeptCheckpoint | None:
        """Give the largest."""
        return next((KeptCheckpoint(*row) for row in self._rows(SELECT_LATEST_KEPT)), None)

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Give the lines for a size, in the order in which they came."""
        return [Cosignature(*row) for row in self._rows(SELECT_COSIGNATURES, size)]

    def published(self, size: int) -> list[PublishedCheckpoint]:
        """Give what was handed out of one size, in the order in which it was."""
        return [PublishedCheckpoint(*row) for row in self._rows(SELECT_PUBLISHED, size)]

    def latest_published(self) -> PublishedCheckpoint | None:
        """Give the largest, as it was handed out last."""
        rows = self._rows(SELECT_LATEST_PUBLISHED)
        return next((PublishedCheckpoint(*row) for row in rows), None)

    def published_covering(self, position: int) -> PublishedCheckpoint | None:
        """Give the smallest that has a position in it, as it was handed out first."""
        rows = self._rows(SELECT_COVERING, position)
        return next((PublishedCheckpoint(*row) for row in rows), None)

    def _rows(self, statement: str, *values: int) -> list[TupleRow]:
        with unavailable(), self._store.reading() as cursor:
            cursor.execute(statement, [min(value, LARGEST) for value in values])
            return cursor.fetchall()


def _kept(cursor: Cursor[TupleRow], size: int) -> KeptCheckpoint:
    cursor.execute(SELECT_KEPT_OF, (min(size, LARGEST),))
    row = cursor.fetchone()
    if row is None:
        raise NotFound("checkpoint")
    return KeptCheckpoint(*row)
