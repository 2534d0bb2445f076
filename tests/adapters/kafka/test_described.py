"""The AsyncAPI document says of topics and messages what the code does with them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema_rs

from adapters.kafka.administering import topics_of
from adapters.kafka.dead_letters import letter_headers
from adapters.kafka.described import described
from adapters.kafka_settings import KafkaSettings
from domain.canonical import JsonValue
from domain.queued import MESSAGE_BYTES_MAX, headers_of
from services.intake_ports import DeadLetter
from tests.fakes_queue import QUEUE

SETTINGS = KafkaSettings(("kafka.example:9093",), Path("us.pem"), Path("them.pem"))
LEDGERS = ("bhr", "havering")
LETTER = DeadLetter(
    uuid.UUID(int=1), QUEUE, 7, "not-opened", headers=headers_of(bytes(32), atomic=True)
)


def document() -> Mapping[str, JsonValue]:
    """Give the document, as whoever reads it has it."""
    found = json.loads(json.dumps(described(SETTINGS, LEDGERS)))
    assert isinstance(found, Mapping)
    return found


def at(node: JsonValue, *path: str) -> JsonValue:
    """Give what stands at a path."""
    for name in path:
        assert isinstance(node, Mapping)
        node = node[name]
    return node


def references(node: JsonValue) -> Iterator[str]:
    """Give every reference in a document."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == "$ref":
                yield str(value)
            yield from references(value)
    elif isinstance(node, list):
        for one in node:
            yield from references(one)


def as_text(headers: Mapping[str, bytes]) -> JsonValue:
    """Give headers as a schema sees them."""
    return {name: value.decode("latin-1") for name, value in headers.items()}


def schema_of(message: str) -> jsonschema_rs.Draft7Validator:
    """Give what checks a message's headers, and takes no other than are described."""
    headers = at(document(), "components", "messages", message, "headers")
    assert isinstance(headers, Mapping)
    return jsonschema_rs.Draft7Validator({**headers, "additionalProperties": False})


def test_every_topic_is_described_and_no_other() -> None:
    """The channels, with each ledger in its place, are the topics that are made."""
    channels = at(document(), "channels")
    assert isinstance(channels, Mapping)
    named = {
        str(at(channel, "address")).replace("{ledger}", ledger)
        for channel in channels.values()
        for ledger in LEDGERS
    }
    assert named == set(topics_of(SETTINGS, LEDGERS))
    assert at(document(), "channels", "submissions", "parameters", "ledger", "enum") == [*LEDGERS]


def test_topics_are_told_what_is_described() -> None:
    """Retention and the largest message are those that topics are made with."""
    for name, channel in (("submissions", "submissions"), ("dead_letters", "deadLetters")):
        topic = getattr(SETTINGS, name)("havering")
        told = topics_of(SETTINGS, LEDGERS)[topic]
        said = at(document(), "channels", channel, "bindings", "kafka", "topicConfiguration")
        assert said == {
            "cleanup.policy": [told["cleanup.policy"]],
            "max.message.bytes": int(told["max.message.bytes"]),
            "retention.ms": int(told["retention.ms"]),
        }
        assert int(told["max.message.bytes"]) > MESSAGE_BYTES_MAX


def test_headers_are_those_of_messages() -> None:
    """What a client puts into a queue has the described headers, and no other."""
    for atomic in (True, False):
        assert schema_of("submission").is_valid(as_text(headers_of(bytes(32), atomic=atomic)))
    assert not schema_of("submission").is_valid({"bhr-manner": "whatever"})


def test_headers_are_those_of_letters() -> None:
    """What is put away has the described headers, whatever is known of it."""
    schema = schema_of("deadLetter")
    known = DeadLetter(uuid.UUID(int=1), QUEUE, 7, "another-ledger", uuid.UUID(int=2))
    for letter in (LETTER, known):
        assert schema.is_valid(as_text(letter_headers(letter)))


def test_every_reference_leads_somewhere() -> None:
    """Nothing is referred to that the document does not have."""
    whole = document()
    for reference in references(whole):
        assert at(whole, *reference.removeprefix("#/").split("/"))
