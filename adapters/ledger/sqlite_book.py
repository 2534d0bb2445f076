"""The checkpoints of a ledger in its SQLite file: added to, and never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite_statements import (
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
from adapters.ledger.sqlite_store import LedgerDatastore, unavailable
from adapters.ledger.sqlite_tree import read_head
from domain.errors import NotFound, RootDiffers
from services.log_ports import Cosignature, KeptCheckpoint, PublishedCheckpoint

_LARGEST = (1 << 63) - 1
CHECKPOINT = "checkpoint"


class SqliteBook:
    """Every checkpoint of one ledger."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        """Read nothing yet."""
        self._datastore = datastore

    def keep(self, size: int, root: bytes, note: bytes, *, now_ms: int) -> KeptCheckpoint:
        """Keep a signed checkpoint; gives the one that stands for its size."""
        with unavailable(), self._datastore.transaction(commit=True) as cursor:
            standing = _kept(cursor, size)
            if standing is not None and standing.root != root:
                raise RootDiffers(size)
            if standing is not None:
                return standing
            if not 0 < size <= read_head(cursor)[0].size:
                raise NotFound("size of this log")
            cursor.execute(INSERT_CHECKPOINT, (size, root, note, now_ms))
        return KeptCheckpoint(size, root, note, now_ms)

    def cosign(self, size: int, lines: Sequence[bytes], *, now_ms: int) -> None:
        """Keep lines of witnesses, each once; raises NotFound when that size is not kept."""
        with unavailable(), self._datastore.transaction(commit=True) as cursor:
            _refuse_unless_kept(cursor, size)
            cursor.execute(SELECT_COSIGNATURES, (size,))
            standing = {row[1] for row in cursor.fetchall()}
            new = [line for line in dict.fromkeys(lines) if line not in standing]
            cursor.executemany(INSERT_COSIGNATURE, [(size, line, now_ms) for line in new])

    def publish(self, size: int, note: bytes, *, now_ms: int) -> None:
        """Keep what is handed out from now on; raises NotFound when that size is not kept."""
        with unavailable(), self._datastore.transaction(commit=True) as cursor:
            _refuse_unless_kept(cursor, size)
            cursor.execute(INSERT_PUBLISHED, (size, note, now_ms))

    def kept(self, start: int, limit: int) -> list[KeptCheckpoint]:
        """Give up to `limit` checkpoints of `start` entries or more, in order of size."""
        rows = self._rows(SELECT_KEPT, min(start, _LARGEST), max(limit, 0))
        return [KeptCheckpoint(*row) for row in rows]

    def latest_kept(self) -> KeptCheckpoint | None:
        """Give the largest."""
        return next((KeptCheckpoint(*row) for row in self._rows(SELECT_LATEST_KEPT)), None)

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Give the lines for a size, in the order in which they came."""
        rows = self._rows(SELECT_COSIGNATURES, min(size, _LARGEST))
        return [Cosignature(*row) for row in rows]

    def published(self, size: int) -> list[PublishedCheckpoint]:
        """Give what was handed out of one size, in the order in which it was."""
        rows = self._rows(SELECT_PUBLISHED, min(size, _LARGEST))
        return [PublishedCheckpoint(*row) for row in rows]

    def latest_published(self) -> PublishedCheckpoint | None:
        """Give the largest, as it was handed out last."""
        rows = self._rows(SELECT_LATEST_PUBLISHED)
        return next((PublishedCheckpoint(*row) for row in rows), None)

    def published_covering(self, position: int) -> PublishedCheckpoint | None:
        """Give the smallest that has a position in it, as it was handed out first."""
        rows = self._rows(SELECT_COVERING, min(position, _LARGEST))
        return next((PublishedCheckpoint(*row) for row in rows), None)

    def _rows(self, statement: str, *values: int) -> list[sqlite3.Row]:
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


def _kept(cursor: SQLiteCursor, size: int) -> KeptCheckpoint | None:
    cursor.execute(SELECT_KEPT_OF, (min(size, _LARGEST),))
    row: sqlite3.Row | None = cursor.fetchone()
    return None if row is None else KeptCheckpoint(*row)


def _refuse_unless_kept(cursor: SQLiteCursor, size: int) -> None:
    if _kept(cursor, size) is None:
        raise NotFound(CHECKPOINT)
