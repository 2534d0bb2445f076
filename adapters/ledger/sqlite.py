"""A ledger in one SQLite file, over the recorder of the eventsourcing library.

    the library's name        here
    notification id (rowid)   position + 1
    originator_version        position
    originator_id             the stream's keyed tag
    topic                     the record's format
    state                     the record's exact bytes, leaf first

One transaction holds the records, the tree, the submissions with their answers, and the head. It
takes the lock before it reads the head, so positions have no gaps; it is flushed to disk before it
returns (WAL, synchronous=FULL).
"""

from __future__ import annotations

import sqlite3
import uuid
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from eventsourcing.persistence import StoredEvent
from eventsourcing.sqlite import SQLiteApplicationRecorder, SQLiteCursor

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.kept_tree import KeptTree
from adapters.ledger.ledger_format import LEDGER_FORMAT, Origin
from adapters.ledger.plan import AppendPlan, apart, checkpoint_entry, taken_in
from adapters.ledger.sqlite_book import SqliteBook
from adapters.ledger.sqlite_offsets import SqliteOffsets, advance_all
from adapters.ledger.sqlite_rows import (
    RecordRow,
    answered_of,
    entries_from,
    entry_of,
    opaque_row,
    record_row,
    standing_of,
    submission_row,
)
from adapters.ledger.sqlite_statements import (
    COUNT_LOGGED,
    INSERT_RECORD,
    INSERT_SUBMISSION,
    MOVE_HEAD,
    SELECT_EVENT,
    SELECT_FRONT,
    SELECT_IDENTITY,
    SELECT_LAST,
    SELECT_LAST_LOGGED,
    SELECT_SIGNED,
    SELECT_STREAM,
    SELECT_SUBMISSION,
)
from adapters.ledger.sqlite_store import LedgerDatastore, address_to_write, unavailable
from adapters.ledger.sqlite_tree import StoredInSqlite, looking, read_head
from domain.errors import HomeNotReady, NotFound, TreeDiffers, Unavailable
from domain.logged_checkpoint import STREAM_TAG, LoggedCheckpoint, checkpoint_in, is_event
from domain.record import recorded_ms_of
from domain.tree import Edge
from services.log_ports import SignedList
from services.ports import (
    Answered,
    FencesMoved,
    Head,
    PendingSubmission,
    Recorded,
    StoredEntry,
    SubmissionConflict,
)

LOCK_TIMEOUT_S = 30.0


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
        datastore = self._store(path, lock_timeout_s)
        super().__init__(datastore, "record")
        self.tiles = KeptTree(partial(looking, datastore))
        self.checkpoints = SqliteBook(datastore)
        self.offsets = SqliteOffsets(datastore)
        try:
            self._refuse_another(path, origin)
            self._refuse_broken(path)
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
            head, _ = read_head(cursor)
            if head.fences != fences:
                raise FencesMoved
            self._watch.check(now_ms, head.recorded_ms)
            recorded_ms = max(now_ms, head.recorded_ms)
            answered = answered_of(cursor, submissions)
            new = [pending for pending in submissions if pending.submission not in answered]
            plan = AppendPlan(head, recorded_ms, answered, standing_of(cursor, new))
            results = plan.take_all(submissions)
            advance_all(cursor, taken_in(submissions, results))
            edge = Edge()  # what is known stays as it is, where nothing is new
            if plan.submissions:
                edge = self._write(cursor, list(map(record_row, plan.entries)), plan.head_after())
                rows = (submission_row(row) for row in plan.submissions)
                cursor.executemany(INSERT_SUBMISSION, rows)
        self._watch.committed(now_ms)
        self.tiles.committed(edge)
        return results

    def append_checkpoint(self, checkpoint: LoggedCheckpoint, *, now_ms: int) -> Recorded | None:
        """Append a checkpoint as an entry, where other entries came since the last."""
        with unavailable(), self.datastore.transaction(commit=True) as cursor:
            head, _ = read_head(cursor)
            self._watch.check(now_ms, head.recorded_ms)
            if not 0 < checkpoint.size <= head.size:
                raise NotFound("size of this log")
            cursor.execute(SELECT_EVENT, (checkpoint.entry_id.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
            if row is not None:
                return Recorded(row[0], recorded_ms_of(row[3]), again=True)
            if not _entries_since(cursor, checkpoint.size):
                return None
            recorded_ms = max(now_ms, head.recorded_ms)
            entry = checkpoint_entry(head.size, recorded_ms, checkpoint)
            after = Head(head.size + 1, recorded_ms, head.fences)
            edge = self._write(cursor, [record_row(entry)], after)
        self._watch.committed(now_ms)
        self.tiles.committed(edge)
        return Recorded(entry.position, recorded_ms, again=False)

    def head(self) -> Head:
        """Give the end of the ledger."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            return read_head(cursor)[0]

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            return entries_from(cursor, max(start, 0), max(limit, 0))

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_EVENT, (event_id.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
        entry = None if row is None else entry_of(row)
        return entry if entry is not None and is_event(entry.record) else None

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_STREAM, (stream_tag.hex,))
            return [entry_of(row) for row in cursor.fetchall()]

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_SUBMISSION, (submission.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
        return None if row is None else (apart(row["digests"]), row["answer"])

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_SIGNED, (submission.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
        return None if row is None else SignedList(row[0], apart(row[1]), row[2])

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        with unavailable(), self.datastore.transaction(commit=False) as cursor:
            cursor.execute(SELECT_SUBMISSION, (submission.bytes,))
            row: sqlite3.Row | None = cursor.fetchone()
            return [] if row is None else entries_from(cursor, row["first"], row["count"])

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time.

        `recorded` never goes back, so a search over positions finds it in a few steps.
        """
        with unavailable(), self.datastore.transaction(commit=False) as cursor:

            def recorded_at(position: int) -> int:
                cursor.execute(SELECT_FRONT, (position + 1,))
                return recorded_ms_of(cursor.fetchone()[0])

            return bisect_right(range(read_head(cursor)[0].size), recorded_ms, key=recorded_at)

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
        head = read_head(c)[0]
        rows = [
            opaque_row(row_id, event)
            for row_id, event in enumerate(stored_events, start=head.size + 1)
        ]
        self._write(c, rows, Head(head.size + len(rows), head.recorded_ms, head.fences))
        return [row[0] for row in rows]

    def _write(self, cursor: SQLiteCursor, rows: Sequence[RecordRow], head: Head) -> Edge:
        """Write records, tree and head; the edge is to be remembered once this is committed."""
        edge = self.tiles.grow(StoredInSqlite(cursor), (row[-1] for row in rows))
        cursor.executemany(INSERT_RECORD, rows)
        cursor.execute(MOVE_HEAD, (head.size, head.recorded_ms, head.fences, edge.root()))
        return edge

    def _refuse_another(self, path: Path, origin: Origin) -> None:
        try:
            with unavailable(), self.datastore.transaction(commit=False) as cursor:
                cursor.execute(SELECT_IDENTITY)
                identity: sqlite3.Row | None = cursor.fetchone()
                cursor.execute(SELECT_LAST)
                last: int = cursor.fetchone()[0]
                size = read_head(cursor)[0].size
        except Unavailable:
            raise HomeNotReady(f"the file at {path} cannot be read as a ledger") from None
        if identity is None or tuple(identity) != (self._name, LEDGER_FORMAT, origin):
            raise HomeNotReady(
                f"the file at {path} is not the ledger {self._name} ({LEDGER_FORMAT}, {origin})"
            )
        if last != size:
            raise HomeNotReady(f"head and records of the ledger at {path} differ: restore it")

    def _refuse_broken(self, path: Path) -> None:
        try:
            with unavailable(), self.datastore.transaction(commit=False) as cursor:
                self.tiles.standing(StoredInSqlite(cursor))
        except TreeDiffers:
            raise HomeNotReady(
                f"head and tree of the ledger at {path} differ: restore it"
            ) from None


def _entries_since(cursor: SQLiteCursor, size: int) -> int:
    """Count the entries but checkpoints that the last one logged has not, up to a size."""
    cursor.execute(SELECT_LAST_LOGGED, (STREAM_TAG.hex,))
    row: sqlite3.Row | None = cursor.fetchone()
    last = None if row is None else checkpoint_in(row[0])
    covered = 0 if last is None else last.size
    cursor.execute(COUNT_LOGGED, (STREAM_TAG.hex, covered, size))
    logged: int = cursor.fetchone()[0]
    return max(size - covered, 0) - logged
