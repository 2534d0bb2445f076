"""The broker that tests are given is a real one, and lets in whom it should."""

import ssl

import pytest
from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError

from tests.kafka_server import OPERATOR, broker


def reach(name: str | None) -> KafkaAdminClient:
    """Reach the broker with somebody's certificate, or with none."""
    context = ssl.create_default_context(cafile=str(broker().authority))
    if name is not None:
        context.load_cert_chain(broker().certificate(name))
    return KafkaAdminClient(
        bootstrap_servers=broker().bootstrap,
        security_protocol="SSL",
        ssl_context=context,
        bootstrap_timeout_ms=2_000,
    )


@pytest.mark.kafka
def test_broker_answers_its_operator() -> None:
    """Whoever shows the operator's certificate is answered."""
    admin = reach(OPERATOR)
    assert admin.describe_cluster()["brokers"]
    admin.close()


@pytest.mark.kafka
def test_broker_turns_away_who_shows_no_certificate() -> None:
    """Nobody is a client without a certificate of the authority."""
    with pytest.raises(KafkaError):
        reach(None)
