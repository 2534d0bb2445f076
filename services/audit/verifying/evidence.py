"""What there is of one ledger to be verified, however it is held: a database, a hub, a folder.

Nothing of it is believed. Whoever holds it gives bytes; what they mean is worked out anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.errors import RecordMalformed
from domain.logged_checkpoint import checkpoint_in
from domain.record import encode_record, leaf_of
from services.ports import Head, StoredEntry

_AT_ONCE = 500


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


Newest = Callable[[str], AbstractContextManager[Evidence]]
"""Opens a ledger as evidence, as it is now."""


class EvidentLog:
    """Evidence as a log whose entries can be opened (a `DatedLog`): as far as it goes.

    Where there are leaves alone, the rows that stand in their place hold nothing that is sealed.
    """

    def __init__(self, evidence: Evidence) -> None:
        """Read this evidence."""
        self._evidence = evidence

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on."""
        found = self._evidence.entries(start, limit)
        return [one.row or row_of(at, one.leaf) for at, one in enumerate(found, start=start)]

    def head(self) -> Head:
        """Give how many there are; no more is known."""
        return Head(self._evidence.size, 0, 0)

    def size_as_of(self, recorded_ms: int) -> int:  # noqa: ARG002 - the port's
        """Give all of it: a verification is as of now."""
        return self._evidence.size


class RenewedLog:
    """Evidence as a log that can be read on: what a live ledger took since it was opened.

    While a ledger is verified somebody may be erased: what explains a missing part stands behind
    the end that the verification began with.
    """

    def __init__(self, evidence: Evidence, newest: Newest) -> None:
        """Begin with this evidence; `newest` opens the same ledger as it is then."""
        self._evidence = evidence
        self._newest = newest
        self._since: list[StoredEntry] = []

    def renew(self) -> None:
        """Read what came since; raises HomeNotReady, NotProven or Unavailable."""
        at = self._evidence.size + len(self._since)
        with self._newest(self._evidence.ledger) as newest:
            log = EvidentLog(newest)
            while found := log.read(at, _AT_ONCE):
                self._since += found
                at += len(found)

    def head(self) -> Head:
        """Give how many there are by now."""
        return Head(self._evidence.size + len(self._since), 0, 0)

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on."""
        beyond = start - self._evidence.size
        if beyond >= 0:
            return self._since[beyond : beyond + limit]
        return EvidentLog(self._evidence).read(start, limit)


def row_of(position: int, leaf: bytes) -> StoredEntry:
    """Give a row that holds a leaf and nothing sealed."""
    record = encode_record(leaf, ())
    checkpoint = checkpoint_in(record)
    try:
        event_id = checkpoint.entry_id if checkpoint else leaf_of(record).event_id
    except RecordMalformed:
        event_id = uuid.UUID(int=0)
    return StoredEntry(position, event_id, uuid.UUID(int=0), record, b"")
