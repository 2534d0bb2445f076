"""The tree of a ledger in a database: full tiles as rows, the right edge made from the rest.

Both databases keep their trees here. The edge that is kept in memory is only ever one that is
committed, and only a shortcut: it is made again from the full tiles and the entries behind them
whenever the head has gone on without it, which is how it is made at opening too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import count
from typing import Protocol

from domain.errors import NotFound, TreeDiffers
from domain.record import leaf_bytes_of
from domain.tiles import HASH_BYTES, LEVEL_MAX, TILE_WIDTH
from domain.tree import Edge, FullTile, leaf_hash, root_of

_NUMBER_END = 1 << 56


class StoredTree(Protocol):
    """What stands of a tree, as one transaction sees it."""

    def head(self) -> tuple[int, bytes]:
        """Give how many entries there are, and the root that the head says there is."""
        ...

    def tops(self, level: int, start: int, end: int) -> Sequence[bytes]:
        """Give the one hash that each full tile is in the level above, in order of number."""
        ...

    def leaves(self, start: int, limit: int) -> Iterable[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        ...

    def tile(self, level: int, number: int) -> bytes | None:
        """Give the hashes of a full tile; None where it is not full."""
        ...

    def add(self, full: Sequence[FullTile]) -> None:
        """Keep tiles that became full."""
        ...


class KeptTree:
    """The tree of one ledger. Threads may share it; it follows what other processes append."""

    def __init__(self, looking: Callable[[], AbstractContextManager[StoredTree]]) -> None:
        """Read nothing yet; `looking` gives what stands, for as long as it is looked at."""
        self._looking = looking
        self._edge = Edge()

    def size(self) -> int:
        """Give how many entries there are."""
        with self._looking() as stored:
            return stored.head()[0]

    def root(self, size: int) -> bytes:
        """Give the root of the first `size` entries; raises NotFound beyond the end."""
        with self._looking() as stored:
            entries, root = stored.head()
        if not 0 <= size <= entries:
            raise NotFound("size of this log")
        return root if size == entries else root_of(size, self.tile)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile; raises NotFound where there are not as many."""
        if not (0 <= level <= LEVEL_MAX and 0 <= number < _NUMBER_END and 0 < width <= TILE_WIDTH):
            raise NotFound("tile")
        with self._looking() as stored:
            hashes = stored.tile(level, number)
            if hashes is None:
                hashes = _partial_tile(self.standing(stored), level, number)
        if len(hashes) < width * HASH_BYTES:
            raise NotFound("tile")
        return hashes[: width * HASH_BYTES]

    def leaves(self, start: int, limit: int) -> list[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        with self._looking() as stored:
            return list(stored.leaves(max(start, 0), max(limit, 0)))

    # --- for the ledger, within its own transaction -----------------------------------------------

    def grow(self, tree: StoredTree, records: Iterable[bytes]) -> Edge:
        """Write the tiles that become full by these records; gives the edge after them."""
        edge, full = self.standing(tree).grown(
            leaf_hash(leaf_bytes_of(record)) for record in records
        )
        if full:
            tree.add(full)
        return edge

    def standing(self, tree: StoredTree) -> Edge:
        """Give the edge as of the head; raises TreeDiffers when the head says another root."""
        size, root = tree.head()
        edge = self._edge
        if edge.size != size:
            edge = self._made_again(tree, size)
        if edge.size != size or edge.root() != root:
            raise TreeDiffers("the head of a ledger is not that of its entries and tiles")
        self.committed(edge)
        return edge

    def committed(self, edge: Edge) -> None:
        """Remember an edge, now that nothing can take it back."""
        if edge.size > self._edge.size:
            self._edge = edge

    def _made_again(self, tree: StoredTree, size: int) -> Edge:
        """Make the edge from the nearest that is known, and the leaves behind it."""
        edge = self._edge
        if not 0 <= size - edge.size < TILE_WIDTH:
            edge = _of_full_tiles(tree, size)
        return edge.grown(map(leaf_hash, tree.leaves(edge.size, size - edge.size)))[0]


def _partial_tile(edge: Edge, level: int, number: int) -> bytes:
    """Give the hashes that a tile has which is not full yet; none for any other tile."""
    there = level < len(edge.tiles) and number == edge.size >> 8 * (level + 1)
    return edge.tiles[level] if there else b""


def _of_full_tiles(tree: StoredTree, size: int) -> Edge:
    """Give the edge as of the last full tile of level 0: from what that level's tiles come to."""
    tiles = [b""]
    for level in count(1):
        end = size >> 8 * level
        if not end:
            break
        tiles.append(b"".join(tree.tops(level - 1, end // TILE_WIDTH * TILE_WIDTH, end)))
    edge = Edge.of(tiles)
    if edge.size != size // TILE_WIDTH * TILE_WIDTH:
        raise TreeDiffers("full tiles of a ledger are missing")
    return edge
