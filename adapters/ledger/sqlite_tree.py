"""The tree of a ledger in its SQLite file: full tiles as rows, the right edge made from the rest.

The edge that is kept in memory is only ever one that is committed, and only a shortcut: it is made
again from the tiles and the entries behind them whenever the head has gone on without it, which is
how it is made at opening too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from itertools import count

from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite_statements import (
    INSERT_TILE,
    SELECT_HEAD,
    SELECT_LEAVES,
    SELECT_TILE,
    SELECT_TOPS,
)
from adapters.ledger.sqlite_store import LedgerDatastore, unavailable
from domain.errors import NotFound, TreeDiffers
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


class SqliteTree:
    """The tree of one ledger. Threads may share it; it follows what other processes append."""

    def __init__(self, datastore: LedgerDatastore) -> None:
        """Read nothing yet."""
        self._datastore = datastore
        self._edge = Edge()

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
            hashes: bytes = self._partial(cursor, level, number) if row is None else row[0]
        if len(hashes) < width * HASH_BYTES:
            raise NotFound("tile")
        return hashes[: width * HASH_BYTES]

    def leaves(self, start: int, limit: int) -> list[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        with unavailable(), self._datastore.transaction(commit=False) as cursor:
            return list(_leaves(cursor, max(start, 0), max(limit, 0)))

    # --- for the ledger, within its own transaction -----------------------------------------------

    def standing(self, cursor: SQLiteCursor) -> Edge:
        """Give the edge as of the head; raises TreeDiffers when the head says another root."""
        head, root = read_head(cursor)
        edge = self._edge
        if edge.size != head.size:
            edge = self._made_again(cursor, head.size)
        if edge.size != head.size or edge.root() != root:
            raise TreeDiffers("the head of a ledger is not that of its entries and tiles")
        self.committed(edge)
        return edge

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
        if edge.size > self._edge.size:
            self._edge = edge

    def _partial(self, cursor: SQLiteCursor, level: int, number: int) -> bytes:
        edge = self.standing(cursor)
        there = level < len(edge.tiles) and number == edge.size >> 8 * (level + 1)
        return edge.tiles[level] if there else b""

    def _made_again(self, cursor: SQLiteCursor, size: int) -> Edge:
        """Make the edge from the nearest that is known, and the leaves behind it."""
        edge = self._edge
        if not 0 <= size - edge.size < TILE_WIDTH:
            edge = _of_full_tiles(cursor, size)
        leaves = _leaves(cursor, edge.size, size - edge.size)
        return edge.grown(leaf_hash(leaf) for leaf in leaves)[0]


def _of_full_tiles(cursor: SQLiteCursor, size: int) -> Edge:
    """Give the edge as of the last full tile of level 0: from what that level's tiles come to."""
    tiles = [b""]
    for level in count(1):
        end = size >> 8 * level
        if not end:
            break
        cursor.execute(SELECT_TOPS, (level - 1, end // TILE_WIDTH * TILE_WIDTH, end))
        tiles.append(b"".join(row[0] for row in cursor.fetchall()))
    edge = Edge.of(tiles)
    if edge.size != size // TILE_WIDTH * TILE_WIDTH:
        raise TreeDiffers("full tiles of a ledger are missing")
    return edge


def _leaves(cursor: SQLiteCursor, start: int, limit: int) -> Iterable[bytes]:
    cursor.execute(SELECT_LEAVES, (start, limit))
    return (leaf_bytes_of(row[0]) for row in cursor.fetchall())
