"""How a borough puts a submission into its ledger's topic."""

from __future__ import annotations

from collections.abc import Mapping

from kafka import KafkaProducer
from kafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from adapters.kafka.dead_letters import HEADERS_BYTES_MAX
from adapters.kafka.reaching import BROKER, Topics, let_go, producer
from adapters.kafka_settings import KafkaSettings
from domain.errors import NotAuthorised, Unavailable
from domain.queued import MESSAGE_BYTES_MAX
from services.queue_ports import Queued

PATIENCE_S = 30.0


class KafkaQueue:
    """The `Queue` port, for one ledger."""

    def __init__(self, settings: KafkaSettings, ledger: str) -> None:
        """Reach nobody yet."""
        self._settings = settings
        self._topic = settings.submissions(ledger)
        self._topics = Topics(settings)
        self._producer: KafkaProducer | None = None

    def put(self, headers: Mapping[str, bytes], value: bytes) -> Queued:
        """Put a message in; durable on as many brokers as the topic asks for when it returns."""
        queue = self._topics.ids([self._topic]).get(self._topic)
        if queue is None:
            raise NotAuthorised("topic-not-ours-or-not-made")
        try:
            sent = self._reached().send(self._topic, value=value, headers=list(headers.items()))
            return Queued(queue, int(sent.get(PATIENCE_S).offset))
        except (TopicAuthorizationFailedError, ClusterAuthorizationFailedError):
            raise NotAuthorised("topic-not-ours") from None
        except (KafkaError, OSError, TimeoutError):
            self.close()
            raise Unavailable(BROKER) from None

    def close(self) -> None:
        """Close the connections."""
        self._topics.close()
        if self._producer is not None:
            ended, self._producer = self._producer, None
            let_go(ended)

    def _reached(self) -> KafkaProducer:
        if self._producer is None:
            most = MESSAGE_BYTES_MAX + HEADERS_BYTES_MAX
            self._producer = producer(self._settings, most, PATIENCE_S)
        return self._producer
