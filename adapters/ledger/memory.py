"""A ledger in memory: keeps every promise but durability. For tests and small tools."""

from __future__ import annotations

import threading
import uuid
from bisect import bisect_right
from collections.abc import Sequence

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.memory_log import MemoryBook, MemoryTree
from adapters.ledger.memory_offsets import MemoryOffsets
from adapters.ledger.plan import (
    AppendPlan,
    Standing,
    SubmissionRow,
    Taken,
    apart,
    checkpoint_entry,
    taken_in,
)
from domain.errors import NotFound
from domain.logged_checkpoint import LoggedCheckpoint, is_event
from domain.record import leaf_bytes_of, recorded_ms_of
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


class MemoryLedger:
    """One ledger that lives as long as its process."""

    def __init__(self, name: str, *, watch: ClockWatch | None = None) -> None:
        """Begin empty. Without a watch any `now_ms` is believed: small tools have no wall clock."""
        self._name = name
        self._watch = watch
        self._lock = threading.RLock()
        self.tiles = MemoryTree(self._lock)
        self.checkpoints = MemoryBook(self._lock, self.tiles)
        self.offsets = MemoryOffsets(self._lock)
        self._head = Head(0, 0, 0)
        self._entries: list[StoredEntry] = []
        self._positions: dict[uuid.UUID, int] = {}
        self._streams: dict[uuid.UUID, list[StoredEntry]] = {}
        self._submissions: dict[uuid.UUID, SubmissionRow] = {}
        self._logged: list[tuple[int, int]] = []
        """Position and size of each checkpoint that was appended."""

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
            moved = self.offsets.after(taken_in(submissions, results))
            # Nothing below can fail, so nothing is ever half there.
            self._add(plan.entries, plan.head_after(), now_ms)
            self._submissions.update((row.submission, row) for row in plan.submissions)
            self.offsets.move(moved)
            return results

    def append_checkpoint(self, checkpoint: LoggedCheckpoint, *, now_ms: int) -> Recorded | None:
        """Append a checkpoint as an entry, where other entries came since the last."""
        with self._lock:
            if self._watch is not None:
                self._watch.check(now_ms, self._head.recorded_ms)
            if not 0 < checkpoint.size <= self._head.size:
                raise NotFound("size of this log")
            position = self._positions.get(checkpoint.entry_id)
            if position is not None:
                return Recorded(position, _recorded(self._entries[position]), again=True)
            covered = self._logged[-1][1] if self._logged else 0
            between = range(covered, checkpoint.size)
            if len(between) <= sum(position in between for position, _ in self._logged):
                return None
            recorded_ms = max(now_ms, self._head.recorded_ms)
            entry = checkpoint_entry(self._head.size, recorded_ms, checkpoint)
            after = Head(entry.position + 1, recorded_ms, self._head.fences)
            self._add([entry], after, now_ms)
            self._logged.append((entry.position, checkpoint.size))
            return Recorded(entry.position, recorded_ms, again=False)

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
            entry = None if position is None else self._entries[position]
            return entry if entry is not None and is_event(entry.record) else None

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        with self._lock:
            return list(self._streams.get(stream_tag, ()))

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        with self._lock:
            row = self._submissions.get(submission)
            return None if row is None else (apart(row.digests), row.answer)

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        with self._lock:
            row = self._submissions.get(submission)
        return None if row is None else SignedList(row.source, apart(row.digests), row.signature)

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

    def _add(self, entries: Sequence[StoredEntry], after: Head, now_ms: int) -> None:
        self.tiles.append([leaf_bytes_of(entry.record) for entry in entries])
        self._head = after
        self._entries.extend(entries)
        for entry in entries:
            self._positions[entry.event_id] = entry.position
            self._streams.setdefault(entry.stream_tag, []).append(entry)
        if self._watch is not None:
            self._watch.committed(now_ms)

    def _plan(self, submissions: Sequence[PendingSubmission], recorded_ms: int) -> AppendPlan:
        answered = {
            pending.submission: Taken(row.source, row.digests, row.answer)
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
