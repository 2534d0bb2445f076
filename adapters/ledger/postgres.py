"""A ledger in one schema of PostgreSQL, over the recorder of the eventsourcing library.

    the library's name        here
    notification_id           position + 1
    originator_version        position
    originator_id             the stream's keyed tag
    topic                     the record's format
    state                     the record's exact bytes, leaf first

One transaction holds the records, the tree, the submissions with their answers, and the head, whose
row it locks before anything else, so that positions have no gaps. The server has flushed it when it
returns: a server that would not is refused. The hub's role may add, and move the head, and no more.
"""

from __future__ import annotations

import uuid
from bisect import bisect_right
from collections.abc import Sequence
from functools import partial

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.kept_tree import KeptTree
from adapters.ledger.ledger_format import Origin
from adapters.ledger.plan import AppendPlan, apart, checkpoint_entry, taken_in
from adapters.ledger.postgres_book import PostgresBook
from adapters.ledger.postgres_offsets import PostgresOffsets, advance_all
from adapters.ledger.postgres_opening import refuse_another, refuse_unsafe
from adapters.ledger.postgres_rows import (
    RecordRow,
    answered_of,
    copy_records,
    entries_from,
    opaque_row,
    read_head,
    record_row,
    standing_of,
    submission_row,
)
from adapters.ledger.postgres_statements import (
    COUNT_LOGGED,
    INSERT_SUBMISSION,
    LOCK_HEAD,
    MOVE_HEAD,
    SELECT_EVENT,
    SELECT_FRONT,
    SELECT_LAST_LOGGED,
    SELECT_SIGNED,
    SELECT_STREAM,
    SELECT_SUBMISSION,
)
from adapters.ledger.postgres_store import (
    LedgerStore,
    ReadOnlyStore,
    in_the_librarys_words,
    not_ready,
    unavailable,
)
from adapters.ledger.postgres_tree import StoredInPostgres, looking
from adapters.postgres_connections import Patience, Place
from domain.errors import HomeNotReady, NotFound, TreeDiffers
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


class PostgresLedger(PostgresApplicationRecorder):
    """One ledger in one schema. Threads may share it; processes each open their own."""

    datastore: LedgerStore

    def __init__(
        self,
        place: Place,
        name: str,
        *,
        origin: Origin = "hub",
        watch: ClockWatch | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Open a ledger that `create_schema` made; raises HomeNotReady, or Unavailable."""
        self._name = name
        self._watch = watch or ClockWatch()
        store = self._store(place, patience)
        super().__init__(store, events_table_name="record")
        self.sql_create_statements.clear()  # tables are made once, by `create_schema`
        self.tiles = KeptTree(partial(looking, store))
        self.checkpoints = PostgresBook(store)
        self.offsets = PostgresOffsets(store)
        try:
            with not_ready(place.schema), store.reading() as cursor:
                refuse_another(cursor, place.schema, (name, origin))
            self._refuse_unfit(place)
        except BaseException:
            self.close()
            raise

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._name

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, in one transaction; one result each."""
        with unavailable(), self.datastore.writing() as cursor:
            head, _ = read_head(cursor, LOCK_HEAD)
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
                rows = [submission_row(row) for row in plan.submissions]
                cursor.executemany(INSERT_SUBMISSION, rows)
        self._watch.committed(now_ms)
        self.tiles.committed(edge)
        return results

    def append_checkpoint(self, checkpoint: LoggedCheckpoint, *, now_ms: int) -> Recorded | None:
        """Append a checkpoint as an entry, where other entries came since the last."""
        with unavailable(), self.datastore.writing() as cursor:
            head, _ = read_head(cursor, LOCK_HEAD)
            self._watch.check(now_ms, head.recorded_ms)
            if not 0 < checkpoint.size <= head.size:
                raise NotFound("size of this log")
            cursor.execute(SELECT_EVENT, (checkpoint.entry_id,))
            row = cursor.fetchone()
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
        with unavailable(), self.datastore.reading() as cursor:
            return read_head(cursor)[0]

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        with unavailable(), self.datastore.reading() as cursor:
            return entries_from(cursor, max(start, 0), max(limit, 0))

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        rows = self._rows(SELECT_EVENT, event_id)
        return next((one for one in map(_entry, rows) if is_event(one.record)), None)

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        return list(map(_entry, self._rows(SELECT_STREAM, stream_tag)))

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        rows = self._rows(SELECT_SUBMISSION, submission)
        return next(((apart(digests), answer) for _, _, digests, answer in rows), None)

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        rows = self._rows(SELECT_SIGNED, submission)
        return next((SignedList(row[0], apart(row[1]), row[2]) for row in rows), None)

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        with unavailable(), self.datastore.reading() as cursor:
            cursor.execute(SELECT_SUBMISSION, (submission,))
            row = cursor.fetchone()
            return [] if row is None else entries_from(cursor, row[0], row[1])

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time.

        `recorded` never goes back, so a search over positions finds it in a few steps.
        """
        with unavailable(), self.datastore.reading() as cursor:

            def recorded_at(position: int) -> int:
                cursor.execute(SELECT_FRONT, (position + 1,))
                [(front,)] = cursor.fetchall()
                return recorded_ms_of(front)

            return bisect_right(range(read_head(cursor)[0].size), recorded_ms, key=recorded_at)

    def close(self) -> None:
        """Close the connections, once whoever is using any has finished."""
        self.datastore.close()

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: object) -> Sequence[int]:
        """Serve the library's own door, under the same lock and head, with versions as given.

        Opaque states name no event: one is derived from stream and version, whose pair is unique.
        """
        with in_the_librarys_words(), self.datastore.writing() as cursor:
            head, _root = read_head(cursor, LOCK_HEAD)
            rows = [
                opaque_row(row_id, event)
                for row_id, event in enumerate(stored_events, start=head.size + 1)
            ]
            after = Head(head.size + len(rows), head.recorded_ms, head.fences)
            edge = self._write(cursor, rows, after)
        self.tiles.committed(edge)
        return [row[0] for row in rows]

    def _write(self, cursor: Cursor[TupleRow], rows: Sequence[RecordRow], head: Head) -> Edge:
        """Write records, tree and head; the edge is to be remembered once this is committed."""
        edge = self.tiles.grow(StoredInPostgres(cursor), (row[-1] for row in rows))
        copy_records(cursor, rows)
        cursor.execute(MOVE_HEAD, (head.size, head.recorded_ms, head.fences, edge.root()))
        return edge

    def _rows(self, statement: str, wanted: uuid.UUID) -> list[TupleRow]:
        with unavailable(), self.datastore.reading() as cursor:
            cursor.execute(statement, (wanted,))
            return cursor.fetchall()

    def _store(self, place: Place, patience: Patience | None) -> LedgerStore:
        return LedgerStore(place, patience=patience)

    def _refuse_unfit(self, place: Place) -> None:
        """Refuse what may not be appended to: by this role, on this server, or as it stands."""
        try:
            with not_ready(place.schema), self.datastore.reading() as cursor:
                refuse_unsafe(cursor, place.schema)
                self.tiles.standing(StoredInPostgres(cursor))
        except TreeDiffers:
            raise HomeNotReady(
                f"head and tree of the ledger in {place.schema} differ: restore it"
            ) from None


class ReadOnlyPostgresLedger(PostgresLedger):
    """One ledger for an auditor. What would write raises Unavailable, whatever the role may."""

    def _store(self, place: Place, _: Patience | None) -> LedgerStore:
        return ReadOnlyStore(place)

    def _refuse_unfit(self, place: Place) -> None:
        """Open it all the same: what is wrong with its tree is for the audit to find and name."""


def _entry(row: TupleRow) -> StoredEntry:
    return StoredEntry(*row)


def _entries_since(cursor: Cursor[TupleRow], size: int) -> int:
    """Count the entries but checkpoints that the last one logged has not, up to a size."""
    cursor.execute(SELECT_LAST_LOGGED, (STREAM_TAG,))
    row = cursor.fetchone()
    last = None if row is None else checkpoint_in(row[0])
    covered = 0 if last is None else last.size
    cursor.execute(COUNT_LOGGED, (STREAM_TAG, covered, size))
    [(logged,)] = cursor.fetchall()
    return max(size - covered, 0) - int(logged)
