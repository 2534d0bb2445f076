"""Tiles that somebody else keeps, read so that nothing of them has to be believed.

The trap is to check the tiles of the right edge, and of the others only those on the way to what
was asked for: an entry and its hash can then be forged together. Here every tile is proven before
a hash of it is given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from domain.errors import TreeDiffers
from domain.tiles import HASH_BYTES, TILE_WIDTH, TileName, width_of
from domain.tree import Edge, ReadTile, exactly, top_of

_TILE_HEIGHT = 8
_TILES_KEPT = 256


def authenticated(size: int, root: bytes, read: ReadTile) -> ReadTile:
    """Give a reader of tiles that a believed root commits to; raises TreeDiffers at any other.

    The right edge is proven by the root that it makes, at once; every full tile by its place in the
    tile above it, when it is read, and so on up to the edge. No tile is passed over for being on
    the way to another.
    """
    edge = Edge.of([exactly(read, tile) for tile in _incomplete(size)])
    if edge.root() != root:
        raise TreeDiffers("the right edge is not that of the root")

    @lru_cache(maxsize=_TILES_KEPT)
    def proven(level: int, number: int) -> bytes:
        width = width_of(size, level, number)
        if width < TILE_WIDTH:
            return edge.tiles[level] if width else b""
        tile = TileName(level, number)
        hashes = exactly(read, tile)
        at = number % TILE_WIDTH * HASH_BYTES
        if proven(level + 1, number // TILE_WIDTH)[at : at + HASH_BYTES] != top_of(hashes):
            raise TreeDiffers(f"{tile.path()} is not what the tile above it says")
        return hashes

    def tile(level: int, number: int, width: int) -> bytes:
        hashes = proven(level, number)[: width * HASH_BYTES]
        if len(hashes) != width * HASH_BYTES:
            raise ValueError("a tree has no hashes beyond its size")
        return hashes

    return tile


def _incomplete(size: int) -> Iterator[TileName]:
    """Name the last tile of each level, also where it has no hash yet."""
    level = 0
    while complete := size >> _TILE_HEIGHT * level:
        yield TileName(level, *divmod(complete, TILE_WIDTH))
        level += 1
