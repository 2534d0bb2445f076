"""Fakes of what taking in needs: intake keys, a place for dead letters, a queue to be put into."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.keys import encapsulation
from domain.errors import NotFound, Unavailable
from domain.queued import headers_of, intake_fingerprint, packed, sealing_info
from services.intake_ports import Arrived, DeadLetter
from services.queue_ports import Queued

QUEUE = uuid.UUID(int=99)


class MemoryIntakeKeys:
    """Intake keys that live as long as a test; `keys` maps fingerprint to private key."""

    def __init__(self) -> None:
        """Begin with one key."""
        private, self.public = encapsulation.generate()
        self.key = intake_fingerprint(self.public)
        self.keys = {self.key: private}

    def opened(self, key: bytes, sealed: bytes, info: bytes) -> bytes | None:
        """Open what was sealed to a key."""
        if key not in self.keys:
            raise NotFound("intake key")
        return encapsulation.open_with(self.keys[key], sealed, info)

    def message(
        self, document: bytes, offset: int = 0, *, ledger: str = "havering", atomic: bool = False
    ) -> Arrived:
        """Give a document as it comes by a ledger's queue."""
        info = sealing_info(ledger, self.key, atomic=atomic)
        sealed = encapsulation.seal_to(self.public, packed(document), info)
        return Arrived(QUEUE, offset, headers_of(self.key, atomic=atomic), sealed)


@dataclass
class MemoryDeadLetters:
    """Dead letters in memory; while `away`, none can be put there."""

    letters: list[DeadLetter] = field(default_factory=list)
    away: bool = False

    def put(self, letter: DeadLetter) -> None:
        """Put a letter away."""
        if self.away:
            raise Unavailable("the place for dead letters")
        self.letters.append(letter)


@dataclass
class MemoryQueue:
    """A queue in memory, for who puts something into it."""

    messages: list[Arrived] = field(default_factory=list)
    away: bool = False

    def put(self, headers: Mapping[str, bytes], value: bytes) -> Queued:
        """Put a message in."""
        if self.away:
            raise Unavailable("the queue")
        offset = len(self.messages)
        self.messages.append(Arrived(QUEUE, offset, dict(headers), value))
        return Queued(QUEUE, offset)
