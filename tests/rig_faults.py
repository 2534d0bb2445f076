"""Key stores and ledgers that fail when a test says so: before they stored, or after."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from services.destroying_ports import ErasableKeyStore
from services.ports import (
    Answered,
    FencesMoved,
    Head,
    Ledger,
    PendingSubmission,
    StoredEntry,
    SubmissionConflict,
    WrappedKey,
)

When = Literal["before", "after"]


class Broken(Exception):
    """What a disk, or a library that nobody foresaw, might raise."""


@dataclass
class Plan:
    """Which call of which operation fails, when, and with what. Each fault happens once."""

    operation: str = ""
    when: When = "before"
    error: Exception = field(default_factory=lambda: Broken("Marker9f41"))
    calls: int = 1
    """The fault comes with this call, counted from now on."""
    seen: list[str] = field(default_factory=list)

    def fail(self, operation: str, when: When = "before", *, calls: int = 1) -> None:
        """Let a call of an operation fail."""
        self.operation, self.when, self.calls = operation, when, calls

    def before(self, operation: str) -> None:
        """Count a call, and fail before anything was stored."""
        self.seen.append(operation)
        if operation == self.operation:
            self.calls -= 1
            if self.calls == 0 and self.when == "before":
                raise self.error

    def after(self, operation: str) -> None:
        """Fail after everything was stored."""
        if operation == self.operation and self.calls == 0 and self.when == "after":
            self.calls = -1
            raise self.error


@dataclass
class FailingKeyStore:
    """A key store that fails by plan."""

    store: ErasableKeyStore
    plan: Plan = field(default_factory=Plan)

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        self.plan.before("find")
        return self.store.find(tags)

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        self.plan.before("by_id")
        return self.store.by_id(key_ids)

    def destroy(self, key_ids: Sequence[bytes], tags: Sequence[bytes]) -> None:
        """Destroy keys by their ids, and fence the tags."""
        self.plan.before("destroy")
        self.store.destroy(key_ids, tags)
        self.plan.after("destroy")

    def destroyed(self, tags: Sequence[bytes]) -> bool:
        """Say whether `destroy` was finished for all of these tags."""
        self.plan.before("destroyed")
        return self.store.destroyed(tags)

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:
        """Add rows in one transaction; gives the rows that stand for their tags, in order."""
        self.plan.before("add")
        standing = self.store.add(rows)
        self.plan.after("add")
        return standing

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        return self.store.index_key(make)


@dataclass
class FailingLedger:
    """A ledger that fails by plan; its fences can be moved while an append is under way."""

    ledger: Ledger
    plan: Plan = field(default_factory=Plan)
    fences: int = 0
    moving: list[Callable[[], None]] = field(default_factory=list)
    """Run one by one, each as a fence rises just before an append."""
    pausing: list[Callable[[], None]] = field(default_factory=list)
    """Run one by one, each just before an append."""
    batches: list[int] = field(default_factory=list)
    """How many submissions each append brought."""

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self.ledger.name

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, in one transaction; one result each."""
        if self.pausing:
            self.pausing.pop(0)()
        if self.moving:
            self.moving.pop(0)()
            self.fences += 1
        inner = self.ledger.head().fences
        if fences != self.fences + inner:
            raise FencesMoved
        self.plan.before("append")
        results = self.ledger.append(submissions, now_ms=now_ms, fences=inner)
        self.batches.append(len(submissions))
        self.plan.after("append")
        return results

    def head(self) -> Head:
        """Give the end of the ledger."""
        self.plan.before("head")
        head = self.ledger.head()
        return Head(head.size, head.recorded_ms, self.fences + head.fences)

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        self.plan.before("read")
        return self.ledger.read(start, limit)

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        return self.ledger.find(event_id)

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        return self.ledger.stream(stream_tag)

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        return self.ledger.answered(submission)

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        return self.ledger.submitted(submission)

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time: always a prefix."""
        return self.ledger.size_as_of(recorded_ms)
