"""The outbox in the borough's SQLite store."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence

from domain.errors import Fault
from services.client_ports import Outgoing, Refusal

OUTGOING_COLUMNS = "submission, document, events, statements, atomic, tries, renamed"
OutgoingRow = tuple[bytes, bytes, bytes, bytes, int, int, int]
_ID_BYTES = 16
_DIGEST_BYTES = 32


class SqliteOutbox:
    """The `Outbox` port. Event ids and statement digests stand one after another in one value."""

    def __init__(self, connection: sqlite3.Connection, source: int) -> None:
        """Use an open file for one source."""
        self._connection = connection
        self._source = source

    def take_sequence(self, count: int) -> int:
        """Take `count` numbers of the source's own counter; gives the first."""
        row: tuple[int] = self._connection.execute(
            "SELECT next_sequence FROM source WHERE number = ?", (self._source,)
        ).fetchone()
        self._connection.execute(
            "UPDATE source SET next_sequence = ? WHERE number = ?", (row[0] + count, self._source)
        )
        if count:
            self._connection.execute("UPDATE life SET changes = changes + 1")
        return row[0]

    def add(self, outgoing: Outgoing) -> None:
        """Put a submission at the end."""
        self._connection.execute(
            "INSERT INTO outbox (source, submission, atomic, state, events, statements, document,"
            " renamed) VALUES (?, ?, ?, 'waiting', ?, ?, ?, ?)",
            (
                self._source,
                outgoing.submission.bytes,
                outgoing.atomic,
                b"".join(event.bytes for event in outgoing.events),
                b"".join(outgoing.statements),
                outgoing.document,
                outgoing.renamed,
            ),
        )

    def next_try(self) -> Outgoing | None:
        """Give the oldest submission that was not answered, and count the try."""
        row: OutgoingRow | None = self._connection.execute(
            f"SELECT {OUTGOING_COLUMNS} FROM outbox"  # noqa: S608 - our own words
            " WHERE source = ? AND state = 'waiting' ORDER BY renamed DESC, number LIMIT 1",
            (self._source,),
        ).fetchone()
        if row is None:
            return None
        self._connection.execute(
            "UPDATE outbox SET tries = tries + 1 WHERE submission = ?", (row[0],)
        )
        return outgoing_of(row)

    def waiting(self) -> int:
        """Count the submissions that were not answered."""
        row: tuple[int] = self._connection.execute(
            "SELECT count(*) FROM outbox WHERE source = ? AND state = 'waiting'", (self._source,)
        ).fetchone()
        return row[0]

    def acknowledge(
        self, submission: uuid.UUID, answer: bytes, refused: Mapping[uuid.UUID, Sequence[Fault]]
    ) -> bool:
        """Keep a checked acknowledgement for ever; False when there was an answer already."""
        changed = self._connection.execute(
            "UPDATE outbox SET state = 'acknowledged', answer = ?, document = NULL"
            " WHERE submission = ? AND state = 'waiting'",
            (answer, submission.bytes),
        ).rowcount
        if changed:
            for event, faults in refused.items():
                self._refusals(submission, event.bytes, faults)
        return bool(changed)

    def refuse(self, submission: uuid.UUID, faults: Sequence[Fault]) -> bool:
        """Mark a submission as refused as a whole; its bytes stay. False when it was answered."""
        changed = self._connection.execute(
            "UPDATE outbox SET state = 'refused' WHERE submission = ? AND state = 'waiting'",
            (submission.bytes,),
        ).rowcount
        if changed:
            self._refusals(submission, None, faults)
        return bool(changed)

    def acknowledgement(self, submission: uuid.UUID) -> bytes | None:
        """Give the acknowledgement of a submission."""
        row: tuple[bytes | None] | None = self._connection.execute(
            "SELECT answer FROM outbox WHERE submission = ?", (submission.bytes,)
        ).fetchone()
        return None if row is None else row[0]

    def acknowledgements(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        """Give kept acknowledgements, numbered in order of sending, from after a number on."""
        return self._connection.execute(
            "SELECT number, answer FROM outbox WHERE source = ? AND number > ?"
            " AND answer IS NOT NULL ORDER BY number LIMIT ?",
            (self._source, after, limit),
        ).fetchall()

    def refusals(self, after: int, limit: int) -> list[Refusal]:
        """Give faults that the hub told, numbered in order, from after a number on."""
        rows = self._connection.execute(
            "SELECT number, submission, event, place, code FROM refusal"
            " WHERE source = ? AND number > ? ORDER BY number LIMIT ?",
            (self._source, after, limit),
        )
        return [
            Refusal(
                number,
                uuid.UUID(bytes=submission),
                uuid.UUID(bytes=event) if event else None,
                place,
                code,
            )
            for number, submission, event, place, code in rows
        ]

    def _refusals(
        self, submission: uuid.UUID, event: bytes | None, faults: Iterable[Fault]
    ) -> None:
        self._connection.executemany(
            "INSERT INTO refusal (source, submission, event, place, code) VALUES (?, ?, ?, ?, ?)",
            ((self._source, submission.bytes, event, one.place, one.code) for one in faults),
        )


def outgoing_of(row: OutgoingRow) -> Outgoing:
    """Read a row of the outbox."""
    submission, document, events, statements, atomic, tries, renamed = row
    return Outgoing(
        uuid.UUID(bytes=submission),
        document,
        tuple(uuid.UUID(bytes=event) for event in _cut(events, _ID_BYTES)),
        tuple(_cut(statements, _DIGEST_BYTES)),
        bool(atomic),
        tries,
        bool(renamed),
    )


def _cut(joined: bytes, size: int) -> list[bytes]:
    return [joined[at : at + size] for at in range(0, len(joined), size)]
