"""A ledger's file as evidence: read row by row for a verifier, by none of the ledger's own code.

Opening a ledger refuses a file that does not hold together; a verifier wants to say where it does
not. So nothing is refused here but what is no such file: whatever is wrong comes out as bytes.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.read_only import ReadOnlyFile
from domain.errors import HomeNotReady, Unavailable
from domain.record import leaf_bytes_of
from services.audit.verifying.evidence import Evident
from services.cosignatures import gathered
from services.log_ports import SignedList
from services.ports import StoredEntry

_DIGEST = 32
_ID = 16
_ENTRIES = """SELECT rowid - 1, event_id, originator_id, state, statement FROM record
    WHERE rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?"""
_TILE = "SELECT hashes FROM tile WHERE level = ? AND number = ?"
_SIZES = "SELECT size FROM checkpoint WHERE size <= ? ORDER BY size"
_NOTE = "SELECT note FROM checkpoint WHERE size = ?"
_LINES = "SELECT line FROM cosignature WHERE size = ? ORDER BY number"
_SIGNED = "SELECT source, digests, signature FROM submission WHERE id = ?"


class SqliteEvidence:
    """One ledger's file. What is recorded after it was opened is not looked at."""

    partial_tiles = False

    def __init__(self, path: Path) -> None:
        """Open the file; raises HomeNotReady for one that is no ledger's."""
        self._file = ReadOnlyFile(path)
        try:
            self._connection = sqlite3.connect(
                self._file.uri(), uri=True, isolation_level=None, check_same_thread=False
            )
            # Where bytes were made a text, that is no text either: it is named, not stumbled over.
            self._connection.text_factory = lambda raw: raw.decode(errors="replace")
            self.ledger = str(self._one("SELECT name FROM ledger"))
            # In this order: every entry that a signed size counts is there by now.
            self._signed = _number(self._one("SELECT max(size) FROM checkpoint"))
            self.size = max(
                _number(self._one("SELECT size FROM head")),
                _number(self._one("SELECT max(rowid) FROM record")),
            )
        except sqlite3.Error:
            raise HomeNotReady(f"the file at {path} cannot be read as a ledger") from None

    def close(self) -> None:
        """Close the file; raises Unavailable when it was changed while it was read alone."""
        self._connection.close()
        self._file.refuse_if_changed()

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give entries up to the first place where none stands."""
        with _reading():
            rows = self._connection.execute(_ENTRIES, (start, self.size, limit)).fetchall()
        found = []
        for expected, row in enumerate(rows, start=start):
            if row[0] != expected:
                break
            entry = _entry(*row)
            found.append(Evident(leaf_bytes_of(entry.record), entry))
        return found

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give a full tile's hashes as they are stored."""
        with _reading():
            row = self._connection.execute(_TILE, (level, number)).fetchone()
        return None if row is None else _octets(row[0])[: width * _DIGEST]

    def checkpoints(self) -> Iterator[bytes]:
        """Give every kept checkpoint, with the cosignatures that stand beside it."""
        with _reading():
            sizes = self._connection.execute(_SIZES, (self._signed,)).fetchall()
        for (size,) in sizes:
            with _reading():
                note = self._connection.execute(_NOTE, (size,)).fetchone()
                lines = self._connection.execute(_LINES, (size,)).fetchall()
            yield gathered(_octets(note[0]), (_octets(line[0]) for line in lines))

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        with _reading():
            row = self._connection.execute(_SIGNED, (submission.bytes,)).fetchone()
        if row is None:
            return None
        source, digests, signature = row
        listed = _octets(digests)
        apart = [listed[at : at + _DIGEST] for at in range(0, len(listed), _DIGEST)]
        return SignedList(str(source), tuple(apart), _octets(signature))

    def _one(self, statement: str) -> object:
        row = self._connection.execute(statement).fetchone()
        return None if row is None else row[0]


def _number(found: object) -> int:
    return found if isinstance(found, int) else 0


def _entry(
    position: int, event_id: object, stream: object, state: object, statement: object
) -> StoredEntry:
    """Read a row of whatever is in it: what is no id becomes one that no leaf has."""
    raw = event_id if isinstance(event_id, bytes) and len(event_id) == _ID else bytes(_ID)
    try:
        tag = uuid.UUID(hex=str(stream))
    except ValueError:
        tag = uuid.UUID(int=0)
    return StoredEntry(position, uuid.UUID(bytes=raw), tag, _octets(state), _octets(statement))


def _octets(found: object) -> bytes:
    """Give bytes as they are; whatever else stands in their place is none, and shows as that."""
    return found if isinstance(found, bytes) else b""


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error:
        raise Unavailable("the ledger's file") from None
