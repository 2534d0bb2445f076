"""How every client of ours reaches a broker: by TLS, with a certificate of its own."""

from __future__ import annotations

import logging
import ssl
import uuid
from collections.abc import Sequence
from contextlib import suppress
from typing import TypedDict

from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from adapters.kafka_settings import KafkaSettings
from domain.errors import HomeNotReady, Unavailable

BROKER = "Kafka"
# What it logs may hold anything; what we have to say of it, we say.
logging.getLogger("kafka").setLevel(logging.CRITICAL)
BOOTSTRAP_MS = 5_000


class Reach(TypedDict):
    """What each of the library's clients is told."""

    bootstrap_servers: list[str]
    security_protocol: str
    ssl_context: ssl.SSLContext
    bootstrap_timeout_ms: int


def reach(settings: KafkaSettings) -> Reach:
    """Give how brokers are reached; raises HomeNotReady for certificates that cannot be used."""
    try:
        context = ssl.create_default_context(cafile=str(settings.authority))
        context.load_cert_chain(settings.certificate)
    except OSError:  # of which the errors of TLS are some
        raise HomeNotReady("the certificates for Kafka cannot be read") from None
    return Reach(
        bootstrap_servers=list(settings.brokers),
        security_protocol="SSL",
        ssl_context=context,
        bootstrap_timeout_ms=BOOTSTRAP_MS,
    )


def producer(
    settings: KafkaSettings, bytes_max: int, patience_s: float, transactional_id: str | None = None
) -> KafkaProducer:
    """Give what puts messages of so many bytes into topics, each durable once it is answered.

    With an id it does so in transactions, in which of two of one id the later alone succeeds.
    """
    return KafkaProducer(
        acks="all",
        enable_idempotence=True,
        allow_auto_create_topics=False,
        max_request_size=bytes_max,
        transactional_id=transactional_id,
        delivery_timeout_ms=int(patience_s * 1000),
        request_timeout_ms=int(patience_s * 500),
        max_block_ms=int(patience_s * 1000),
        **reach(settings),
    )


def let_go(ended: KafkaProducer) -> None:
    """Close a producer; what it could not send by now is dropped."""
    try:
        ended.close(timeout=1)
    except KafkaError:
        # Where anything is left to be sent the library does not close, and raises.
        ended._sender.force_close()  # noqa: SLF001 - it has no other way to drop what is left
        with suppress(KafkaError):
            ended.close(timeout=1)


class Topics:
    """What is known of topics: each has an id, and one that is made anew has another."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Ask nothing yet."""
        self._settings = settings
        self._admin: KafkaAdminClient | None = None

    def ids(self, names: Sequence[str]) -> dict[str, uuid.UUID]:
        """Give the ids of those topics that there are, and we may know of; raises Unavailable."""
        try:
            if self._admin is None:
                self._admin = KafkaAdminClient(**reach(self._settings))
            described = self._admin.describe_topics(list(names))
        except (KafkaError, OSError):
            self.close()
            raise Unavailable(BROKER) from None
        return {
            str(one["name"]): uuid.UUID(str(one["topic_id"]))
            for one in described
            if not one["error_code"]
        }

    def close(self) -> None:
        """Close the connections."""
        if self._admin is not None:
            admin, self._admin = self._admin, None
            admin.close()
