"""A hub and its boroughs that meet at a broker of their own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition

from adapters.kafka.reaching import reach
from adapters.kafka_settings import KafkaSettings
from domain.canonical import JsonValue, strict_json
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.hub import RightGranted
from services.borough.drafting import Draft
from services.borough.sending import Sent
from services.outbox_ports import FOLLOWED
from tests.journeys.dying_worker import worker
from tests.journeys.machines import Running, wait_until
from tests.journeys.stage import Stage, set_stage
from tests.kafka_server import HUB, OPERATOR, OwnBroker, new_prefix, own_broker


@dataclass(frozen=True)
class Kafka:
    """Everybody, and what each is told of the broker."""

    stage: Stage
    broker: OwnBroker
    prefix: str

    def settings(self, name: str) -> dict[str, str]:
        """Give what somebody is told: its own certificate among it."""
        return {
            "BHR_KAFKA": self.broker.bootstrap,
            "BHR_KAFKA_AUTHORITY": str(self.broker.authority),
            "BHR_KAFKA_CERTIFICATE": str(self.broker.certificate(name)),
            "BHR_KAFKA_PREFIX": self.prefix,
        }

    def initialised(self) -> list[str]:
        """Run `bhr kafka init`; gives what it says, line by line."""
        ended = self.stage.hub.run("kafka", "init", "--copies", "1", **self.settings(OPERATOR))
        assert ended.status == 0, ended.said()
        return ended.out.splitlines()

    def start_intake(self) -> Running:
        """Start `bhr intake`, and wait until it has begun."""
        running = self.stage.hub.start("intake", **self.settings(HUB))
        wait_until(lambda: "taking in" in running.said() or not running.alive(), "it takes in")
        return running

    def start_outbox(self) -> Running:
        """Start `bhr outbox`, and wait until it has begun."""
        running = self.stage.hub.start("outbox", **self.settings(HUB))
        wait_until(lambda: "telling by" in running.said() or not running.alive(), "it tells")
        return running

    def tells_all(self) -> None:
        """Run `bhr outbox` until every ledger was told of to its end; it stops well then."""
        running = self.start_outbox()
        with self.stage.rooms() as rooms:

            def told() -> bool:
                ledgers = rooms.ledgers.values()
                return all(one.offsets.reached(FOLLOWED) == one.head().size for one in ledgers)

            wait_until(lambda: told() or not running.alive(), "all is told")
        assert running.stop() == 0, running.said()

    def told(self, body: str) -> list[Mapping[str, JsonValue]]:
        """Give what a body reads in its topic, under its own certificate."""
        partition = TopicPartition(f"{self.prefix}.told.{body}", 0)
        consumer = KafkaConsumer(isolation_level="read_committed", **reach(self.client(body)))
        with closing(consumer):
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end = consumer.end_offsets([partition])[partition]
            found: list[Mapping[str, JsonValue]] = []
            while consumer.position(partition) < end:
                for one in consumer.poll(timeout_ms=500).get(partition, ()):
                    document = strict_json(one.value)
                    assert isinstance(document, Mapping)
                    found.append(document)
            return found

    def written(self, borough: str) -> int:
        """Count the messages that were ever written to a borough's own topic."""
        partition = TopicPartition(f"{self.prefix}.submissions.{borough}", 0)
        with closing(KafkaConsumer(**reach(self.client(HUB)))) as consumer:
            return int(consumer.end_offsets([partition])[partition])

    def client(self, name: str) -> KafkaSettings:
        """Give how somebody with a certificate reaches the broker."""
        certificate = self.broker.certificate(name)
        return KafkaSettings(
            (self.broker.bootstrap,), certificate, self.broker.authority, self.prefix
        )

    @contextmanager
    def intake(self) -> Iterator[Running]:
        """Run `bhr intake` for a while; it stops well when it is told."""
        running = self.start_intake()
        yield running
        assert running.stop() == 0, running.said()

    def dies(self, step: str, command: str = "intake") -> None:
        """Run a worker until it dies at a step."""
        dying = self.stage.hub.play(worker, command, step, self.settings(HUB))
        wait_until(lambda: not dying.alive(), f"it dies {step}")
        assert dying.process.exitcode == -9, dying.said()

    def publish(self, borough: str, drafts: Iterable[Draft], *, patience_s: float = 90) -> Sent:
        """Publish by Kafka; gives what came of it."""
        at = self.stage.client(borough, patience_s=patience_s)
        with told(self.settings(borough)), at as client:
            client.publish(drafts)
            return client.send()

    def opened(self, ledger: str) -> list[OpenedEvent]:
        """Open what publishers put into a ledger."""
        with self.stage.rooms() as rooms:
            entries = rooms.ledgers[ledger].read(0, 10_000)
            events = rooms.rules.open_entries(ledger, entries)
        opened = (one for one in events if isinstance(one, OpenedEvent))
        return [one for one in opened if one.attestation is Attestation.SIGNED]


@contextmanager
def told(settings: dict[str, str]) -> Iterator[None]:
    """Let this process be told of a broker for a while."""
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]


@contextmanager
def kafka_stage(folder: Path) -> Iterator[Kafka]:
    """Set everything up: a broker with topics and rules, a hub that serves, three boroughs."""
    broker = own_broker()
    try:
        kafka = Kafka(set_stage(folder), broker, new_prefix())
        kafka.initialised()
        serving = kafka.stage.start_hub()
        yield kafka
        serving.stop()
    finally:
        broker.remove()


def grant(kafka: Kafka, borough: str) -> None:
    """Give an office of a borough a right, which the borough is to be told of."""
    granted = RightGranted.Facts(
        effective_from="2020-01-01",
        office="clerk",
        participant=borough,
        purposes=("partnership-themes",),
        right="released",
    )
    with kafka.stage.rooms() as rooms:
        rooms.registering.grant(granted)
