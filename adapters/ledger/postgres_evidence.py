"""A ledger in PostgreSQL as evidence: read row by row, by none of the ledger's own code.

Opening a ledger refuses a schema that does not hold together; a verifier wants to say where it does
not. So nothing is refused here but what is no such schema: whatever is wrong comes out as bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg.rows import TupleRow, tuple_row

from adapters.postgres_connections import Patience, Place, connect
from domain.errors import HomeNotReady, Unavailable
from domain.record import leaf_bytes_of
from services.audit.verifying.evidence import Evident
from services.cosignatures import gathered
from services.log_ports import SignedList
from services.ports import StoredEntry

_DIGEST = 32
_ENTRIES = """SELECT notification_id - 1, event_id, originator_id, state, statement FROM record
    WHERE notification_id > %s AND notification_id <= %s ORDER BY notification_id LIMIT %s"""
_TILE = "SELECT hashes FROM tile WHERE level = %s AND number = %s"
_SIZES = "SELECT size FROM checkpoint WHERE size <= %s ORDER BY size"
_NOTE = "SELECT note FROM checkpoint WHERE size = %s"
_LINES = "SELECT line FROM cosignature WHERE size = %s ORDER BY number"
_SIGNED = "SELECT source, digests, signature FROM submission WHERE id = %s"


class PostgresEvidence:
    """One ledger's schema. What is recorded after it was opened is not looked at."""

    partial_tiles = False

    def __init__(self, place: Place) -> None:
        """Open the schema; raises HomeNotReady for one that is no ledger's, or Unavailable."""
        try:
            self._connection = connect(place.looking(), Patience(statement_ms=0, idle_ms=0))
        except psycopg.Error:
            raise Unavailable("the ledger's server") from None
        try:
            self.ledger = str(self._one("SELECT name FROM ledger"))
            # In this order: every entry that a signed size counts is there by now.
            self._signed = _number(self._one("SELECT max(size) FROM checkpoint"))
            self.size = max(
                _number(self._one("SELECT size FROM head")),
                _number(self._one("SELECT max(notification_id) FROM record")),
            )
        except psycopg.Error:
            self._connection.close()
            raise HomeNotReady(f"the schema {place.schema} cannot be read as a ledger") from None

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def entries(self, start: int, limit: int) -> Sequence[Evident]:
        """Give entries up to the first place where none stands."""
        found = []
        for expected, row in enumerate(self._rows(_ENTRIES, start, self.size, limit), start=start):
            if row[0] != expected:
                break
            entry = StoredEntry(*row)
            found.append(Evident(leaf_bytes_of(entry.record), entry))
        return found

    def tile(self, level: int, number: int, width: int) -> bytes | None:
        """Give a full tile's hashes as they are stored."""
        rows = self._rows(_TILE, level, number)
        return next((bytes(hashes)[: width * _DIGEST] for (hashes,) in rows), None)

    def checkpoints(self) -> Iterator[bytes]:
        """Give every kept checkpoint, with the cosignatures that stand beside it."""
        for (size,) in self._rows(_SIZES, self._signed):
            [(note,)] = self._rows(_NOTE, size)
            yield gathered(note, [line for (line,) in self._rows(_LINES, size)])

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        for source, digests, signature in self._rows(_SIGNED, submission):
            listed = bytes(digests)
            apart = [listed[at : at + _DIGEST] for at in range(0, len(listed), _DIGEST)]
            return SignedList(str(source), tuple(apart), bytes(signature))
        return None

    def _one(self, statement: str) -> object:
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(statement).fetchone()
        return None if row is None else row[0]

    def _rows(self, statement: str, *values: object) -> list[TupleRow]:
        with (
            _reading(),
            self._connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            return cursor.execute(statement, values).fetchall()


def _number(found: object) -> int:
    return found if isinstance(found, int) else 0


@contextmanager
def _reading() -> Iterator[None]:
    try:
        yield
    except psycopg.Error:
        raise Unavailable("the ledger's server") from None
