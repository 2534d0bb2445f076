"""What taking submissions from a log of messages needs from outside, with its promises.

Such a log has one queue for each ledger. Its messages are numbered upwards, with gaps; who reads it
again from an earlier number is given the same messages again. A queue that is made anew has another
id, so that its numbers are never taken for those of the one before.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol


class Advance(NamedTuple):
    """How far a queue is taken in, and how far it is after what comes with this.

    Both are the number of the first message that is not taken in.
    """

    queue: uuid.UUID
    before: int
    after: int


@dataclass
class OffsetMoved(Exception):
    """The queue does not stand at `before`: another reader was here. Nothing was appended."""

    queue: uuid.UUID


class Offsets(Protocol):
    """How far each queue is taken in: kept in the ledger that it leads to.

    What `append` advances is durable with the records of that append or not at all. Of two that
    start from the same number one alone succeeds. A submission that is in conflict moves nothing.
    """

    def reached(self, queue: uuid.UUID) -> int:
        """Give the number of the first message that is not taken in, 0 for a new queue."""
        ...

    def advance(self, moved: Advance) -> None:
        """Move on without an append; raises OffsetMoved, or Unavailable."""
        ...


class Arrived(NamedTuple):
    """One message as it came, unopened."""

    queue: uuid.UUID
    offset: int
    headers: Mapping[str, bytes]
    value: bytes


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was not taken in, for somebody to look at.

    `id` is the same however often the message is put away. `sealed` is the message as it came, for
    what could not be opened or read; for what was refused it is left out, and ids stand for it.
    """

    id: uuid.UUID
    queue: uuid.UUID
    offset: int
    reason: str
    submission: uuid.UUID | None = None
    headers: Mapping[str, bytes] = field(default_factory=dict)
    sealed: bytes = field(default=b"", repr=False)


class DeadLetters(Protocol):
    """Where what was not taken in is put away, for 30 days."""

    def put(self, letter: DeadLetter) -> None:
        """Put a letter away; durable when it returns. Raises Unavailable."""
        ...


class IntakeKeys(Protocol):
    """The hub's intake keys, by their fingerprints."""

    def opened(self, key: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """Open what was sealed to a key; None when it does not open. Raises NotFound."""
        ...
