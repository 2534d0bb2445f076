"""A ledger in one SQLite file, over the recorder of the eventsourcing library.

    the library's name        here
    notification id (rowid)   position + 1
    originator_version        position
    originator_id             the stream's keyed tag
    topic                     the record's format
    state                     the record's exact bytes, leaf first

One transaction holds the records, the submissions with their answers, and the head. It takes the
lock before it reads the head, so positions have no gaps; it is flushed to disk before it returns
(WAL, synchronous=FULL).
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.plan import AppendPlan, Standing, SubmissionRow, apart, recorded_ms_of
from adapters.ledger.sqlite_schema import (
    INSERT_RECORD,
    INSERT_SUBMISSION,
    LEDGER_FORMAT,
    MOVE_HEAD,
    SELECT_ANSWERED,
    SELECT_ENTRIES,
    SELECT_EVENT,
    SELECT_HEAD,
    SELECT_IDENTITY,
    SELECT_LAST,
    SELECT_LEAF,
    SELECT_STANDING,
    SELECT_STREAM,
    SELECT_SUBMISSION,
    Origin,
)
from adapters.ledger.sqlite_store import LedgerDatastore, address_to_write, unavailable
from domain.errors import HomeNotReady, Unavailable
from domain.record import RECORD_FORMAT
from services.ports import (
    Answered,
    FencesMoved,
    Head,
    PendingSubmission,
    StoredEntry,
    SubmissionConflict,
)

LOCK_TIMEOUT_S = 30.0
RecordRow = tuple[int, str, int, str, bytes, bytes, bytes]


class SqliteLedger(SQLiteApplicationRecorder):
    """One ledger in one file. Threads may share it; processes each open their own."""

    def __init__(
        self,
        path: Path,
        name: str,
        *,
        origin: Origin = "hub",
        watch: ClockWatch | None = None,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        """Open a ledger that `create_ledger` made; raises HomeNotReady for any other file."""
        self._name = name
        self._watch = watch or ClockWatch()
        if not path.is_file():
            raise HomeNotReady(f"there is no ledger at {path}: make it with `bhr ledger init`")
        super().__init__(self._store(path, lock_timeout_s), "record")
        try:
            self._refuse_another(path, origin)
        except BaseException:
            self.close()
            raise

    def _store(self, path: Path, lock_timeout_s: float) -> LedgerDatastore:
        return LedgerDatastore(address_to_write(path), lock_timeout_s=lock_timeout_s)

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._name

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, in one transaction; one result each."""
        with unavailable(), self.datastore.transaction(commit=True) as cursor:
            head = _head(cursor)
            if head.fences != fences:
                raise FencesMoved
            self._watch.check(now_ms, head.recorded_ms)
            recorded_ms = max(now_ms, head.recorded_ms)
            answered = _answered(cursor, submissions)
            new = [pending for pending in submissions if pending.submission not in answered]
            plan = AppendPlan(head, recorded_ms, answered, _standing(cursor, new))
            results = plan.take_all(submissions)
            if plan.submissions:
                _write(cursor, (_record_row(entry) for entry in plan.entries), plan.head_after())
                rows = (_submission_row(row) for row in plan.submissions)
                cursor.executemany(INSERT_SUBMISSION, rows)
        self._watch.committed(now_ms)
        return results

    def head(self) -> Head:
        """Give the end of the ledger."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            return _head(cursor)

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            return _entries(cursor, max(start, 0), max(limit, 0))

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_EVENT, (event_id.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
        return None if row is None else _entry(row)

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_STREAM, (stream_tag.hex,))
            return [_entry(row) for row in cursor.fetchall()]

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_SUBMISSION, (submission.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
        return None if row is None else (apart(row["digests"]), row["answer"])

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_SUBMISSION, (submission.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
            return [] if row is None else _entries(cursor, row["first"], row["count"])

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time.

        `recorded` never goes back, so a search over positions finds it in a few steps.
        """
        with unavailable(), self.datastore.transaction(commit=False) as cursor:

            def recorded_at(position: int) -> int:
                cursor.execute(SELECT_LEAF, (position + 1,))
                return recorded_ms_of(cursor.fetchone()[0])

            return bisect_right(range(_head(cursor).size), recorded_ms, key=recorded_at)

    def close(self) -> None:
        """Close the file, once whoever is using it has finished."""
        self.datastore.close()

    def construct_create_table_statements(self) -> list[str]:
        """Give none to the library: a ledger's tables are made once, by `create_ledger`."""
        return []

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **_: object
    ) -> Sequence[int]:
        """Serve the library's own door, under the same lock and head, with versions as given.

        Opaque states name no event: one is derived from stream and version, whose pair is unique.
        """
        head = _head(c)
        rows = [
            _opaque_row(row_id, event)
            for row_id, event in enumerate(stored_events, start=head.size + 1)
        ]
        _write(c, rows, Head(head.size + len(rows), head.recorded_ms, head.fences))
        return [row[0] for row in rows]

    def _refuse_another(self, path: Path, origin: Origin) -> None:
        try:
            with unavailable(), self.datastore.transaction(commit=False) as cursor:
                cursor.execute(SELECT_IDENTITY)
                identity: sqlite3.Row | None = cursor.fetchone()
                cursor.execute(SELECT_LAST)
                last: int = cursor.fetchone()[0]
                size = _head(cursor).size
        except Unavailable:
            raise HomeNotReady(f"the file at {path} cannot be read as a ledger") from None
        if identity is None or tuple(identity) != (self._name, LEDGER_FORMAT, origin):
            raise HomeNotReady(
                f"the file at {path} is not the ledger {self._name} ({LEDGER_FORMAT}, {origin})"
            )
        if last != size:
            raise HomeNotReady(f"head and records of the ledger at {path} differ: restore it")


def _head(cursor: SQLiteCursor) -> Head:
    cursor.execute(SELECT_HEAD)
    return Head(*cursor.fetchone())


def _write(cursor: SQLiteCursor, rows: Iterable[RecordRow], head: Head) -> None:
    cursor.executemany(INSERT_RECORD, rows)
    cursor.execute(MOVE_HEAD, (head.size, head.recorded_ms))


def _answered(
    cursor: SQLiteCursor, submissions: Sequence[PendingSubmission]
) -> dict[uuid.UUID, tuple[bytes, bytes]]:
    ids = b"".join(pending.submission.bytes for pending in submissions)
    cursor.execute(SELECT_ANSWERED, {"ids": ids, "count": len(submissions)})
    return {uuid.UUID(bytes=row[0]): (row[1], row[2]) for row in cursor.fetchall()}


def _standing(
    cursor: SQLiteCursor, submissions: Sequence[PendingSubmission]
) -> dict[bytes, Standing]:
    ids = b"".join(
        record.leaf.event_id.bytes for pending in submissions for record in pending.records
    )
    cursor.execute(SELECT_STANDING, {"ids": ids, "count": len(ids) // 16})
    return {
        event_id: Standing(position, recorded_ms_of(leaf), statement)
        for event_id, position, statement, leaf in cursor.fetchall()
    }


def _entries(cursor: SQLiteCursor, start: int, limit: int) -> list[StoredEntry]:
    cursor.execute(SELECT_ENTRIES, (start, limit))
    return [_entry(row) for row in cursor.fetchall()]


def _entry(row: sqlite3.Row) -> StoredEntry:
    position, event_id, stream_tag, record, statement = row
    return StoredEntry(
        position, uuid.UUID(bytes=event_id), uuid.UUID(hex=stream_tag), record, statement
    )


def _record_row(entry: StoredEntry) -> RecordRow:
    return (
        entry.position + 1, entry.stream_tag.hex, entry.position, RECORD_FORMAT,
        entry.event_id.bytes, entry.statement, entry.record,
    )  # fmt: skip


def _opaque_row(row_id: int, event: StoredEvent) -> RecordRow:
    tag = event.originator_id
    stream = tag.hex if isinstance(tag, uuid.UUID) else tag
    place = hashlib.sha256(f"{stream}/{event.originator_version}".encode()).digest()
    statement = hashlib.sha256(event.state).digest()
    return (
        row_id, stream, event.originator_version, event.topic, place[:16], statement, event.state,
    )  # fmt: skip


def _submission_row(row: SubmissionRow) -> tuple[bytes, str, int, int, bytes, bytes, bytes]:
    return (
        row.submission.bytes, row.source, row.first, row.count,
        row.digests, row.signature, row.answer,
    )  # fmt: skip
