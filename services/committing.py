"""Group commit: one writer per ledger and process seals and appends what has queued up.

The order of one commit, and why. (1) Dequeue. (2) Make the missing keys, in one key-store
transaction: a key is durable before any record needs it. (3) Seal. (4) Append everything in one
ledger transaction; only then is anybody answered. Dying before 4 leaves orphan keys, which harm
nothing; dying after 4 leaves records that a resend finds and answers with the same bytes. If a key
was destroyed since the last commit, or between 2 and 4, the head counts another fence: drop the
cached keys, learn which names are fenced, and seal again. What destroys keys is committed alone:
nothing may stand behind it in one append that was sealed before it.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from domain.errors import HubError, Unavailable, Unforeseen
from domain.record import Leaf
from services.batches import Batch, Result
from services.custody import DataKey, KeyCustody, KeyName
from services.destroyed_keys import DestroyedKeys
from services.intake_ports import OffsetMoved
from services.ports import (
    Cipher,
    Clock,
    Conflict,
    FencesMoved,
    Head,
    HeldBack,
    InsteadWanted,
    KeyClass,
    Ledger,
    PendingRecord,
    PendingSubmission,
)
from services.preparing import PreparedEvent
from services.sealing import Sealing
from services.watching import Watch, unwatched

_LOG = logging.getLogger("bhr.ledger")
EVENTS_PER_COMMIT_MAX = 2_000
SEALINGS_PER_GENERATION_MAX = 1 << 31
_ATTEMPTS = 5
_YEAR_MS = 31_556_952_000
_EPOCH_YEAR = 1970


Refusals = dict[tuple[uuid.UUID, int], PreparedEvent]
"""What is recorded in place of events that do not stand, by submission and place in its events."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What the events that are sealed together share: keys by class and name, tags of streams."""

    header_key: DataKey
    keys: Mapping[tuple[KeyClass, str], DataKey]
    streams: Mapping[str, uuid.UUID]


class Committer:
    """The writer of one ledger in this process. `commit` may be called from any thread."""

    def __init__(
        self,
        ledger: Ledger,
        custody: KeyCustody,
        destroyed: DestroyedKeys,
        cipher: Cipher,
        clock: Clock,
    ) -> None:
        """Start with an idle writer; the thread begins with the first commit."""
        self._ledger = ledger
        self._custody = custody
        self._destroyed = destroyed
        self._sealing = Sealing(ledger.name, cipher, custody)
        self._clock = clock
        self._queue: queue.Queue[tuple[Batch, Future[Result]] | None] = queue.Queue(maxsize=256)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._closed = False
        self._fences = -1
        self.before_append: Callable[[], None] = _nothing
        """Raises what stands against appending: see services.restoring."""
        self.after_outage: Callable[[], None] = _nothing
        self.after_commit: Callable[[], None] = _nothing
        self.watch: Watch = unwatched

    def commit(self, batch: Batch) -> Result:
        """Append a batch and wait until it is durable. Raises what the ledger raises."""
        future: Future[Result] = Future()
        with self._starting:
            if self._closed:
                raise Unavailable("the ledger's writer")
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=f"commit-{self._ledger.name}", daemon=True
                )
                self._thread.start()
            # Under the same lock as `close`: nothing may come to stand behind its last word.
            self._queue.put((batch, future))
        return future.result()

    def close(self) -> None:
        """Finish what is queued and stop."""
        with self._starting:
            self._closed = True
            thread, self._thread = self._thread, None
        if thread is not None:
            self._queue.put(None)
            thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            waiting, stop = self._gather(first)
            self._commit_all(waiting)
            if stop:
                return

    def _gather(
        self, first: tuple[Batch, Future[Result]]
    ) -> tuple[list[tuple[Batch, Future[Result]]], bool]:
        """Take what has queued up behind the first, up to a bound, without waiting for more."""
        waiting = [first]
        events = len(first[0].events)
        while events < EVENTS_PER_COMMIT_MAX:
            try:
                following = self._queue.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return waiting, True
            waiting.append(following)
            events += len(following[0].events)
        return waiting, False

    def _commit_all(self, waiting: list[tuple[Batch, Future[Result]]]) -> None:
        if len(waiting) > 1 and any(batch.fence for batch, _ in waiting):
            for one in waiting:
                self._commit_all([one])
            return
        try:
            events = sum(len(batch.events) for batch, _ in waiting)
            with self.watch("commit", self._ledger.name, events):
                results = self._append([batch for batch, _ in waiting])
        except Exception as error:  # noqa: BLE001 - the writer must outlive any fault, and answer its callers
            if type(error) is Unavailable:  # not what our clock or our past is refused for
                self.after_outage()
            self._failed(waiting, error)
            return
        for (_, future), result in zip(waiting, results, strict=True):
            future.set_result(result)
        # The nudge is a nudge; what is recorded is recorded.
        with contextlib.suppress(Exception):
            self.after_commit()

    def _failed(self, waiting: list[tuple[Batch, Future[Result]]], error: Exception) -> None:
        """Tell who waits; what may be the fault of one batch is tried again batch by batch."""
        away = isinstance(error, Unavailable) and not isinstance(error, Unforeseen)
        if len(waiting) > 1 and not away:
            for one in waiting:
                self._commit_all([one])
            return
        told = error if isinstance(error, HubError | OffsetMoved) else Unforeseen("the ledger")
        if isinstance(error, OSError | MemoryError):  # the machine's, not that of what is committed
            told = Unavailable("the ledger")
        elif isinstance(told, Unforeseen):
            _LOG.error("commit-fault ledger=%s kind=%s", self._ledger.name, type(error).__name__)
        for _, future in waiting:
            future.set_exception(told)

    def _append(self, batches: Sequence[Batch]) -> list[Result]:
        refusals: Refusals = {}
        self.before_append()
        for _ in range(_ATTEMPTS):
            head = self._head()
            pending = self._sealed(batches, refusals, head.size)
            try:
                return self._ledger.append(pending, now_ms=self._clock.now_ms(), fences=head.fences)
            except FencesMoved:
                self._custody.forget()
            except InsteadWanted as found:
                # Only under the lock is known what is in conflict; only outside is there time to
                # make and seal what says so.
                refusals |= _refusals(batches, found.wanted)
        raise Unavailable("the ledger or its keys (they keep changing)")

    def _head(self) -> Head:
        """Give the end of the ledger; cached keys are of no use once another fence stands."""
        head = self._ledger.head()
        if head.fences != self._fences:
            self._custody.forget()
            self._destroyed.learn(head.fences)
            self._fences = head.fences
        return head

    def _sealed(
        self, batches: Sequence[Batch], refusals: Refusals, size: int
    ) -> list[PendingSubmission]:
        header_key = self._custody.in_use(self._ledger.name, generation(self._clock.now_ms(), size))
        stamp = self._stamp(batches, refusals, header_key)
        return [
            PendingSubmission(
                submission=batch.submission,
                source=batch.source,
                digests=batch.digests,
                signature=batch.signature,
                records=tuple(
                    [self._record(batch, index, event, stamp) for index, event in batch.events]
                ),
                answer=batch.answer,
                atomic=batch.atomic,
                fence=batch.fence,
                advance=batch.advance,
                instead=None
                if batch.refusal is None
                else {
                    at: self._record(batch, batch.events[at][0], event, stamp)
                    for (submission, at), event in refusals.items()
                    if submission == batch.submission
                },
            )
            for batch in batches
        ]

    def _stamp(self, batches: Sequence[Batch], refusals: Refusals, header_key: KeyName) -> _Stamp:
        """Look up, once for all that is sealed together, what many of its events share."""
        ledger = self._ledger.name
        events = [event for batch in batches for _, event in batch.events]
        every = [*events, *refusals.values()]
        used = {(part.key_class, part.key_name) for event in every for part in event.parts}
        wanted = {header_key, *(KeyName(ledger, key_class, name) for key_class, name in used)}
        keys = self._destroyed.keys_for(wanted, events)
        return _Stamp(
            keys[header_key],
            {(name.key_class, name.name): key for name, key in keys.items()},
            {
                stream: uuid.UUID(bytes=self._custody.stream_tag(ledger, stream))
                for stream in {event.stream for event in every}
            },
        )

    def _record(
        self, batch: Batch, index: int, event: PreparedEvent, stamp: _Stamp
    ) -> PendingRecord:
        keys = [stamp.keys[part.key_class, part.key_name] for part in event.parts]
        sealed = self._sealing.seal(event, stamp.header_key, keys)
        leaf = Leaf(
            event_id=event.event_id,
            source=event.source,
            sequence=event.sequence,
            attestation=event.attestation,
            submission=batch.submission,
            index=index,
            header_digest=sealed.header_digest,
            header_commitment=event.header_commitment,
            parts=sealed.parts,
        )
        return PendingRecord(leaf, sealed.pieces, stamp.streams[event.stream], event.digest)


def _refusals(
    batches: Sequence[Batch], wanted: Mapping[tuple[uuid.UUID, int], Conflict | HeldBack]
) -> Refusals:
    return {
        (batch.submission, at): batch.refusal(at, outcome)
        for batch in batches
        for (submission, at), outcome in wanted.items()
        if submission == batch.submission and batch.refusal is not None
    }


def generation(now_ms: int, size: int) -> str:
    """Name the ledger key's generation: it turns yearly, or at 2^31 sealings.

    Within one the key may be turned by command (`services.rotating`).
    """
    year = _EPOCH_YEAR + now_ms // _YEAR_MS
    return f"{year}-{size // SEALINGS_PER_GENERATION_MAX}"


def _nothing() -> None:
    """Nobody asked to be nudged."""
