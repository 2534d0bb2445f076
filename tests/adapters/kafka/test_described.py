"""The AsyncAPI document says of topics and messages what the code does with them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import jsonschema_rs
import pytest

from adapters.kafka.administering import topics_of
from adapters.kafka.dead_letters import letter_headers
from adapters.kafka.described import described
from adapters.kafka.outgoing import message_headers
from adapters.kafka.rules import Wanted
from adapters.kafka_settings import KafkaSettings
from domain import told
from domain.canonical import JsonValue, canonical
from domain.queued import KEY_HEADER, MESSAGE_BYTES_MAX, headers_of, is_atomic
from domain.reference.documents import document_digest
from domain.reference.releases import Release
from domain.values import to_bytes
from services.intake_ports import DeadLetter
from services.outbox_ports import Message
from tests.fakes_queue import QUEUE

SETTINGS = KafkaSettings(("kafka.example:9093",), Path("us.pem"), Path("them.pem"))
LEDGERS, BODIES = ("bhr", "havering"), ("havering", "metropolitan-police")
WANTED = Wanted({"bhr": (), "havering": ("havering",)}, BODIES)
LETTER = DeadLetter(
    uuid.UUID(int=1), QUEUE, 7, "not-opened", headers=headers_of(bytes(32), atomic=True)
)


def document() -> Mapping[str, JsonValue]:
    """Give the document, as whoever reads it has it."""
    found = json.loads(json.dumps(described(SETTINGS, WANTED)))
    assert isinstance(found, Mapping)
    return found


def at(node: JsonValue, *path: str) -> JsonValue:
    """Give what stands at a path."""
    for name in path:
        assert isinstance(node, Mapping)
        node = node[name]
    return node


def fields(node: JsonValue, *path: str) -> Mapping[str, JsonValue]:
    """Give the object that stands at a path."""
    found = at(node, *path)
    assert isinstance(found, Mapping)
    return found


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
    headers = fields(document(), "components", "messages", message, "headers")
    return jsonschema_rs.Draft7Validator({**headers, "additionalProperties": False})


def test_every_topic_is_described_and_no_other() -> None:
    """The channels, with each ledger in its place, are the topics that are made."""
    named = set()
    for channel in fields(document(), "channels").values():
        [(name, known)] = fields(channel, "parameters").items()
        address, of = str(at(channel, "address")), at(known, "enum")
        assert isinstance(of, list)
        named |= {address.replace(f"{{{name}}}", str(one)) for one in of}
    assert named == set(topics_of(SETTINGS, WANTED))
    assert at(document(), "channels", "submissions", "parameters", "ledger", "enum") == [*LEDGERS]
    assert at(document(), "channels", "told", "parameters", "participant", "enum") == [*BODIES]


def test_topics_are_told_what_is_described() -> None:
    """Retention and the largest message are those that topics are made with."""
    for name, channel, most in (
        ("submissions", "submissions", MESSAGE_BYTES_MAX),
        ("dead_letters", "deadLetters", MESSAGE_BYTES_MAX),
        ("told", "told", told.TOLD_BYTES_MAX),
    ):
        topic = getattr(SETTINGS, name)("havering")
        set_to = topics_of(SETTINGS, WANTED)[topic]
        said = at(document(), "channels", channel, "bindings", "kafka", "topicConfiguration")
        assert said == {
            "cleanup.policy": [set_to["cleanup.policy"]],
            "max.message.bytes": int(set_to["max.message.bytes"]),
            "retention.ms": int(set_to["retention.ms"]),
        }
        assert int(set_to["max.message.bytes"]) > most


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


# --- what participants are told, and every example ------------------------------------------------


def payload_schema(kind: type[told.Told]) -> jsonschema_rs.Draft202012Validator:
    """Give what checks the payload of a kind of message."""
    whole = document()
    payload = fields(whole, "components", "messages", kind.__name__, "payload")
    return jsonschema_rs.Draft202012Validator({**payload, "components": at(whole, "components")})


def example(message: str) -> Mapping[str, JsonValue]:
    """Give the one example of a message."""
    examples = at(document(), "components", "messages", message, "examples")
    assert isinstance(examples, list)
    [found] = examples
    assert isinstance(found, Mapping)
    return found


def test_every_message_is_in_a_channel() -> None:
    """What is described is sent or received somewhere, and each kind of message is described."""
    channels, messages = (
        fields(document(), "channels"),
        fields(document(), "components", "messages"),
    )
    listed = {name for channel in channels.values() for name in fields(channel, "messages")}
    assert listed == set(messages)
    assert {one.__name__ for one in told.KINDS} <= set(messages)
    assert set(told.KINDS) == set(told.Told.__subclasses__())


@pytest.mark.parametrize("kind", told.KINDS)
def test_examples_are_messages(kind: type[told.Told]) -> None:
    """Each example is as its schema says and as the code reads it, and as it is sent."""
    payload = example(kind.__name__)["payload"]
    schema = payload_schema(kind)
    assert schema.is_valid(payload)
    assert not schema.is_valid({**fields(payload), "pseudonym": "x"})
    read = kind.model_validate_json(canonical(payload))
    assert read.canonical() == canonical(payload)
    message = Message(uuid.UUID(read.id), "havering", read.canonical())
    assert schema_of(kind.__name__).is_valid(as_text(message_headers(message)))


def test_a_release_is_told_with_the_digest_of_its_bytes() -> None:
    """Who was told a release can hold its bytes to the digest, and to the register's."""
    data = at(example("ReleaseTold"), "payload", "data")
    release = Release.model_validate_json(canonical(at(data, "release")))
    assert document_digest(release.canonical()) == to_bytes(str(at(data, "digest")))


def test_examples_of_headers_are_headers() -> None:
    """The examples of what is sealed have headers as the code reads them."""
    for name in ("submission", "deadLetter"):
        headers = example(name)["headers"]
        assert schema_of(name).is_valid(headers)
        raw = {one: str(value).encode("latin-1") for one, value in fields(headers).items()}
        assert is_atomic(raw) is False
        assert len(raw[KEY_HEADER]) == 32
