"""What there is of one ledger to be verified, however it is held: a database, a hub, a folder.

Nothing of it is believed. Whoever holds it gives bytes; what they mean is worked out anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.ports import StoredEntry


@dataclass(frozen=True, slots=True)
class Evident:
    """One entry: the leaf's bytes, and the stored row where the evidence is a database."""

    leaf: bytes
    row: StoredEntry | None = None


class Evidence(Protocol):
    """One ledger. Raises Unavailable where it cannot be read on, never anything of its library's.

    A missing thing is None or a shorter list, not an exception: it is a finding.
    """

    @property
    def ledger(self) -> str:
        """Give the ledger's name."""
        ...

    @property
    def size(self) -> int:
        """Give how many entries it claims to have."""
        ...

    @property
    def partial_tiles(self) -> bool:
        """Say whether the right edge is held as tiles too, as a hub and a folder serve it."""
        ...

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give up to `limit` entries from position `start` on."""
        ...

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give a tile's hashes, 32 bytes each."""
        ...

    def checkpoints(self) -> Iterator[bytes]:
        """Give every kept checkpoint, a signed note each, with all its cosignatures."""
        ...
