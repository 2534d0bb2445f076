"""Who folds which ledger: workers share the ledgers evenly, and no two fold one at once.

Each worker takes a slot, and sees by the slots how many there are. It folds no more ledgers than
its share, rounded up, so that together they fold all. Locks go with their holder: what a worker
folded that was killed is free at once, and another takes it at its next look.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.errors import Unavailable
from services.lease_ports import Locks

WORKERS_MAX: Final = 32
"""Beyond so many a worker waits until another ends: there are never so many ledgers."""

_WORKERS = tuple(f"worker-{slot:02}" for slot in range(WORKERS_MAX))


class Leases:
    """One worker's part of the ledgers."""

    def __init__(self, locks: Locks, ledgers: Sequence[str]) -> None:
        """Share these ledgers; nothing is taken before work begins."""
        self._locks = locks
        self._ledgers = sorted(ledgers)
        self._held: list[str] = []
        self._slot: int | None = None

    def look(self) -> Sequence[str]:
        """Give the ledgers that are this worker's now; asked before each batch.

        Raises Unavailable; then nothing is held, and nothing may be folded.
        """
        try:
            self._locks.check()
        except Unavailable:
            self._held, self._slot = [], None
            raise
        if not self._has_slot():
            return ()
        share = -(-len(self._ledgers) // max(1, self._locks.taken(_WORKERS)))
        for name in self._held[share:]:
            self._locks.let_go(_ledger(name))
        self._held = self._held[:share]
        for name in self._in_turn():
            if len(self._held) >= share:
                break
            if name not in self._held and self._locks.take(_ledger(name)):
                self._held.append(name)
        return tuple(self._held)

    def close(self) -> None:
        """Leave everything to others."""
        self._held, self._slot = [], None
        self._locks.close()

    def _has_slot(self) -> bool:
        if self._slot is None:
            taken = (at for at, name in enumerate(_WORKERS) if self._locks.take(name))
            self._slot = next(taken, None)
        return self._slot is not None

    def _in_turn(self) -> list[str]:
        """Begin elsewhere than the others do, so that few reach for the same."""
        start = (self._slot or 0) % max(1, len(self._ledgers))
        return [*self._ledgers[start:], *self._ledgers[:start]]


def _ledger(name: str) -> str:
    return f"ledger-{name}"
