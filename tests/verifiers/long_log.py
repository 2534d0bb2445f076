"""A log of 70 000 entries, signed as the hub signs, and another history of it."""

from __future__ import annotations

import functools

from domain.checkpoint import Checkpoint, signed_note
from domain.signed_note import Note
from domain.tree import consistency, leaf_hash, root_of
from tests.domain.plain_tree import Tiles, entry
from tests.log_rig import KEY

ORIGIN = "hub.example/havering"
SIZE = 70_000
SIGNERS = KEY.signers(ORIGIN)


class LongLog:
    """One history of the log: from entry `since` on it has entries of its own."""

    def __init__(self, since: int = SIZE) -> None:
        leaves = [leaf_hash(entry(at) if at < since else b"another %d" % at) for at in range(SIZE)]
        self.tiles = Tiles(leaves)

    def checkpoint(self, size: int) -> Checkpoint:
        """Give the checkpoint of a size."""
        return Checkpoint(ORIGIN, size, root_of(size, self.tiles))

    def note(self, size: int, seconds: int) -> Note:
        """Give the signed checkpoint of a size, with both of the hub's signatures."""
        return signed_note(self.checkpoint(size), SIGNERS, seconds=seconds)

    def prove(self, old: int, new: int) -> list[bytes]:
        """Prove that the tree of `new` begins with that of `old`."""
        return consistency(old, new, self.tiles)


@functools.cache
def the_log() -> LongLog:
    """Give the log."""
    return LongLog()


@functools.cache
def another_history() -> LongLog:
    """Give the log as it is shown to somebody else: other entries from 200 on."""
    return LongLog(200)
