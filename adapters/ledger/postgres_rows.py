"""Rows of a ledger in PostgreSQL, and what they stand for."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from eventsourcing.persistence import StoredEvent
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.plan import Standing, SubmissionRow, Taken
from adapters.ledger.postgres_statements import (
    COPY_RECORDS,
    RECORD_TYPES,
    SELECT_ANSWERED,
    SELECT_ENTRIES,
    SELECT_HEAD,
    SELECT_STANDING,
)
from domain.record import RECORD_FORMAT, recorded_ms_of
from services.ports import Head, PendingSubmission, StoredEntry

LARGEST = (1 << 63) - 1
"""The largest number that a column takes; whoever asks beyond it asks for nothing."""
RecordRow = tuple[int, uuid.UUID, int, str, uuid.UUID, bytes, bytes]


def read_head(cursor: Cursor[TupleRow], statement: str = SELECT_HEAD) -> tuple[Head, bytes]:
    """Give the head, and the root that it says there is."""
    cursor.execute(statement)
    [(size, recorded_ms, fences, root)] = cursor.fetchall()
    return Head(size, recorded_ms, fences), root


def answered_of(
    cursor: Cursor[TupleRow], submissions: Sequence[PendingSubmission]
) -> dict[uuid.UUID, Taken]:
    """Give source, digests and answer of those submissions that stand already."""
    cursor.execute(SELECT_ANSWERED, ([pending.submission for pending in submissions],))
    return {row[0]: Taken(*row[1:]) for row in cursor.fetchall()}


def standing_of(
    cursor: Cursor[TupleRow], submissions: Sequence[PendingSubmission]
) -> dict[bytes, Standing]:
    """Give what stands of the events of these submissions."""
    ids = [record.leaf.event_id for pending in submissions for record in pending.records]
    cursor.execute(SELECT_STANDING, (ids,))
    return {
        event_id.bytes: Standing(position, recorded_ms_of(leaf), statement)
        for event_id, position, statement, leaf in cursor.fetchall()
    }


def entries_from(cursor: Cursor[TupleRow], start: int, limit: int) -> list[StoredEntry]:
    """Give up to `limit` entries from position `start` on."""
    cursor.execute(SELECT_ENTRIES, (min(start, LARGEST), min(limit, LARGEST)))
    return [StoredEntry(*row) for row in cursor.fetchall()]


def copy_records(cursor: Cursor[TupleRow], rows: Sequence[RecordRow]) -> None:
    """Write records, in one go."""
    with cursor.copy(COPY_RECORDS) as copy:
        copy.set_types(RECORD_TYPES)
        for row in rows:
            copy.write_row(row)


def record_row(entry: StoredEntry) -> RecordRow:
    """Give the row that holds an entry."""
    return (
        entry.position + 1, entry.stream_tag, entry.position, RECORD_FORMAT,
        entry.event_id, entry.statement, entry.record,
    )  # fmt: skip


def opaque_row(row_id: int, event: StoredEvent) -> RecordRow:
    """Give the row for an opaque state of the library; an id is derived for it."""
    stream = uuid.UUID(str(event.originator_id))
    place = hashlib.sha256(f"{stream.hex}/{event.originator_version}".encode()).digest()
    return (
        row_id, stream, event.originator_version, event.topic,
        uuid.UUID(bytes=place[:16]), hashlib.sha256(event.state).digest(), event.state,
    )  # fmt: skip


def submission_row(row: SubmissionRow) -> tuple[uuid.UUID, str, int, int, bytes, bytes, bytes]:
    """Give the row that holds a submission."""
    return (
        row.submission, row.source, row.first, row.count,
        row.digests, row.signature, row.answer,
    )  # fmt: skip
