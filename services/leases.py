"""Who works at which ledger: workers share the ledgers evenly, and no two have one at once.

Each worker takes a slot, and sees by the slots how many there are. It has no more ledgers than its
share, rounded up, so that together they have all. Locks go with their holder: what a worker had
that was killed is free at once, and another takes it at its next look. Those who project and those
who tell participants share the ledgers each among themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from domain.errors import Unavailable
from services.lease_ports import Locks

WORKERS_MAX: Final = 32
"""Beyond so many a worker waits until another ends: there are never so many ledgers."""


class Leases:
    """One worker's part of the ledgers."""

    def __init__(self, locks: Locks, ledgers: Sequence[str], work: str = "fold") -> None:
        """Share these ledgers among those who do this work; nothing is taken before it begins."""
        self._locks = locks
        self._work = work
        self._workers = tuple(f"{work}-worker-{slot:02}" for slot in range(WORKERS_MAX))
        self._ledgers = sorted(ledgers)
        self._held: list[str] = []
        self._slot: int | None = None

    def look(self) -> Sequence[str]:
        """Give the ledgers that are this worker's now; asked before each batch.

        Raises Unavailable; then nothing is held, and nothing may be folded.
        """
        try:
            return self._looked()
        except Unavailable:
            # Whichever question it was that was not answered: what was held went with the session.
            self._held, self._slot = [], None
            raise

    def close(self) -> None:
        """Leave everything to others."""
        self._held, self._slot = [], None
        self._locks.close()

    def _looked(self) -> Sequence[str]:
        self._locks.check()
        if not self._has_slot():
            return ()
        share = -(-len(self._ledgers) // max(1, self._locks.taken(self._workers)))
        for name in self._held[share:]:
            self._locks.let_go(self._ledger(name))
        self._held = self._held[:share]
        for name in self._in_turn():
            if len(self._held) >= share:
                break
            if name not in self._held and self._locks.take(self._ledger(name)):
                self._held.append(name)
        return tuple(self._held)

    def _has_slot(self) -> bool:
        if self._slot is None:
            taken = (at for at, name in enumerate(self._workers) if self._locks.take(name))
            self._slot = next(taken, None)
        return self._slot is not None

    def _in_turn(self) -> list[str]:
        """Begin elsewhere than the others do, so that few reach for the same."""
        start = (self._slot or 0) % max(1, len(self._ledgers))
        return [*self._ledgers[start:], *self._ledgers[:start]]

    def _ledger(self, name: str) -> str:
        return f"{self._work}-ledger-{name}"
