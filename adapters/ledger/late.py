"""A ledger whose server was away when the hub was opened: it opens when it is wanted and there.

Until then everything that is asked of it raises Unavailable, as of any ledger whose server has
gone, and the hub's other ledgers go on.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

from adapters.ledger.kept_tree import KeptTree
from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.postgres_book import PostgresBook
from domain.errors import HomeNotReady, Unavailable
from domain.logged_checkpoint import LoggedCheckpoint
from services.intake_ports import Advance
from services.log_ports import SignedList
from services.ports import (
    Answered,
    Head,
    PendingSubmission,
    Recorded,
    StoredEntry,
    SubmissionConflict,
)

_LOG = logging.getLogger("bhr.ledger")
AGAIN_S: Final = 1.0
"""For so long after the server did not answer, nobody waits for it again."""


class LateOffsets:
    """How far queues are taken in, of a ledger that opens later."""

    def __init__(self, opened: Callable[[], PostgresLedger]) -> None:
        """Open the ledger when something is asked."""
        self._opened = opened

    def reached(self, queue: uuid.UUID) -> int:
        """Give the number of the first message that is not taken in, 0 for a new queue."""
        return self._opened().offsets.reached(queue)

    def advance(self, moved: Advance) -> None:
        """Move on without an append; raises OffsetMoved, or Unavailable."""
        self._opened().offsets.advance(moved)


class LateLedger:
    """The `ProvenLedger` port over a ledger that is opened when its server is there."""

    def __init__(self, name: str, open_it: Callable[[], PostgresLedger]) -> None:
        """Open nothing yet."""
        self._name = name
        self._open_it = open_it
        self._lock = threading.Lock()
        self._ledger: PostgresLedger | None = None
        self._not_before = 0.0
        self.offsets = LateOffsets(self._opened)
        self.when_opened: Callable[[], object] = _nothing
        """Called after the ledger was opened, until it returned once: nothing is told before."""
        self._is_asked = False
        self._said = ""

    @property
    def name(self) -> str:
        """Give the ledger's name."""
        return self._name

    @property
    def tiles(self) -> KeptTree:
        """Give its tree."""
        return self._opened().tiles

    @property
    def checkpoints(self) -> PostgresBook:
        """Give its checkpoints."""
        return self._opened().checkpoints

    def append(
        self, submissions: Sequence[PendingSubmission], *, now_ms: int, fences: int
    ) -> list[Answered | SubmissionConflict]:
        """Append submissions in order, in one transaction; one result each."""
        return self._opened().append(submissions, now_ms=now_ms, fences=fences)

    def append_checkpoint(self, checkpoint: LoggedCheckpoint, *, now_ms: int) -> Recorded | None:
        """Append a checkpoint as an entry, where other entries came since the last."""
        return self._opened().append_checkpoint(checkpoint, now_ms=now_ms)

    def head(self) -> Head:
        """Give the end of the ledger."""
        return self._opened().head()

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        return self._opened().read(start, limit)

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        return self._opened().find(event_id)

    def stream(self, stream_tag: uuid.UUID) -> list[StoredEntry]:
        """Give the entries of one stream, in order."""
        return self._opened().stream(stream_tag)

    def answered(self, submission: uuid.UUID) -> tuple[tuple[bytes, ...], bytes] | None:
        """Give the digests and the stored answer of a submission."""
        return self._opened().answered(submission)

    def signed(self, submission: uuid.UUID) -> SignedList | None:
        """Give what a publisher signed of one submission."""
        return self._opened().signed(submission)

    def submitted(self, submission: uuid.UUID) -> list[StoredEntry]:
        """Give the entries that a submission appended, in order of position."""
        return self._opened().submitted(submission)

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time."""
        return self._opened().size_as_of(recorded_ms)

    def close(self) -> None:
        """Close the ledger, if it was opened."""
        with self._lock:
            if self._ledger is not None:
                self._ledger.close()

    def _opened(self) -> PostgresLedger:
        with self._lock:
            if self._ledger is not None and self._is_asked:
                return self._ledger
            if monotonic() < self._not_before:
                raise Unavailable("the ledger")
            ledger = self._ledger = self._ledger or self._open_now()
            self._is_asked = True  # who is called asks this ledger too
        try:
            self.when_opened()
        except BaseException:
            with self._lock:
                self._is_asked, self._not_before = False, monotonic() + AGAIN_S
            raise
        return ledger

    def _open_now(self) -> PostgresLedger:
        try:
            return self._open_it()
        except (HomeNotReady, Unavailable) as error:
            self._not_before = monotonic() + AGAIN_S
            if isinstance(error, HomeNotReady):
                self._say(str(error))
            raise Unavailable("the ledger") from None

    def _say(self, what: str) -> None:
        """Tell the operator once what is to be done: the sentence is our own, and names nobody."""
        if what != self._said:
            self._said = what
            _LOG.warning("ledger-not-ready ledger=%s: %s", self._name, what)


def _nothing() -> None:
    """Nobody asked to be told."""
