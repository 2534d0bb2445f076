"""What the hub needs of whoever keeps its key-encryption key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class KeyEncryption(Protocol):
    """Custody of the key-encryption key: a sealed file, a transit service or a token.

    Whoever keeps the key elsewhere raises Unavailable while it does not answer.
    """

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes, bound to `context`; never the same bytes twice."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap; raises NotOpened when altered or bound to another context or key."""
        ...

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many keys, each with its context, in order: one question where it is a service."""
        ...

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many, each with its context, in order; None for one that does not unwrap."""
        ...
