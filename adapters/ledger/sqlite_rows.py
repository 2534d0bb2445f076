"""Rows of a ledger's file, and what they stand for."""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Sequence

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.plan import Standing, SubmissionRow, Taken
from adapters.ledger.sqlite_statements import SELECT_ANSWERED, SELECT_ENTRIES, SELECT_STANDING
from domain.record import RECORD_FORMAT, recorded_ms_of
from services.ports import PendingSubmission, StoredEntry

RecordRow = tuple[int, str, int, str, bytes, bytes, bytes]


def answered_of(
    cursor: SQLiteCursor, submissions: Sequence[PendingSubmission]
) -> dict[uuid.UUID, Taken]:
    """Give source, digests and answer of those submissions that stand already."""
    ids = b"".join(pending.submission.bytes for pending in submissions)
    cursor.execute(SELECT_ANSWERED, {"ids": ids, "count": len(submissions)})
    return {uuid.UUID(bytes=row[0]): Taken(*row[1:]) for row in cursor.fetchall()}


def standing_of(
    cursor: SQLiteCursor, submissions: Sequence[PendingSubmission]
) -> dict[bytes, Standing]:
    """Give what stands of the events of these submissions."""
    ids = b"".join(
        record.leaf.event_id.bytes for pending in submissions for record in pending.records
    )
    cursor.execute(SELECT_STANDING, {"ids": ids, "count": len(ids) // 16})
    return {
        event_id: Standing(position, recorded_ms_of(leaf), statement)
        for event_id, position, statement, leaf in cursor.fetchall()
    }


def entries_from(cursor: SQLiteCursor, start: int, limit: int) -> list[StoredEntry]:
    """Give up to `limit` entries from position `start` on."""
    cursor.execute(SELECT_ENTRIES, (start, limit))
    return [entry_of(row) for row in cursor.fetchall()]


def entry_of(row: sqlite3.Row) -> StoredEntry:
    """Give the entry that a row holds."""
    position, event_id, stream_tag, record, statement = row
    return StoredEntry(
        position, uuid.UUID(bytes=event_id), uuid.UUID(hex=stream_tag), record, statement
    )


def record_row(entry: StoredEntry) -> RecordRow:
    """Give the row that holds an entry."""
    return (
        entry.position + 1, entry.stream_tag.hex, entry.position, RECORD_FORMAT,
        entry.event_id.bytes, entry.statement, entry.record,
    )  # fmt: skip


def opaque_row(row_id: int, event: StoredEvent) -> RecordRow:
    """Give the row for an opaque state of the library; an id is derived for it."""
    tag = event.originator_id
    stream = tag.hex if isinstance(tag, uuid.UUID) else tag
    place = hashlib.sha256(f"{stream}/{event.originator_version}".encode()).digest()
    statement = hashlib.sha256(event.state).digest()
    return (
        row_id, stream, event.originator_version, event.topic, place[:16], statement, event.state,
    )  # fmt: skip


def submission_row(row: SubmissionRow) -> tuple[bytes, str, int, int, bytes, bytes, bytes]:
    """Give the row that holds a submission."""
    return (
        row.submission.bytes, row.source, row.first, row.count,
        row.digests, row.signature, row.answer,
    )  # fmt: skip
