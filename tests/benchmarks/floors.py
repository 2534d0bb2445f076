"""The floors: the least that anybody would have to do with the same bytes on the same disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from eventsourcing.application import Application
from eventsourcing.cipher import AESCipher
from eventsourcing.domain import Aggregate, event

from adapters.ledger.sqlite_schema import PAGE_BYTES
from domain.canonical import JsonValue, canonical
from services.ports import Cipher

LIBRARY_BATCH = 100
_HEADER_NUMBER = 255
_NUMBER_AT = -34
"""Where the part number stands in associated data, counted from its end (services/sealing.py)."""
_NONCE, _SALT, _RING = 12, 32, 65


class BareTable:
    """One table with one value a row, in a file that is as durable as a ledger."""

    def __init__(self, path: Path) -> None:
        """Make the file."""
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE record (number INTEGER PRIMARY KEY, state BLOB)")

    def insert(self, records: Sequence[bytes]) -> None:
        """Insert records in one durable transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(
            "INSERT INTO record (state) VALUES (?)", ((record,) for record in records)
        )
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


class Note(Aggregate):
    """What the library's application is given to save: an aggregate that is told texts."""

    def __init__(self) -> None:
        """Begin with nothing told."""
        self.told = 0

    @event("Told")
    def tell(self, text: str) -> None:
        """Take in one text; it stays in the event alone."""
        self.told += len(text)


class LibraryApplication:
    """The `eventsourcing` library as it comes: SQLite, JSON, its own AES cipher."""

    def __init__(self, path: Path) -> None:
        """Make its file."""
        self._application = Application[UUID](
            env={
                "PERSISTENCE_MODULE": "eventsourcing.sqlite",
                "SQLITE_DBNAME": str(path),
                "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
                "CIPHER_KEY": AESCipher.create_key(32),
            }
        )

    def save(self, texts: Sequence[str]) -> None:
        """Save texts as the events of new aggregates, a hundred at a time: its quickest way."""
        for start in range(0, len(texts), LIBRARY_BATCH):
            note = Note()
            for text in texts[start : start + LIBRARY_BATCH]:
                note.tell(text)
            self._application.save(note)

    def close(self) -> None:
        """Close its file."""
        self._application.close()


@dataclass(frozen=True, slots=True)
class Piece:
    """One sealed piece with its key, and where in the plaintext its JSON begins."""

    key: bytes = field(repr=False)
    sealed: bytes
    associated: bytes
    begins: int


class NotingCipher:
    """A cipher that notes what it opens, so that the floor opens the very same pieces."""

    def __init__(self, inner: Cipher) -> None:
        """Work by another cipher."""
        self._inner = inner
        self.pieces: list[Piece] = []

    def seal(self, key: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """Seal as the other does."""
        return self._inner.seal(key, plaintext, associated)

    def open(self, key: bytes, sealed: bytes, associated: bytes) -> bytes | None:
        """Open as the other does, and note it."""
        body = self._inner.open(key, sealed, associated)
        if body is not None:
            header = associated[_NUMBER_AT] == _HEADER_NUMBER
            begins = _SALT + 1 + _RING * body[_SALT] if header else _SALT
            self.pieces.append(Piece(key, sealed, associated, begins))
        return body


def decrypt_and_parse(pieces: Sequence[Piece]) -> int:
    """Decrypt every piece and read its JSON; gives how many there were."""
    read = 0
    for piece in pieces:
        sealed = piece.sealed
        body = AESGCM(piece.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], piece.associated)
        json.loads(body[piece.begins :])
        read += 1
    return read


def serialise(events: Sequence[JsonValue]) -> int:
    """Spell documents as JSON once each; gives their bytes."""
    return sum(len(canonical(one)) for one in events)
