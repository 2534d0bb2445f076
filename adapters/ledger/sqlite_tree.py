"""The tree of a ledger in its SQLite file: full tiles as rows, the edge made from the rest."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.edge import KeptEdge, partial_tile
from adapters.ledger.sqlite_statements import (
    INSERT_TILE,
    SELECT_HEAD,
    SELECT_LEAVES,
    SELECT_TILE,
    SELECT_TOPS,
)
from adapters.ledger.sqlite_store import LedgerDatastore, unavailable
from domain.errors import NotFound
from domain.record import leaf_bytes_of
from domain.tiles import HASH_BYTES, LEVEL_MAX, TILE_WIDTH
from domain.tree import Edge, leaf_hash, root_of
from services.ports import Head

_NUMBER_END = 1 << 56


def read_head(cursor: SQLiteCursor) -> tuple[Head, bytes]:
    """Give the head, and the root that it says there is."""
    cursor.execute(SELECT_HEAD)
    size, recorded_ms, fences, root = cursor.fetchone()
    return Head(size, recorded_ms, fences), root


class _Stored:
    """What stands of the tree, as one transaction sees it."""

    def __init__(self, cursor: SQLiteCursor) -> None:
        self._cursor = cursor

    def head(self) -> tuple[int, bytes]:
        head, root = read_head(self._cursor)
        return head.size, root

    def tops(self, level: int, start: int, end: int) -> list[bytes]:
        self._cursor.execute(SELECT_TOPS, (level, start, end))
        return [row[0] for row in self._cursor.fetchall()]

    def leaves(self, start: int, limit: int) -> Iterable[bytes]:
        self._cursor.execute(SELECT_LEAVES, (start, limit))
        return (leaf_bytes_of(row[0]) for row in self._cursor.fetchall())


class SqliteTree:
    """The tree of one ledger. Threads may share it; it follows what other processes append."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        """Read nothing yet."""
        self._datastore = datastore
        self._kept = KeptEdge()

    def size(self) -> int:
        """Give how many entries there are."""
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            return read_head(cursor)[0].size

    def root(self, size: int) -> bytes:
        """Give the root of the first `size` entries; raises NotFound beyond the end."""
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            head, root = read_head(cursor)
        if not 0 <= size <= head.size:
            raise NotFound("size of this log")
        return root if size == head.size else root_of(size, self.tile)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile; raises NotFound where there are not as many."""
        if not (0 <= level <= LEVEL_MAX and 0 <= number < _NUMBER_END and 0 < width <= TILE_WIDTH):
            raise NotFound("tile")
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_TILE, (level, number))
            row: sqlite3.Row | None = cursor.fetchone()
            hashes: bytes = (
                partial_tile(self.standing(cursor), level, number) if row is None else row[0]
            )
        if len(hashes) < width * HASH_BYTES:
            raise NotFound("tile")
        return hashes[: width * HASH_BYTES]

    def leaves(self, start: int, limit: int) -> list[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            return list(_Stored(cursor).leaves(max(start, 0), max(limit, 0)))

    # --- for the ledger, within its own transaction -----------------------------------------------

    def standing(self, cursor: SQLiteCursor) -> Edge:
        """Give the edge as of the head; raises TreeDiffers when the head says another root."""
        return self._kept.standing(_Stored(cursor))

    def grow(self, cursor: SQLiteCursor, records: Iterable[bytes]) -> Edge:
        """Write the tiles that become full by these records; gives the edge after them."""
        edge, full = self.standing(cursor).grown(
            leaf_hash(leaf_bytes_of(record)) for record in records
        )
        if full:
            cursor.executemany(INSERT_TILE, full)
        return edge

    def committed(self, edge: Edge) -> None:
        """Remember an edge, now that nothing can take it back."""
        self._kept.committed(edge)
