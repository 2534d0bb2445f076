"""Putting what participants are told into their topics, by transactions.

headers of a message: bhr-id (16 bytes, the same however often it is told), content-type

There is a producer for each ledger, of one name in all processes: when a process begins to tell of
a ledger, the broker ends whatever another of that name had begun, and takes nothing more from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from kafka import KafkaProducer
from kafka.errors import (
    InvalidProducerEpochError,
    KafkaError,
    ProducerFencedError,
)

from adapters.kafka.dead_letters import HEADERS_BYTES_MAX, ID_HEADER
from adapters.kafka.reaching import BROKER, let_go, producer
from adapters.kafka_settings import KafkaSettings
from domain.told import CONTENT_TYPE, TOLD_BYTES_MAX
from services.outbox_ports import Message, NobodyTold, Outrun

TYPE_HEADER = "content-type"
PATIENCE_S = 10.0
_OUTRUN = (InvalidProducerEpochError, ProducerFencedError)


class KafkaOutgoing:
    """The `Outgoing` port."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Reach nobody yet."""
        self._settings = settings
        self._producers: dict[str, KafkaProducer] = {}

    def begin(self, ledger: str) -> None:
        """Be who tells of this ledger."""
        if ledger in self._producers:
            return
        named = self._settings.outbox(ledger)
        try:
            most = TOLD_BYTES_MAX + HEADERS_BYTES_MAX
            made = producer(self._settings, most, PATIENCE_S, named)
        except (KafkaError, OSError):
            raise NobodyTold(BROKER) from None
        self._producers[ledger] = made
        self._tried(ledger, made.init_transactions)

    def tell(self, ledger: str, messages: Sequence[Message]) -> None:
        """Put messages into topics, all or none."""
        told = self._producers[ledger]
        self._tried(ledger, lambda: self._transact(told, messages))

    def close(self) -> None:
        """Close the connections."""
        for ledger in list(self._producers):
            self._drop(ledger)

    def _transact(self, told: KafkaProducer, messages: Sequence[Message]) -> None:
        told.begin_transaction()
        sent = [
            told.send(
                self._settings.told(one.participant),
                value=one.value,
                headers=list(message_headers(one).items()),
            )
            for one in messages
        ]
        for one in sent:
            one.get(PATIENCE_S)
        # The library waits for a broker that is gone here for as long as that takes.
        _within(PATIENCE_S, told.commit_transaction)

    def _tried(self, ledger: str, work: Callable[[], None]) -> None:
        """Do something with a ledger's producer; after a fault another begins anew."""
        try:
            work()
        except _OUTRUN:
            self._drop(ledger)
            raise Outrun from None
        except (KafkaError, OSError, TimeoutError):
            self._drop(ledger)
            raise NobodyTold(BROKER) from None

    def _drop(self, ledger: str) -> None:
        let_go(self._producers.pop(ledger))


def message_headers(message: Message) -> dict[str, bytes]:
    """Give what a message says of itself."""
    return {ID_HEADER: message.id.bytes, TYPE_HEADER: CONTENT_TYPE.encode()}


def _within(seconds: float, work: Callable[[], None]) -> None:
    """Do something in a thread; raises TimeoutError when it takes too long, or what it raises."""
    raised: list[Exception] = []

    def done() -> None:
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - whatever it is, who waits is told of it
            raised.append(fault)

    thread = threading.Thread(target=done, name="outbox-commit", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if raised:
        raise raised[0]
