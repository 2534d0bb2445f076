"""The tree and the checkpoints of a ledger in memory: every promise but durability."""

from __future__ import annotations

from collections.abc import Sequence
from threading import RLock

from domain.errors import NotFound, RootDiffers
from domain.tiles import HASH_BYTES, TILE_WIDTH
from domain.tree import Edge, leaf_hash, root_of
from services.log_ports import Cosignature, KeptCheckpoint, PublishedCheckpoint


class MemoryTree:
    """The tree of one ledger; the ledger's lock is its own."""

    def __init__(self, lock: RLock) -> None:
        """Begin empty."""
        self._lock = lock
        self._edge = Edge()
        self._full: dict[tuple[int, int], bytes] = {}
        self._leaves: list[bytes] = []

    def append(self, leaves: Sequence[bytes]) -> None:
        """Grow by these leaves, under the lock."""
        self._edge, full = self._edge.grown(leaf_hash(leaf) for leaf in leaves)
        self._full.update(((tile.level, tile.number), tile.hashes) for tile in full)
        self._leaves.extend(leaves)

    def size(self) -> int:
        """Give how many entries there are."""
        with self._lock:
            return self._edge.size

    def root(self, size: int) -> bytes:
        """Give the root of the first `size` entries; raises NotFound beyond the end."""
        with self._lock:
            if not 0 <= size <= self._edge.size:
                raise NotFound("size of this log")
            return root_of(size, self.tile)

    def tile(self, level: int, number: int, width: int) -> bytes:
        """Give the first `width` hashes of a tile; raises NotFound where there are not as many."""
        with self._lock:
            hashes = self._full.get((level, number)) or self._partial(level, number)
        if not 0 < width <= len(hashes) // HASH_BYTES <= TILE_WIDTH:
            raise NotFound("tile")
        return hashes[: width * HASH_BYTES]

    def leaves(self, start: int, limit: int) -> list[bytes]:
        """Give the bytes of up to `limit` entries from position `start` on."""
        with self._lock:
            start = max(start, 0)
            return self._leaves[start : start + max(limit, 0)]

    def _partial(self, level: int, number: int) -> bytes:
        if not 0 <= level < len(self._edge.tiles):
            return b""
        return self._edge.tiles[level] if number == self._edge.size >> 8 * (level + 1) else b""


class MemoryBook:
    """Every checkpoint of one ledger."""

    def __init__(self, lock: RLock, tree: MemoryTree) -> None:
        """Begin empty."""
        self._lock = lock
        self._tree = tree
        self._kept: dict[int, KeptCheckpoint] = {}
        self._cosignatures: list[Cosignature] = []
        self._published: list[PublishedCheckpoint] = []

    def keep(self, size: int, root: bytes, note: bytes, *, now_ms: int) -> KeptCheckpoint:
        """Keep a signed checkpoint; gives the one that stands for its size."""
        with self._lock:
            if not 0 < size <= self._tree.size():
                raise NotFound("size of this log")
            standing = self._kept.setdefault(size, KeptCheckpoint(size, root, note, now_ms))
        if standing.root != root:
            raise RootDiffers(size)
        return standing

    def cosign(self, size: int, lines: Sequence[bytes], *, now_ms: int) -> None:
        """Keep lines of witnesses, each once; raises NotFound when that size is not kept."""
        with self._lock:
            self._refuse_unless_kept(size)
            standing = {one.line for one in self.cosignatures(size)}
            self._cosignatures += [
                Cosignature(size, line, now_ms)
                for line in dict.fromkeys(lines)
                if line not in standing
            ]

    def publish(self, size: int, note: bytes, *, now_ms: int) -> None:
        """Keep what is handed out from now on; raises NotFound when that size is not kept."""
        with self._lock:
            self._refuse_unless_kept(size)
            self._published.append(PublishedCheckpoint(size, note, now_ms))

    def kept(self, start: int, limit: int) -> list[KeptCheckpoint]:
        """Give up to `limit` checkpoints of `start` entries or more, in order of size."""
        with self._lock:
            sizes = sorted(size for size in self._kept if size >= start)
            return [self._kept[size] for size in sizes[: max(limit, 0)]]

    def latest_kept(self) -> KeptCheckpoint | None:
        """Give the largest."""
        with self._lock:
            return self._kept[max(self._kept)] if self._kept else None

    def cosignatures(self, size: int) -> list[Cosignature]:
        """Give the lines for a size, in the order in which they came."""
        with self._lock:
            return [one for one in self._cosignatures if one.size == size]

    def published(self, size: int) -> list[PublishedCheckpoint]:
        """Give what was handed out of one size, in the order in which it was."""
        with self._lock:
            return [one for one in self._published if one.size == size]

    def latest_published(self) -> PublishedCheckpoint | None:
        """Give the largest, as it was handed out last."""
        with self._lock:
            return max(reversed(self._published), key=lambda one: one.size, default=None)

    def published_covering(self, position: int) -> PublishedCheckpoint | None:
        """Give the smallest that has a position in it, as it was handed out first."""
        with self._lock:
            covering = (one for one in self._published if one.size > position)
            return min(covering, key=lambda one: one.size, default=None)

    def _refuse_unless_kept(self, size: int) -> None:
        if size not in self._kept:
            raise NotFound("checkpoint")
