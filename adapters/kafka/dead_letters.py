"""The topics of dead letters: what was not taken in, sealed as it came, with a reason.

headers of a letter: bhr-id (16 bytes, the same however often it is put away), bhr-reason,
bhr-offset (of the message, in its queue), bhr-submission where it is known, and those that the
message had; the value is the message's, or empty for what was refused once it had been read
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from adapters.kafka.reaching import BROKER, let_go, producer, reach
from adapters.kafka_settings import KafkaSettings
from domain.errors import Unavailable
from domain.queued import KEY_HEADER, MANNER_HEADER, MESSAGE_BYTES_MAX
from services.intake_ports import DeadLetter

ID_HEADER = "bhr-id"
REASON_HEADER = "bhr-reason"
OFFSET_HEADER = "bhr-offset"
SUBMISSION_HEADER = "bhr-submission"
PUT_AWAY_S = 30.0
POLL_MS = 1_000
SILENT_S = 30.0
_KEPT = (KEY_HEADER, MANNER_HEADER)
_HEADER_BYTES_MAX = 64
HEADERS_BYTES_MAX = 4_096


class KafkaDeadLetters:
    """The `DeadLetters` port, for one ledger."""

    def __init__(self, settings: KafkaSettings, ledger: str) -> None:
        """Reach nobody yet."""
        self._settings = settings
        self._topic = settings.dead_letters(ledger)
        self._producer: KafkaProducer | None = None

    def put(self, letter: DeadLetter) -> None:
        """Put a letter away; durable when it returns."""
        headers = letter_headers(letter)
        # What is larger than a message may be is not kept: its reason says that it was.
        value = letter.sealed if len(letter.sealed) <= MESSAGE_BYTES_MAX else b""
        try:
            self._reached().send(self._topic, value=value, headers=list(headers.items())).get(
                PUT_AWAY_S
            )
        except (KafkaError, OSError, TimeoutError):
            self.close()
            raise Unavailable(BROKER) from None

    def close(self) -> None:
        """Close the connections."""
        if self._producer is not None:
            ended, self._producer = self._producer, None
            let_go(ended)

    def _reached(self) -> KafkaProducer:
        if self._producer is None:
            most = MESSAGE_BYTES_MAX + 2 * HEADERS_BYTES_MAX
            self._producer = producer(self._settings, most, PUT_AWAY_S)
        return self._producer


def letter_headers(letter: DeadLetter) -> dict[str, bytes]:
    """Give what a letter says of itself."""
    # What a message says of itself comes from a stranger's hand.
    kept = {one: letter.headers[one][:_HEADER_BYTES_MAX] for one in _KEPT if one in letter.headers}
    headers = {
        **kept,
        ID_HEADER: letter.id.bytes,
        REASON_HEADER: letter.reason.encode(),
        OFFSET_HEADER: str(letter.offset).encode(),
    }
    if letter.submission is not None:
        headers[SUBMISSION_HEADER] = letter.submission.bytes
    return headers


def letters(settings: KafkaSettings, ledger: str) -> Iterator[tuple[Mapping[str, bytes], bytes]]:
    """Give the letters there are for a ledger, the oldest first, as headers and value.

    Raises Unavailable, also where nothing comes for `SILENT_S` before the end is reached.
    """
    partition = TopicPartition(settings.dead_letters(ledger), 0)
    try:
        with closing(
            KafkaConsumer(
                enable_auto_commit=False,
                auto_offset_reset="earliest",  # where those that came next have lapsed meanwhile
                isolation_level="read_committed",
                allow_auto_create_topics=False,
                **reach(settings),
            )
        ) as consumer:
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end, heard = consumer.end_offsets([partition])[partition], time.monotonic()
            while _position(consumer, partition) < end:
                found = consumer.poll(timeout_ms=POLL_MS).get(partition, ())
                for record in found:
                    yield (
                        {name: value or b"" for name, value in record.headers},
                        record.value or b"",
                    )
                if found:
                    heard = time.monotonic()
                elif time.monotonic() - heard > SILENT_S:
                    raise Unavailable(BROKER)  # where it went, polls are empty, and none says so
    except (KafkaError, OSError):
        raise Unavailable(BROKER) from None


def _position(consumer: KafkaConsumer, partition: TopicPartition) -> int:
    """Give what is read next; raises Unavailable where the broker does not say in time."""
    position: int | None = consumer.position(partition, timeout_ms=SILENT_S * 1000)
    if position is None:
        raise Unavailable(BROKER)
    return position
