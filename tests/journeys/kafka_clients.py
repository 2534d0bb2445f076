"""Clients of a broker that are none of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.errors import TopicAuthorizationFailedError

from adapters.kafka.reaching import reach
from adapters.kafka.rules import Rule, acl_of
from tests.journeys.kafka_stage import Kafka
from tests.kafka_server import OPERATOR


def may_write(
    kafka: Kafka,
    name: str,
    topic: str,
    headers: Sequence[tuple[str, bytes]] = (),
    value: bytes = b"noise",
) -> bool:
    """Say whether somebody may write to a topic; noise, unless a value is given."""
    producer = KafkaProducer(**reach(kafka.client(name)), max_block_ms=20_000)
    try:
        producer.send(topic, value, headers=list(headers)).get(20)
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


@contextmanager
def standing(kafka: Kafka, *rules: Rule) -> Iterator[Callable[[Rule], bool]]:
    """Have access rules stand for a while; gives what says whether one stands still."""
    with closing(KafkaAdminClient(**reach(kafka.client(OPERATOR)))) as admin:
        assert admin.create_acls([acl_of(rule) for rule in rules])["failed"] == []
        yield lambda rule: admin.describe_acls(acl_of(rule))[0] != []
        admin.delete_acls([acl_of(rule) for rule in rules])


class NoText(str):
    """The name of a header that is no text."""

    __slots__ = ()

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Give bytes that are no UTF-8."""
        return b"\xff\xfe"


POISONS: tuple[list[tuple[str, bytes]], ...] = ([], [(NoText("x"), b"")])
