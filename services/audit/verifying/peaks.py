"""The verifier's own way from leaves to a root: the roots of the perfect trees of a prefix.

It shares nothing with the tree that the ledger writes (`domain.tree`), so that a fault there cannot
hide here. RFC 6962: leaf = SHA-256(0 ‖ entry), node = SHA-256(1 ‖ left ‖ right); a prefix of n
leaves is perfect trees whose sizes are the binary digits of n, the largest first, and its root is
what they come to from the right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()


def of_leaf(entry: bytes) -> bytes:
    """Give the hash of an entry's bytes."""
    return hashlib.sha256(b"\0" + entry).digest()


def of_two(left: bytes, right: bytes) -> bytes:
    """Give the hash over two hashes."""
    return hashlib.sha256(b"\1" + left + right).digest()


class Peaks:
    """The perfect trees of a prefix that is read leaf by leaf."""

    def __init__(self) -> None:
        """Begin before the first leaf."""
        self.count = 0
        self.hashes: list[bytes] = []
        """One for each digit of `count` that is 1, the largest tree first."""

    def push(self, hashed: bytes, height: int = 0) -> None:
        """Add a leaf, or a perfect tree of 2^height leaves where `count` is a multiple of that."""
        size = 1 << height
        if self.count % size:
            raise ValueError("a perfect tree begins where its size divides")
        joined = self.count >> height
        while joined & 1:
            hashed = of_two(self.hashes.pop(), hashed)
            joined >>= 1
        self.hashes.append(hashed)
        self.count += size

    def root(self, further: Sequence[bytes] = ()) -> bytes:
        """Give the root of the prefix, followed by the perfect trees of a smaller one if any."""
        return root_of((*self.hashes, *further))


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Give what perfect trees come to, the largest first."""
    if not hashes:
        return EMPTY
    *before, found = hashes
    for one in reversed(before):
        found = of_two(one, found)
    return found


def perfect(hashes: Sequence[bytes]) -> bytes:
    """Give the root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [of_two(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]
