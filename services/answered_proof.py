"""Whether what an answer stands on is witnessed: published, and seen by as many as are enough.

An answer that stands on one entry more than that is only the hub's word so far.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

from domain.checkpoint import Algorithms
from domain.errors import NotProven
from domain.logged_checkpoint import checkpoint_in
from domain.signed_note import read_note
from domain.tlog_policy import NOBODY, Policy
from services.log_ports import ProvenLedger, PublishedCheckpoint

Proof = Literal["unwitnessed", "witnessed"]
Proves = Callable[[Mapping[str, int]], Proof]
"""By the sizes of the ledgers that an answer stands on."""
_REMEMBERED = 64


def unwitnessed(_: Mapping[str, int]) -> Proof:
    """Say that nothing is witnessed: nobody is asked."""
    return "unwitnessed"


class AnsweredProof:
    """Holds answers to what was published. A checkpoint is checked once, then remembered."""

    def __init__(
        self, ledgers: Mapping[str, ProvenLedger], policy: Policy, algorithms: Algorithms
    ) -> None:
        """Believe the witnesses of this policy."""
        self._ledgers = ledgers
        self._policy = policy
        self._seen = lru_cache(_REMEMBERED)(lambda note: _seen(note, policy, algorithms))

    def proof(self, sizes: Mapping[str, int]) -> Proof:
        """Say `witnessed` where enough have seen every one of these entries."""
        whole = all(self._covers(ledger, size) for ledger, size in sizes.items() if size)
        return "witnessed" if whole else "unwitnessed"

    def _covers(self, name: str, size: int) -> bool:
        ledger = self._ledgers.get(name)
        newest = None if ledger is None else ledger.checkpoints.latest_published()
        if ledger is None or newest is None or not self.holds(newest):
            return False
        return newest.size >= size or (newest.size == size - 1 and _became_entry(ledger, newest))

    def holds(self, published: PublishedCheckpoint) -> bool:
        """Say whether a checkpoint has its quorum."""
        return self._policy.quorum != NOBODY and self._seen(published.note)


def _became_entry(ledger: ProvenLedger, newest: PublishedCheckpoint) -> bool:
    """Say whether what stands after a checkpoint is that checkpoint itself: it tells nothing."""
    return any(checkpoint_in(entry.record) is not None for entry in ledger.read(newest.size, 1))


def _seen(note: bytes, policy: Policy, algorithms: Algorithms) -> bool:
    try:
        return policy.witnessed(read_note(note), algorithms).quorum
    except NotProven:
        return False
