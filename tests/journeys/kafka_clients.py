"""Clients of a broker that are none of ours."""

from __future__ import annotations

from collections.abc import Sequence

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from adapters.kafka.reaching import reach
from tests.journeys.kafka_stage import Kafka


def may_write(
    kafka: Kafka, name: str, topic: str, headers: Sequence[tuple[str, bytes]] = ()
) -> bool:
    """Say whether somebody may write noise to a topic."""
    producer = KafkaProducer(**reach(kafka.client(name)), max_block_ms=20_000)
    try:
        producer.send(topic, b"noise", headers=list(headers)).get(20)
    except TopicAuthorizationFailedError:
        return False
    finally:
        producer.close(timeout=1)
    return True


def may_read(kafka: Kafka, name: str, topic: str) -> bool:
    """Say whether somebody may read a topic."""
    consumer = KafkaConsumer(**reach(kafka.client(name)), enable_auto_commit=False)
    try:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek_to_beginning(TopicPartition(topic, 0))
        consumer.poll(timeout_ms=2_000)
        consumer.position(TopicPartition(topic, 0), timeout_ms=2_000)
    except TopicAuthorizationFailedError:
        return False
    finally:
        consumer.close()
    return True


class NoText(str):
    """The name of a header that is no text."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Give bytes that are no UTF-8."""
        return b"\xff\xfe"


POISONS: tuple[list[tuple[str, bytes]], ...] = ([], [(NoText("x"), b"")])
