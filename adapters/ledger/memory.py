"""A ledger in memory: keeps every promise but durability. For tests and small tools."""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_right
from collections.abc import Sequence

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.plan import AppendPlan, Standing, SubmissionRow, apart, recorded_ms_of
from services.ports import (
    Answered,
    FencesMoved,
    Head,
    PendingSubmission,
    StoredEntry,
    SubmissionConflict,
)


class MemoryLedger:
    """One ledger that lives as long as its process."""

    def __init__(self, name: str, *, watch: ClockWatch | None = None) -> None:
        """Begin empty. Without a watch any `now_ms` is believed: small tools have no wall clock."""
        self._name = name
        self._watch = watch
        self._lock = threading.Lock()
        self._head = Head(0, 0, 0)
        self._entries: list[StoredEntry] = []
        self._positions: dict[uuid.UUID, int] = {}
        self._streams: dict[uuid.UUID, list[StoredEntry]] = {}
        self._submissions: dict[uuid.UUID, SubmissionRow] = {}

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._name

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, all or none of them; one result each."""
        with self._lock:
            if self._head.fences != fences:
                raise FencesMoved
            if self._watch is not None:
                self._watch.check(now_ms, self._head.recorded_ms)
            plan = self._plan(submissions, max(now_ms, self._head.recorded_ms))
            results = plan.take_all(submissions)
            # Nothing below can fail, so nothing is ever half there.
            self._head = plan.head_after()
            self._entries.extend(plan.entries)
            for entry in plan.entries:
                self._positions[entry.event_id] = entry.position
                self._streams.setdefault(entry.stream_tag, []).append(entry)
            self._submissions.update((row.submission, row) for row in plan.submissions)
            if self._watch is not None:
                self._watch.committed(now_ms)
            return results

    def head(self) -> Head:
        """Give the end of the ledger."""
        with self._lock:
            return self._head

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        with self._lock:
            start = max(start, 0)
            return self._entries[start : start + max(limit, 0)]

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        with self._lock:
            position = self._positions.get(event_id)
            return None if position is None else self._entries[position]

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        with self._lock:
            return list(self._streams.get(stream_tag, ()))

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        with self._lock:
            row = self._submissions.get(submission)
            return None if row is None else (apart(row.digests), row.answer)

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        with self._lock:
            row = self._submissions.get(submission)
            return [] if row is None else self._entries[row.first : row.first + row.count]

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time."""
        with self._lock:
            return bisect_right(self._entries, recorded_ms, key=_recorded)

    def close(self) -> None:
        """Nothing is held open; the entries go with the object."""

    def _plan(self, submissions: Sequence[PendingSubmission], recorded_ms: int) -> AppendPlan:
        answered = {
            pending.submission: (row.digests, row.answer)
            for pending in submissions
            if (row := self._submissions.get(pending.submission)) is not None
        }
        events = {record.leaf.event_id for pending in submissions for record in pending.records}
        return AppendPlan(
            self._head,
            recorded_ms,
            answered,
            {event.bytes: self._standing(event) for event in events if event in self._positions},
        )

    def _standing(self, event_id: uuid.UUID) -> Standing:
        entry = self._entries[self._positions[event_id]]
        return Standing(entry.position, _recorded(entry), entry.statement)


def _recorded(entry: StoredEntry) -> int:
    return recorded_ms_of(entry.record)
