"""Small logs, signed as the hub signs them, and other histories of the same log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.keys.checkpoint_key import CheckpointKey
from domain.checkpoint import Checkpoint, NoteSigner, signed_note
from domain.signed_note import Note
from domain.tree import leaf_hash
from domain.witnessing import AddCheckpoint
from tests.domain.plain_tree import mth, subproof
from tests.note_rig import NOW, ORIGIN

KEY = CheckpointKey(bytes(range(64)))


@dataclass(frozen=True)
class SmallLog:
    """A log of a few dozen entries; another `history` has other entries from `since` on."""

    origin: str = ORIGIN
    history: str = "one"
    since: int = 0
    signers: Sequence[NoteSigner] = field(default_factory=lambda: KEY.signers(ORIGIN))

    def leaves(self, size: int) -> list[bytes]:
        """Give the leaf hashes."""
        return [
            leaf_hash(f"{self.history if at >= self.since else 'one'} {at}".encode())
            for at in range(size)
        ]

    def checkpoint(self, size: int) -> Checkpoint:
        """Give the checkpoint of a size."""
        return Checkpoint(self.origin, size, mth(self.leaves(size)))

    def note(self, size: int) -> Note:
        """Give the signed checkpoint of a size."""
        return signed_note(self.checkpoint(size), self.signers, seconds=NOW)

    def prove(self, old: int, new: int) -> list[bytes]:
        """Prove that the tree of `new` begins with that of `old`."""
        return [] if old in {0, new} else subproof(old, self.leaves(new))

    def request(self, old: int, new: int) -> bytes:
        """Ask for a cosignature."""
        return AddCheckpoint(old, tuple(self.prove(old, new)), self.note(new)).encode()


def log_of(origin: str, *, seed: int = 0) -> SmallLog:
    """Give a log of another origin; of another key, with another seed."""
    key = CheckpointKey(bytes(range(seed, 64 + seed)))
    return SmallLog(origin, signers=key.signers(origin))
