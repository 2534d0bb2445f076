"""From one key-encryption key to another: what it is to wrap a key anew, wherever keys are kept."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import NotOpened
from services.ports import KeyEncryption


@dataclass(frozen=True, slots=True)
class Change:
    """From one key-encryption key to another."""

    old: KeyEncryption
    new: KeyEncryption

    def of(self, wrapped: bytes, context: bytes) -> bytes | None:
        """Give a key wrapped anew; None where that is done. Raises NotOpened when neither opens."""
        try:
            self.new.unwrap(wrapped, context)
        except NotOpened:
            return self.new.wrap(self.old.unwrap(wrapped, context), context)
        return None

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
