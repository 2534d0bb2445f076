"""RFC 6962 §2.1 word for word, by recursion over lists: slow, and plainly right."""

import hashlib
from collections.abc import Sequence

from domain.tiles import HASH_BYTES, TILE_WIDTH, tiles_of
from domain.tree import Edge, leaf_hash


def sha256(*pieces: bytes) -> bytes:
    """Hash pieces, one after another."""
    return hashlib.sha256(b"".join(pieces)).digest()


def split(count: int) -> int:
    """Give the largest power of two below a count."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """Give the tree hash of leaf hashes."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    k = split(len(leaves))
    return sha256(b"\x01", mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Give the audit path of leaf `m`."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """Give the consistency proof from the first `m` leaves."""
    if m == len(leaves):
        return [] if known else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], known=known), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], known=False), mth(leaves[:k])]


def entry(number: int) -> bytes:
    """Give entry `number` of the logs that are tested with."""
    return b"entry %d" % number


def leaves_of(size: int) -> list[bytes]:
    """Give the leaf hashes of the first `size` entries."""
    return [leaf_hash(entry(number)) for number in range(size)]


class Tiles(dict[tuple[int, int], bytearray]):
    """The tiles of a log, for anybody to alter; called, it reads like a store that keeps them."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Lay the tiles out in the plainest way, level by level."""
        row = list(leaves)
        for tile in tiles_of(len(leaves)):
            if tile.level and (tile.level, 0) not in self:
                row = [
                    mth(row[at : at + TILE_WIDTH])
                    for at in range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH)
                ]
            start = tile.number * TILE_WIDTH
            self[tile.level, tile.number] = bytearray(b"".join(row[start : start + tile.width]))

    def __call__(self, level: int, number: int, width: int) -> bytes:
        """Read a tile, as far as it is wanted and there."""
        return bytes(self.get((level, number), b"")[: width * HASH_BYTES])


def edge_of(size: int) -> Edge:
    """Give the edge of the first `size` entries, grown at once."""
    return Edge().grown(leaves_of(size))[0]
