"""From one key-encryption key to another: what it is to wrap a key anew, wherever keys are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domain.errors import NotOpened
from services.key_ports import KeyEncryption

SHUT: Final = b""
"""In the place of a key that neither key-encryption key opens: it was lost before."""


@dataclass(frozen=True, slots=True)
class Change:
    """From one key-encryption key to another."""

    old: KeyEncryption
    new: KeyEncryption

    def of(self, wrapped: bytes, context: bytes) -> bytes | None:
        """Give a key wrapped anew; None where that is done. Raises NotOpened when neither opens."""
        (found,) = self.of_all([(wrapped, context)])
        if found is SHUT:
            raise NotOpened("wrapped key")
        return found

    def of_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Give each key wrapped anew, in order; None where that is done, SHUT if neither opens."""
        found: list[bytes | None] = [None] * len(wrapped)
        done = self.new.unwrap_all(wrapped)
        left = [at for at, key in enumerate(done) if key is None]
        opened = self.old.unwrap_all([wrapped[at] for at in left])
        fresh = [(at, key) for at, key in zip(left, opened, strict=True) if key is not None]
        again = self.new.wrap_all([(key, wrapped[at][1]) for at, key in fresh])
        for at in left:
            found[at] = SHUT
        for (at, _), one in zip(fresh, again, strict=True):
            found[at] = one
        return found

    def key(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap by either; raises NotOpened."""
        try:
            return self.new.unwrap(wrapped, context)
        except NotOpened:
            return self.old.unwrap(wrapped, context)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """How many rows were wrapped anew, and how many open under neither key."""

    rows: int
    shut: int
