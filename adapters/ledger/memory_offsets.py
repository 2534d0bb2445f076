"""How far the queues that lead to a ledger in memory are taken in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from threading import RLock

from services.intake_ports import Advance, OffsetMoved


class MemoryOffsets:
    """The `Offsets` port; the ledger's lock is its own."""

    def __init__(self, lock: RLock) -> None:
        """Begin with no queue."""
        self._lock = lock
        self._reached: dict[uuid.UUID, int] = {}

    def reached(self, queue: uuid.UUID) -> int:
        """Give the number of the first message that is not taken in."""
        with self._lock:
            return self._reached.get(queue, 0)

    def advance(self, moved: Advance) -> None:
        """Move on without an append."""
        with self._lock:
            self.move(self.after([moved]))

    def after(self, moves: Sequence[Advance]) -> Mapping[uuid.UUID, int]:
        """Give where queues stand after these moves, under the lock; raises OffsetMoved."""
        after: dict[uuid.UUID, int] = {}
        for one in moves:
            standing = after.get(one.queue, self._reached.get(one.queue, 0))
            if standing != one.before:
                raise OffsetMoved(one.queue)
            after[one.queue] = one.after
        return after

    def move(self, after: Mapping[uuid.UUID, int]) -> None:
        """Carry that out, under the same hold of the lock."""
        self._reached.update(after)
