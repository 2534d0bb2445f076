"""Clients of a broker that are none of ours, and what is looked for in its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import TopicAuthorizationFailedError

from adapters.kafka.reaching import reach
from domain.canonical import JsonValue
from domain.values import to_bytes
from tests.journeys.kafka_stage import Kafka

LONG_ENOUGH = 6
"""Shorter words, such as a code of two letters, are in any file."""


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


def words_of(document: JsonValue) -> Iterator[str]:
    """Give every text in a document."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping):
        for one in document.values():
            yield from words_of(one)
    elif isinstance(document, list | tuple):
        for one in document:
            yield from words_of(one)


def as_bytes(word: str) -> set[bytes]:
    """Give the ways in which a word of a document may lie in a file."""
    found = {word.encode()}
    with suppress(ValueError):
        found.add(to_bytes(word))
    return {one for one in found if len(one) >= LONG_ENOUGH}
