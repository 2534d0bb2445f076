"""A committer with what stands around it, and a gate that holds it while others queue up."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.keys.cipher import AesGcmCipher
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.ledger.memory import MemoryLedger
from domain.opened import OpenedEvent
from domain.vocabulary import hub
from services.batches import Batch, Result
from services.committing import Committer
from services.custody import KeyCustody
from services.destroyed_keys import DestroyedKeys
from services.hub_events import HubEvents
from services.opening import Opening
from services.ports import Answered, Outcome, Recorded
from services.preparing import PreparedEvent
from services.sealing import Sealing
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import MODELS, SteppedClock
from tests.rig_faults import FailingKeyStore, FailingLedger


@dataclass
class Writing:
    """A committer with what stands around it, and a gate before its ledger."""

    keys: MemoryKeyStore = field(default_factory=MemoryKeyStore)
    clock: SteppedClock = field(default_factory=SteppedClock)

    def __post_init__(self) -> None:
        """Begin with the gate open."""
        self.store = FailingKeyStore(self.keys)
        self.ledger = FailingLedger(MemoryLedger("havering"))
        self.custody = KeyCustody(self.store, KeyEncryptionFile(bytes(32)))
        cipher = AesGcmCipher()
        sealing = Sealing("havering", cipher, self.custody)
        self.opening = Opening("havering", sealing, self.custody, MODELS)
        destroyed = DestroyedKeys(self.ledger, self.custody, self.opening)
        self.committer = Committer(self.ledger, self.custody, destroyed, cipher, self.clock)
        self.events = HubEvents({"havering": self.committer}, self.clock)
        self.pool = ThreadPoolExecutor(64)

    def event(self) -> PreparedEvent:
        """Give an event to record."""
        facts = hub.Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
        return self.events.made(hub.Canary, facts)

    def batch(self, *events: PreparedEvent, atomic: bool = False) -> Batch:
        """Give a submission of these events, answered with where they stand."""
        return Batch(
            submission=uuid.uuid4(),
            source="/participants/havering/cms",
            digests=tuple(event.digest for event in events),
            signature=b"",
            events=tuple(enumerate(events)),
            answer=spelt,
            atomic=atomic,
        )

    def later(self, batch: Batch) -> Future[Result]:
        """Commit from another thread."""
        return self.pool.submit(self.committer.commit, batch)

    def opened(self) -> list[OpenedEvent]:
        """Open everything that is recorded."""
        return [self.opening.event(entry) for entry in self.ledger.read(0, 1_000_000)]

    @contextmanager
    def held(self, batch: Batch, waiting: Callable[[], None]) -> Iterator[Future[Result]]:
        """Hold the writer inside a commit of its own while others queue up behind it."""
        gate, inside = threading.Event(), threading.Event()

        def stopped() -> None:
            inside.set()
            assert gate.wait(60)

        self.ledger.pausing.append(stopped)
        first = self.later(batch)
        assert inside.wait(60)
        try:
            waiting()
            yield first
        finally:
            gate.set()

    def queued(self, count: int) -> None:
        """Wait until so many stand in the queue."""
        while self.committer._queue.qsize() < count:
            os.sched_yield()


def spelt(outcomes: Sequence[Outcome]) -> bytes:
    """Answer with positions, and a dash for what was not recorded."""
    return ",".join(
        str(one.position) if isinstance(one, Recorded) else "-" for one in outcomes
    ).encode()


def positions(results: Sequence[Result]) -> list[int]:
    """Give the position that each single event was answered with."""
    return [int(one.answer) for one in results if isinstance(one, Answered)]
