"""The right edge of a ledger's tree, as it is kept in memory and made again from what is stored.

Both databases grow their trees here. The edge that is kept is only ever one that is committed, and
only a shortcut: it is made again from the full tiles and the entries behind them whenever the head
has gone on without it, which is how it is made at opening too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Protocol

from domain.errors import TreeDiffers
from domain.tiles import TILE_WIDTH
from domain.tree import Edge, leaf_hash


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


class KeptEdge:
    """The edge of one ledger. Threads may share it; it follows what other processes append."""

    def __init__(self) -> None:
        """Begin with that of an empty tree."""
        self.edge = Edge()

    def standing(self, tree: StoredTree) -> Edge:
        """Give the edge as of the head; raises TreeDiffers when the head says another root."""
        size, root = tree.head()
        edge = self.edge
        if edge.size != size:
            edge = self._made_again(tree, size)
        if edge.size != size or edge.root() != root:
            raise TreeDiffers("the head of a ledger is not that of its entries and tiles")
        self.committed(edge)
        return edge

    def committed(self, edge: Edge) -> None:
        """Remember an edge, now that nothing can take it back."""
        if edge.size > self.edge.size:
            self.edge = edge

    def _made_again(self, tree: StoredTree, size: int) -> Edge:
        """Make the edge from the nearest that is known, and the leaves behind it."""
        edge = self.edge
        if not 0 <= size - edge.size < TILE_WIDTH:
            edge = _of_full_tiles(tree, size)
        return edge.grown(map(leaf_hash, tree.leaves(edge.size, size - edge.size)))[0]


def partial_tile(edge: Edge, level: int, number: int) -> bytes:
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
