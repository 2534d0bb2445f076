"""A worker shares out what its consumer reads among lanes, and no ledger stops another's queue."""

from __future__ import annotations

import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from kafka import TopicPartition

from adapters.kafka import consuming
from adapters.kafka.consuming import Consuming
from adapters.kafka.lanes import FULL_MESSAGES
from adapters.kafka.pulse import Pulse
from adapters.telemetry.metrics import Metrics
from domain.errors import Unavailable
from services.intake_ports import Arrived
from tests.adapters.kafka.settings import SETTINGS
from tests.journeys.machines import wait_until

HAVERING = TopicPartition(SETTINGS.submissions("havering"), 0)
REDBRIDGE = TopicPartition(SETTINGS.submissions("redbridge"), 0)
QUEUES = {HAVERING.topic: uuid.UUID(int=1), REDBRIDGE.topic: uuid.UUID(int=2)}


@dataclass
class Record:
    """A message as the library gives it."""

    offset: int
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)
    value: bytes | None = b"sealed"


Found = Mapping[TopicPartition, list[Record]]


@dataclass
class Consumer:
    """A consumer that reads what stands in its script, and then tells the worker to stop."""

    script: deque[Callable[[], Found]]
    stop: threading.Event
    sought: list[tuple[TopicPartition, int]] = field(default_factory=list)
    resting: set[TopicPartition] = field(default_factory=set)

    def subscribe(self, _topics: list[str], listener: object) -> None:
        """Be given both topics."""

    def poll(self, timeout_ms: int) -> Found:
        """Give what comes next."""
        if len(self.script) == 1:
            self.stop.set()
        return self.script.popleft()()

    def assignment(self) -> set[TopicPartition]:
        """Give both topics."""
        return {HAVERING, REDBRIDGE}

    def highwater(self, _partition: TopicPartition) -> int | None:
        """Say that each topic has 500 messages."""
        return 500

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Note from where it is to read."""
        self.sought.append((partition, offset))

    def pause(self, partition: TopicPartition) -> None:
        """Let a topic rest."""
        self.resting.add(partition)

    def resume(self, partition: TopicPartition) -> None:
        """Let a topic go on."""
        self.resting.discard(partition)

    def paused(self) -> set[TopicPartition]:
        """Give the topics that rest."""
        return set(self.resting)

    def close(self) -> None:
        """End."""


class Topics:
    """Topics that all are there."""

    def __init__(self, _settings: object) -> None:
        """Ask nothing."""

    def ids(self, names: list[str]) -> dict[str, uuid.UUID]:
        """Give their ids."""
        return {name: QUEUES[name] for name in names}

    def close(self) -> None:
        """End."""


@dataclass
class Offsets:
    """A queue that stands at 7, in a ledger that may be away."""

    away: bool = False

    def reached(self, _queue: uuid.UUID) -> int:
        """Give where it stands."""
        if self.away:
            raise Unavailable("the ledger")
        return 7

    def advance(self, _moved: object) -> None:
        """Move nothing."""


@dataclass
class Taking:
    """Takes whatever comes, once the gate is open."""

    taken: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    gate: threading.Event = field(default_factory=threading.Event)

    def take(self, message: Arrived, _before: int) -> int:
        """Take a message."""
        assert self.gate.wait(30)
        self.taken.append(message.offset)
        self.counts["taken"] += 1
        return message.offset + 1


@dataclass
class Worker:
    """A worker with a consumer in memory: `then` is what it reads next, and what is done before."""

    offsets: dict[str, Offsets]
    taking: dict[str, Taking]
    consumers: list[Consumer]
    script: deque[Callable[[], Found]]
    stop: threading.Event
    consuming: Consuming

    def then(self, found: Found, before: Callable[[], object] = lambda: None) -> None:
        """Read this in the next round, after doing something."""

        def read() -> Found:
            before()
            return found

        self.script.append(read)

    def run(self) -> None:
        """Go through the script."""
        self.then({})
        self.consuming.run(self.stop)


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker that has both ledgers' topics, and asks a ledger that is away each round."""
    script: deque[Callable[[], Found]] = deque()
    consumers: list[Consumer] = []
    stop = threading.Event()

    def consumer(**_: object) -> Consumer:
        consumers.append(Consumer(script, stop))
        return consumers[-1]

    monkeypatch.setattr(consuming, "KafkaConsumer", consumer)
    monkeypatch.setattr(consuming, "Topics", Topics)
    monkeypatch.setattr(consuming, "reach", lambda _: {})
    monkeypatch.setattr(Pulse, "check", lambda _: None)
    monkeypatch.setattr(consuming, "LEDGER_AGAIN_S", 0.0)
    monkeypatch.setattr(consuming, "AGAIN_S", 0.01)
    offsets = {"havering": Offsets(), "redbridge": Offsets()}
    taking = {name: Taking() for name in offsets}
    for one in taking.values():
        one.gate.set()
    made = Consuming(SETTINGS, offsets, taking.__getitem__)  # type: ignore[arg-type]  # all it asks
    yield Worker(offsets, taking, consumers, script, stop, made)
    for one in taking.values():
        one.gate.set()


def records(*offsets: int) -> list[Record]:
    """Give messages of these numbers."""
    return [Record(offset) for offset in offsets]


def test_a_ledger_that_is_away_stops_its_own_queue_alone(worker: Worker) -> None:
    """The other's messages are taken meanwhile, by one consumer; its own once it is there again."""
    havering, redbridge = worker.taking["havering"], worker.taking["redbridge"]
    worker.offsets["havering"].away = True
    resting: list[set[TopicPartition]] = []
    hindered: list[tuple[str, ...]] = []
    worker.then({})
    worker.then({REDBRIDGE: records(7, 8), HAVERING: records(7)})

    def there_again() -> None:
        wait_until(lambda: redbridge.taken == [7, 8], "the other's are taken")
        resting.append(worker.consumers[0].paused())
        hindered.append(worker.consuming.hindrances())
        worker.offsets["havering"].away = False

    worker.then({}, there_again)
    worker.then({HAVERING: records(7, 8)})
    worker.then({}, lambda: wait_until(lambda: havering.taken == [7, 8], "its own are taken"))
    worker.run()
    [consumer] = worker.consumers
    assert (resting, consumer.paused()) == ([{HAVERING}], set())
    assert consumer.sought == [(REDBRIDGE, 7), (HAVERING, 7)]
    assert (hindered, worker.consuming.hindrances()) == ([("not taken in havering",)], ())


def test_it_says_how_it_goes_on(worker: Worker) -> None:
    """What became of messages, how far each queue is behind, who waits: as Prometheus reads it."""
    metrics = Metrics()
    metrics.look_at_intake(worker.consuming.signs)
    begun = metrics.shown().decode().splitlines()
    assert {one for one in begun if one.startswith("bhr_intake")} == {
        'bhr_intake_put_away_total{ledger="havering"} 0.0',
        'bhr_intake_put_away_total{ledger="redbridge"} 0.0',
    }
    worker.offsets["redbridge"].away = True
    shown: list[str] = []

    def look() -> None:
        wait_until(lambda: worker.taking["havering"].taken == [7, 8], "they are taken")
        wait_until(lambda: all(one.empty for one in worker.consuming.lanes), "and counted")
        shown.extend(metrics.shown().decode().splitlines())

    worker.then({})
    worker.then({HAVERING: records(7, 8)})
    worker.then({}, look)
    worker.run()
    assert {one for one in shown if one.startswith("bhr_intake")} == {
        'bhr_intake_messages_total{ledger="havering",outcome="taken"} 2.0',
        'bhr_intake_put_away_total{ledger="havering"} 0.0',
        'bhr_intake_put_away_total{ledger="redbridge"} 0.0',
        'bhr_intake_behind{ledger="havering"} 491.0',
        'bhr_intake_waits{ledger="havering"} 0.0',
        'bhr_intake_waits{ledger="redbridge"} 1.0',
    }


def test_without_a_broker_every_queue_waits(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was told of a queue is not taken back when its lane goes with the broker: all wait."""
    metrics = Metrics()
    metrics.look_at_intake(worker.consuming.signs)

    def lost() -> None:
        raise Unavailable("a broker")

    worker.then({})
    worker.then({}, lost)
    worker.consuming.run(worker.stop)
    assert worker.consuming.lanes == ()
    assert worker.consuming.hindrances() == ("not taken in havering", "not taken in redbridge")
    shown = metrics.shown().decode().splitlines()
    assert {one for one in shown if one.startswith("bhr_intake_waits")} == {
        'bhr_intake_waits{ledger="havering"} 1.0',
        'bhr_intake_waits{ledger="redbridge"} 1.0',
    }
    worker.stop.clear()
    worker.run()
    assert worker.consuming.hindrances() == ()
    monkeypatch.setattr(consuming, "STILL_S", -1.0)
    assert worker.consuming.hindrances() == (
        "intake stands still",
        "not taken in havering",
        "not taken in redbridge",
    )


def test_a_full_lane_rests_and_goes_on(worker: Worker) -> None:
    """While a ledger is slow no more is read for it than a lane holds; then it is read on."""
    havering = worker.taking["havering"]
    havering.gate.clear()
    many = list(range(7, 8 + FULL_MESSAGES))
    resting: list[set[TopicPartition]] = []

    def look() -> None:
        resting.append(worker.consumers[0].paused())

    def quick_again() -> None:
        look()
        havering.gate.set()
        wait_until(lambda: havering.taken == many, "all are taken")
        wait_until(lambda: all(one.empty for one in worker.consuming.lanes), "and counted")

    worker.then({})
    worker.then({HAVERING: records(*many)}, look)
    worker.then({}, quick_again)
    worker.then({}, look)
    worker.run()
    assert resting == [set(), {HAVERING}, set()]
