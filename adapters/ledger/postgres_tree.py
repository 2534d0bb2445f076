"""The tree of a ledger in PostgreSQL: full tiles as rows, the edge made from the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.postgres_rows import LARGEST, read_head
from adapters.ledger.postgres_statements import (
    INSERT_TILE,
    SELECT_LEAVES,
    SELECT_TILE,
    SELECT_TOPS,
)
from adapters.ledger.postgres_store import LedgerStore, unavailable
from domain.record import leaf_bytes_of
from domain.tree import FullTile


class StoredInPostgres:
    """What stands of the tree (`kept_tree.StoredTree`), as one transaction sees it."""

    def __init__(self, cursor: Cursor[TupleRow]) -> None:
        """Look, and write, by this cursor."""
        self._cursor = cursor

    def head(self) -> tuple[int, bytes]:
        """Give how many entries there are, and the root that the head says there is."""
        head, root = read_head(self._cursor)
        return head.size, root

    def tops(self, level: int, start: int, end: int) -> list[bytes]:
        """Give the one hash that each full tile is in the level above, in order of number."""
        self._cursor.execute(SELECT_TOPS, (level, start, end))
        return [row[0] for row in self._cursor.fetchall()]

    def leaves(self, start: int, limit: int) -> Iterable[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        self._cursor.execute(SELECT_LEAVES, (min(start, LARGEST), min(limit, LARGEST)))
        return (leaf_bytes_of(row[0]) for row in self._cursor.fetchall())

    def tile(self, level: int, number: int) -> bytes | None:
        """Give the hashes of a full tile; None where it is not full."""
        self._cursor.execute(SELECT_TILE, (level, number))
        row = self._cursor.fetchone()
        return None if row is None else row[0]

    def add(self, full: Sequence[FullTile]) -> None:
        """Keep tiles that became full."""
        self._cursor.executemany(INSERT_TILE, full)


@contextmanager
def looking(store: LedgerStore) -> Iterator[StoredInPostgres]:
    """Give what stands, as one look sees it."""
    with unavailable(), store.reading() as cursor:
        yield StoredInPostgres(cursor)
