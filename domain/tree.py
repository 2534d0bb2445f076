r"""The tree over a ledger's leaves: RFC 6962 hashing, roots and proofs, from tiles.

    leaf := SHA-256(0x00 ‖ entry) · node := SHA-256(0x01 ‖ left ‖ right) · empty := SHA-256("")

A tree of n leaves is split at the largest power of two below n; a ragged right side is promoted,
never doubled. So whatever a proof needs is made of complete subtrees, and each of these lies in one
tile: a root or a proof of any size reads a handful of them.

Tiles that somebody else keeps are believed only through `domain/authenticated.py`, or when what was
made from them is checked against a root that is believed: a tile may be forged with its entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.errors import TreeDiffers
from domain.tiles import HASH_BYTES, TILE_WIDTH, TileName, width_of

EMPTY_ROOT = hashlib.sha256(b"").digest()
_TILE_HEIGHT = 8

ReadTile = Callable[[int, int, int], bytes]
"""(level, number, width) → the first `width` hashes of the tile, one after another."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry's bytes into a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours into the node over them."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class FullTile(NamedTuple):
    """A tile that has become full, and the one hash that it is in the level above."""

    level: int
    number: int
    hashes: bytes
    top: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: all that is needed to go on appending, and for the root.

    Never changed: growing gives another, so what was grown for a transaction that failed is simply
    let go.
    """

    size: int = 0
    tiles: tuple[bytes, ...] = (b"",)
    """The incomplete tile of each level, from the leaves up; empty where all are full."""
    peaks: tuple[bytes, ...] = ()
    """The complete subtrees that the tree consists of, largest first."""

    @classmethod
    def of(cls, tiles: Sequence[bytes]) -> Edge:
        """Make the edge from the incomplete tile of each level."""
        size = sum(len(tile) // HASH_BYTES << _TILE_HEIGHT * at for at, tile in enumerate(tiles))
        peaks = tuple(peak for tile in reversed(tiles) for peak in _peaks(tile))
        return cls(size, tuple(tiles) or (b"",), peaks)

    def grown(self, leaf_hashes: Iterable[bytes]) -> tuple[Edge, list[FullTile]]:
        """Append leaves; gives the new edge and the tiles that became full, in order."""
        size, peaks, full = self.size, list(self.peaks), list[FullTile]()
        tiles = [bytearray(tile) for tile in self.tiles]
        for leaf in leaf_hashes:
            node, height, carry = leaf, 0, size
            tiles[0] += node
            while carry & 1:
                node = node_hash(peaks.pop(), node)
                carry, height = carry >> 1, height + 1
                if height % _TILE_HEIGHT == 0:
                    full.append(_filled(tiles, height // _TILE_HEIGHT, size >> height, node))
            peaks.append(node)
            size += 1
        return Edge(size, tuple(bytes(tile) for tile in tiles), tuple(peaks)), full

    def root(self) -> bytes:
        """Give the root of the tree."""
        return _over(self.peaks)


def _filled(tiles: list[bytearray], above: int, number: int, top: bytes) -> FullTile:
    """Take the full tile off the level below `above`, and put its hash into that level."""
    tile = FullTile(above - 1, number, bytes(tiles[above - 1]), top)
    tiles[above - 1].clear()
    if above == len(tiles):
        tiles.append(bytearray())
    tiles[above] += top
    return tile


def _over(peaks: Sequence[bytes]) -> bytes:
    """Hash complete subtrees, largest first, into the one node over them."""
    if not peaks:
        return EMPTY_ROOT
    *others, node = peaks
    for peak in reversed(others):
        node = node_hash(peak, node)
    return node


def _peaks(hashes: bytes) -> Iterator[bytes]:
    """Give the complete subtrees, largest first, over hashes that begin a tile."""
    at, count = 0, len(hashes) // HASH_BYTES
    for height in reversed(range(count.bit_length())):
        if count >> height & 1:
            end = at + (HASH_BYTES << height)
            yield top_of(hashes[at:end])
            at = end


def top_of(hashes: bytes) -> bytes:
    """Hash a power of two of neighbouring hashes into the node over them."""
    row = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


# --- roots and proofs, from tiles -----------------------------------------------------------------


def root_of(size: int, read: ReadTile) -> bytes:
    """Give the root of the first `size` leaves."""
    return _Subtrees(size, read).over(0, size)


def inclusion(index: int, size: int, read: ReadTile) -> list[bytes]:
    """Give the proof that leaf `index` is in the tree of `size` leaves, its sibling first."""
    if not 0 <= index < size:
        raise ValueError("a leaf lies within its tree")
    subtrees, path = _Subtrees(size, read), list[bytes]()
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + _split(end - begin)
        if index < middle:
            path.append(subtrees.over(middle, end))
            end = middle
        else:
            path.append(subtrees.over(begin, middle))
            begin = middle
    return path[::-1]


def consistency(old: int, new: int, read: ReadTile) -> list[bytes]:
    """Give the proof that the tree of `new` leaves begins with the tree of `old`."""
    if not 0 <= old <= new:
        raise ValueError("a tree never shrinks")
    if old in {0, new}:
        return []
    subtrees, path = _Subtrees(new, read), list[bytes]()
    begin, end = 0, new
    while old != end:
        middle = begin + _split(end - begin)
        if old <= middle:
            path.append(subtrees.over(middle, end))
            end = middle
        else:
            path.append(subtrees.over(begin, middle))
            begin = middle
    if begin > 0:  # else what remains is the old tree itself, whose root is known
        path.append(subtrees.over(begin, end))
    return path[::-1]


def _split(count: int) -> int:
    """Give the largest power of two below a count of at least two."""
    return 1 << (count - 1).bit_length() - 1


class _Subtrees:
    """Hashes over ranges of the leaves of one tree; each tile is read once."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self._size = size
        self._read = read
        self._tiles: dict[tuple[int, int], bytes] = {}

    def over(self, begin: int, end: int) -> bytes:
        """Hash a range that begins where a subtree of its own size may begin."""
        peaks = []
        while begin < end:
            height = (end - begin).bit_length() - 1
            peaks.append(self._complete(height, begin >> height))
            begin += 1 << height
        return _over(peaks)

    def _complete(self, height: int, index: int) -> bytes:
        """Give the hash over the 2^height leaves from `index` · 2^height on."""
        level, below = divmod(height, _TILE_HEIGHT)
        number, offset = divmod(index << below, TILE_WIDTH)
        start = offset * HASH_BYTES
        return top_of(self._tile(level, number)[start : start + (HASH_BYTES << below)])

    def _tile(self, level: int, number: int) -> bytes:
        tile = self._tiles.get((level, number))
        if tile is None:
            width = width_of(self._size, level, number)
            tile = self._tiles[level, number] = exactly(self._read, TileName(level, number, width))
        return tile


def exactly(read: ReadTile, tile: TileName) -> bytes:
    """Read a tile; raises TreeDiffers when it has another length."""
    hashes = read(*tile) if tile.width else b""
    if len(hashes) != tile.width * HASH_BYTES:
        raise TreeDiffers(f"{tile.path()} has another length")
    return hashes


# --- checking, after RFC 9162 §2.1.3.2 and §2.1.4.2: nothing is shared with the making ------------


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> bool:
    """Say whether a leaf's hash stands at `index` of the tree with this size and root."""
    if not 0 <= index < size or not _hashes(leaf, root, *path):
        return False
    at, last, node = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            node = node_hash(other, node)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            node = node_hash(node, other)
        at, last = at >> 1, last >> 1
    return last == 0 and node == root


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Say whether the tree with the new size and root begins with the one of the old."""
    if not 0 <= old <= new or not _hashes(old_root, new_root, *path):
        return False
    if old == new:
        return not path and old_root == new_root and (old > 0 or old_root == EMPTY_ROOT)
    if old == 0:
        return not path and old_root == EMPTY_ROOT
    return _goes_on(old, old_root, new, new_root, path)


def _goes_on(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    if not path:
        return False
    start, *others = path if old & (old - 1) else (old_root, *path)
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    before = after = start
    for other in others:
        if last == 0:
            return False
        if at & 1 or at == last:
            before, after = node_hash(other, before), node_hash(other, after)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            after = node_hash(after, other)
        at, last = at >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root


def _hashes(*candidates: bytes) -> bool:
    return all(len(one) == HASH_BYTES for one in candidates)
