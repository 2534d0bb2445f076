"""What a borough's client needs of a log of messages that leads to the hub."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Queued:
    """Where a message lies: in which queue, and its number there."""

    queue: uuid.UUID
    offset: int


class Queue(Protocol):
    """The queue of one ledger, for who may put something into it."""

    def put(self, headers: Mapping[str, bytes], value: bytes) -> Queued:
        """Put a message in; durable when it returns. Raises Unavailable, or NotAuthorised."""
        ...


SealTo = Callable[[bytes, bytes, bytes], bytes]
"""(public key, plaintext, info) → sealed; raises NotTrusted for what is no such key."""
