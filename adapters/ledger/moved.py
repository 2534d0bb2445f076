"""What a ledger takes along when it moves from its file to a server: every row, as it is."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from adapters.ledger.ledger_format import Origin
from services.ports import Head

MovedRecord = tuple[int, uuid.UUID, int, str, uuid.UUID, bytes, bytes]
MovedRow = tuple[int | str | bytes | uuid.UUID, ...]

TABLES = {
    "tile": ("level", "number", "top", "hashes"),
    "checkpoint": ("size", "root", "note", "kept_ms"),
    "cosignature": ("number", "size", "line", "taken_ms"),
    "published": ("number", "size", "note", "published_ms"),
    "submission": (
        *("number", "id", "source", "first", "count"),
        *("digests", "signature", "answer"),
    ),
    "queue_offset": ("queue", "reached"),
}
"""In an order in which each finds what it refers to; all of them after the records."""
NUMBERED = ("cosignature", "published", "submission")
"""Those whose next number the server gives."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a ledger says of itself, and where it ends."""

    name: str
    origin: Origin
    head: Head
    root: bytes


class Leaving(Protocol):
    """A ledger that is left, and does not change meanwhile."""

    @property
    def identity(self) -> Identity:
        """Give what it says of itself."""
        ...

    def records(self) -> Iterator[list[MovedRecord]]:
        """Give its records in order, some thousand at a time."""
        ...

    def rows(self, table: str) -> Iterator[MovedRow]:
        """Give the rows of one of the other tables, in order."""
        ...
