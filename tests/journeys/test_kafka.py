"""Submissions by Kafka: from a borough's outbox to the ledger and back, through faults."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.journeys.machines import Running
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage, set_stage
from tests.kafka_server import HUB, OPERATOR, broker, new_prefix

pytestmark = pytest.mark.kafka
HAVERING, REDBRIDGE = "havering", "redbridge"


@dataclass(frozen=True)
class Kafka:
    """A hub and its boroughs that meet at a broker."""

    stage: Stage
    prefix: str

    def settings(self, name: str) -> dict[str, str]:
        """Give what somebody is told of the broker."""
        return {
            "BHR_KAFKA": broker().bootstrap,
            "BHR_KAFKA_AUTHORITY": str(broker().authority),
            "BHR_KAFKA_CERTIFICATE": str(broker().certificate(name)),
            "BHR_KAFKA_PREFIX": self.prefix,
        }

    @contextmanager
    def intake(self) -> Iterator[Running]:
        """Run `bhr intake` for a while."""
        running = self.stage.hub.start("intake", **self.settings(HUB))
        try:
            yield running
        finally:
            if running.alive():
                assert running.stop() == 0, running.said()


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A served hub whose topics are made."""
    kafka = Kafka(set_stage(tmp_path_factory.mktemp("kafka") / "stage"), new_prefix())
    made = kafka.stage.hub.run("kafka", "init", "--copies", "1", **kafka.settings(OPERATOR))
    assert made.status == 0, made.said()
    serving = kafka.stage.start_hub()
    yield kafka
    serving.stop()


def publish(kafka: Kafka, borough: str, facts: range, patch: pytest.MonkeyPatch) -> int:
    """Publish what a borough's system knows by Kafka; gives what is left in its outbox."""
    for name, value in kafka.settings(borough).items():
        patch.setenv(name, value)
    with kafka.stage.client(borough, patience_s=60) as client:
        client.publish(drafts_of(Told(number) for number in facts))
        return client.send().left


def test_one_submission_by_kafka(kafka: Kafka, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a borough puts into its topic is recorded, and acknowledged to it."""
    before = kafka.stage.events()[HAVERING]
    with kafka.intake() as running:
        assert publish(kafka, HAVERING, range(3), monkeypatch) == 0, running.said()
    assert kafka.stage.events()[HAVERING] > before + 3
