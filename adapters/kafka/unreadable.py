"""Getting past a message that the library itself cannot read, such as a header's name in no UTF-8.

The library then gives nothing of what it fetched, and does not say where it stumbled. So each topic
is read again message by message, from what its lane was given last, until it stumbles there.
"""

from __future__ import annotations

from contextlib import closing
from typing import Protocol

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError

from adapters.kafka.lanes import Lane
from adapters.kafka.reaching import reach
from adapters.kafka_settings import KafkaSettings
from services.intake_ports import Arrived

UNREADABLE = (ValueError, CorruptRecordError)
"""What the library raises of a message; that it was only disturbed shows when it is read again."""
STEPS_MAX = 1_000
PATIENCE_MS = 2_000


class Record(Protocol):
    """A message as the library gives it."""

    offset: int
    headers: list[tuple[str, bytes | None]]
    value: bytes | None


def arrived(lane: Lane, record: Record) -> Arrived:
    """Give a message of a lane's queue; what has no value is empty."""
    headers = {name: value or b"" for name, value in record.headers}
    return Arrived(lane.queue, record.offset, headers, record.value or b"")


def step_past(settings: KafkaSettings, topic: str, lane: Lane) -> bool:
    """Feed a lane up to what cannot be read, and something empty in its place; False if all can.

    What is empty is put away as any noise is, so that its place is passed over for all.
    """
    partition = TopicPartition(topic, 0)
    with closing(
        KafkaConsumer(
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_poll_records=1,
            **reach(settings),
        )
    ) as consumer:
        consumer.assign([partition])
        consumer.seek(partition, lane.fed)
        for _ in range(STEPS_MAX):
            try:
                found = consumer.poll(timeout_ms=PATIENCE_MS).get(partition, ())
            except UNREADABLE:
                lane.feed(Arrived(lane.queue, lane.fed, {}, b""))
                return True
            if not found:
                return False
            for record in found:
                lane.feed(arrived(lane, record))
    return False
