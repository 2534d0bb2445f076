"""Taking submissions from Kafka: a group of processes shares the ledgers' topics between them.

What the group remembers of offsets is nobody's: on being given a topic, this process asks the
ledger how far it is, and begins there. The ledger's answer counts against every other (see
`services/taking_in.py`), so that it does not matter who else believes to have the topic.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import KafkaError

from adapters.kafka.lanes import FULL_BYTES, Lane
from adapters.kafka.pulse import Pulse
from adapters.kafka.reaching import Topics, reach
from adapters.kafka.unreadable import UNREADABLE, arrived, step_past
from adapters.kafka_settings import KafkaSettings
from domain.errors import HubError, Unavailable
from services.intake_ports import Offsets
from services.intake_signs import IntakeSigns
from services.taking_in import TakingIn

POLL_MS = 200
STOPPING_S = 10.0
AGAIN_S = 1.0
LEDGER_AGAIN_S = 5.0
"""For so long after a ledger could not say where its queue stands, it is not asked again."""
LOOKING_S = 30.0
"""How often it is looked whether a topic was made anew."""
STILL_S = 60.0
"""Where it did not go round for so long it stands still, and every ledger waits: mostly a broker
is away."""
_LOG = logging.getLogger("bhr.intake")


class Consuming:
    """Takes in the topics of these ledgers, as far as the group gives them to this process."""

    def __init__(
        self,
        settings: KafkaSettings,
        offsets: Mapping[str, Offsets],
        taking: Callable[[str], TakingIn],
    ) -> None:
        """Reach nobody yet."""
        self._settings = settings
        self._offsets = offsets
        self._taking = taking
        self._ledgers = {settings.submissions(name): name for name in offsets}
        self._lanes: dict[str, Lane] = {}
        self._away: dict[str, float] = {}
        """Topics that have no lane since their ledger is away, and when it is asked again."""
        self._given = _Given()
        self._looked = 0.0
        self._went_round = time.monotonic()
        self._lost = False
        """A broker went, and none was reached since."""

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Give the lanes that are open: how far each is, and whether it waits."""
        return tuple(self._lanes.values())

    def signs(self) -> IntakeSigns:
        """Say how it goes on; asked from another thread."""
        lanes = self.lanes
        away = {self._ledgers[topic] for topic in tuple(self._away)}
        # Without a broker no lane is open, and none would say that it waits.
        away |= set(self._offsets) if self._lost or self._stands_still else set()
        return IntakeSigns(
            messages={
                (name, outcome): count
                for name in self._offsets
                for outcome, count in self._taking(name).counts.copy().items()
            },
            behind={one.ledger: one.behind for one in lanes},
            waiting=sorted({one.ledger for one in lanes if one.waits} | away),
            ledgers=sorted(self._offsets),
        )

    def hindrances(self) -> tuple[str, ...]:
        """Say what keeps it from taking in, in constant words and the names of ledgers."""
        waiting = (f"not taken in {name}" for name in self.signs().waiting)
        return (*(("intake stands still",) if self._stands_still else ()), *waiting)

    @property
    def _stands_still(self) -> bool:
        return time.monotonic() - self._went_round > STILL_S

    def run(self, stop: threading.Event) -> None:
        """Take in until told to stop; a broker that is not there is waited for."""
        topics = Topics(self._settings)
        try:
            while not stop.is_set():
                try:
                    with self._consumer() as consumer:
                        pulse = Pulse(consumer)
                        while not stop.is_set():
                            self._round(consumer, topics)
                            pulse.check()
                            self._went_round, self._lost = time.monotonic(), False
                except (KafkaError, OSError, Unavailable) as error:
                    _LOG.warning("intake-lost kind=%s", type(error).__name__)
                    stop.wait(AGAIN_S)
        finally:
            topics.close()

    @contextmanager
    def _consumer(self) -> Iterator[KafkaConsumer]:
        consumer = KafkaConsumer(
            group_id=self._settings.group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",  # where the ledger is behind what the broker still keeps
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            # Each topic has one partition: any other way would give all of them to one process.
            partition_assignment_strategy=[RoundRobinPartitionAssignor],
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            max_poll_records=64,
            max_partition_fetch_bytes=FULL_BYTES // 4,
            fetch_max_wait_ms=POLL_MS,
            **reach(self._settings),
        )
        try:
            consumer.subscribe(sorted(self._ledgers), listener=self._given)
            yield consumer
        except (KafkaError, OSError, Unavailable):
            self._lost = True  # before any lane is closed that says that it waits
            raise
        finally:
            for topic in list(self._lanes):
                self._close(topic)
            consumer.close()

    def _round(self, consumer: KafkaConsumer, topics: Topics) -> None:
        try:
            found = consumer.poll(timeout_ms=POLL_MS)
        except UNREADABLE:
            found = {}
            self._step_past(consumer)
        for topic in self._given.changed():
            self._close(topic)
        assigned = {one.topic: one for one in consumer.assignment()}
        for topic in [one for one in self._lanes if one not in assigned]:
            self._close(topic)
        begun = self._open_missing(consumer, assigned, topics)
        for partition, records in found.items():
            lane = self._lanes.get(partition.topic)
            # What was read before the place to begin at was known is read again from there.
            if lane is None or lane in begun:
                continue
            for record in records:
                lane.feed(arrived(lane, record))
        self._rest_or_go_on(consumer, assigned)

    def _step_past(self, consumer: KafkaConsumer) -> None:
        """Get past what the library cannot read, in whichever of the topics that is."""
        for partition in consumer.assignment():
            lane = self._lanes.get(partition.topic)
            if lane is not None and step_past(self._settings, partition.topic, lane):
                _LOG.warning("intake-unreadable ledger=%s offset=%d", lane.ledger, lane.fed - 1)
            if lane is not None:
                consumer.seek(partition, lane.fed)

    def _open_missing(
        self, consumer: KafkaConsumer, assigned: Mapping[str, TopicPartition], topics: Topics
    ) -> list[Lane]:
        """Open a lane for each topic that has none, where its ledger says that it stands."""
        self._look_again(topics)
        self._away = {topic: at for topic, at in self._away.items() if topic in assigned}
        now = time.monotonic()
        missing = [one for one in assigned if one not in self._lanes]
        due = [one for one in missing if self._away.get(one, now) <= now]
        ids = topics.ids(due) if due else {}
        opened = []
        for topic in missing:
            lane = self._opened(topic, ids[topic]) if topic in ids else None
            if lane is not None:
                consumer.seek(assigned[topic], lane.reached)
                consumer.resume(assigned[topic])
                self._lanes[topic] = lane
                opened.append(lane)
            elif topic in self._away:
                consumer.pause(assigned[topic])  # nobody takes what would be read of it
        return opened

    def _opened(self, topic: str, queue: uuid.UUID) -> Lane | None:
        """Open a lane; None where its ledger is away, which is no matter of the others'."""
        ledger = self._ledgers[topic]
        try:
            reached = self._offsets[ledger].reached(queue)
        except HubError as error:
            if topic not in self._away:
                _LOG.warning("intake-away ledger=%s kind=%s", ledger, type(error).__name__)
            self._away[topic] = time.monotonic() + LEDGER_AGAIN_S
            return None
        self._away.pop(topic, None)
        _LOG.info("intake-begins ledger=%s offset=%d", ledger, reached)
        return Lane(ledger, queue, reached, self._taking(ledger))

    def _look_again(self, topics: Topics) -> None:
        """Close lanes that were overtaken, and those whose topic was made anew."""
        for topic in [topic for topic, lane in self._lanes.items() if lane.overtaken]:
            self._close(topic)
        if self._lanes and time.monotonic() - self._looked > LOOKING_S:
            self._looked = time.monotonic()
            ids = topics.ids(list(self._lanes))
            for topic, lane in list(self._lanes.items()):
                if ids.get(topic, lane.queue) != lane.queue:
                    self._close(topic)

    def _rest_or_go_on(
        self, consumer: KafkaConsumer, assigned: Mapping[str, TopicPartition]
    ) -> None:
        paused = consumer.paused()
        for topic, lane in self._lanes.items():
            lane.end = max(lane.fed, consumer.highwater(assigned[topic]) or 0)
            if lane.full and assigned[topic] not in paused:
                consumer.pause(assigned[topic])
            elif lane.empty and assigned[topic] in paused:
                consumer.resume(assigned[topic])

    def _close(self, topic: str) -> None:
        lane = self._lanes.pop(topic, None)
        if lane is not None:
            lane.stop(STOPPING_S)


class _Given(ConsumerRebalanceListener):  # type: ignore[misc]  # the library brings no types
    """Which topics were given or taken since it was last asked; called in the library's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._topics: set[str] = set()

    def on_partitions_revoked(self, revoked: list[TopicPartition]) -> None:
        """Note what was taken."""
        self._note(revoked)

    def on_partitions_assigned(self, assigned: list[TopicPartition]) -> None:
        """Note what was given: the library begins it where it likes, not where the ledger is."""
        self._note(assigned)

    def changed(self) -> set[str]:
        """Give the topics, and begin anew."""
        with self._lock:
            found, self._topics = self._topics, set()
            return found

    def _note(self, partitions: list[TopicPartition]) -> None:
        with self._lock:
            self._topics.update(one.topic for one in partitions)
