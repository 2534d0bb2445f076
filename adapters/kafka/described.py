"""What lies in which topic, as an AsyncAPI 3 document: made from what the code goes by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.kafka.administering import topics_of
from adapters.kafka.dead_letters import (
    ID_HEADER,
    OFFSET_HEADER,
    REASON_HEADER,
    SUBMISSION_HEADER,
)
from adapters.kafka.described_told import told_messages, told_schemas
from adapters.kafka.rules import Wanted
from adapters.kafka_settings import KafkaSettings
from domain.canonical import JsonValue
from domain.queued import KEY_HEADER, MANNER_HEADER, MANNERS, MESSAGE_BYTES_MAX, SUITE

_SEALED = "application/octet-stream"
_NAMED = Wanted({"{ledger}": ()}, ("{participant}",))
_ABOUT = (
    "What is published lies here sealed to the hub; answers are asked for over HTTP, by the"
    " submission's id (GET /v1/submissions/{submission}). What participants are told is committed"
    " in transactions: read it with isolation.level=read_committed, and pass over an id that was"
    " met before. What waits for a participant is asked for over HTTP: parts by GET /v1/waiting,"
    " what was taken back or erased by GET /v1/notices."
)
_KEY: JsonValue = {"type": "string", "description": "the intake key's fingerprint: 32 bytes"}
_MANNER: JsonValue = {
    "type": "string",
    "description": "all or nothing, or each event for itself; bound by the sealing",
    "enum": sorted(manner.decode() for manner in MANNERS.values()),
}
_LETTER: Mapping[str, JsonValue] = {
    ID_HEADER: {"type": "string", "description": "16 bytes, the same however often it is put here"},
    REASON_HEADER: {"type": "string", "description": "a code of ours", "pattern": "^[a-z-]+$"},
    OFFSET_HEADER: {"type": "string", "description": "of the message", "pattern": "^[0-9]+$"},
    SUBMISSION_HEADER: {"type": "string", "description": "16 bytes, where it could be read"},
    KEY_HEADER: _KEY,
    MANNER_HEADER: {"type": "string", "description": "as the message had it"},
}


def described(settings: KafkaSettings, wanted: Wanted) -> JsonValue:
    """Describe the topics that are wanted, and every message in them."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "BHR safeguarding hub: submissions by Kafka, and what participants are told",
            "version": "1",
            "description": _ABOUT,
        },
        "defaultContentType": _SEALED,
        "servers": {
            f"broker{number}": {
                "host": broker,
                "protocol": "kafka-secure",
                "security": [_ref("securitySchemes", "certificate")],
            }
            for number, broker in enumerate(settings.brokers, start=1)
        },
        "channels": _channels(settings, wanted),
        "operations": {
            "takeIn": _operation("receive", "submissions", "Take in what boroughs publish"),
            "putAway": _operation("send", "deadLetters", "Put away what was not taken in"),
            "redrive": _operation("receive", "deadLetters", "Try what was put away once more"),
            "tell": _operation("send", "told", "Tell a participant, at least once"),
        },
        "components": {
            "messages": {
                "submission": _submission(),
                "deadLetter": _dead_letter(),
                **told_messages(),
            },
            "schemas": told_schemas(),
            "securitySchemes": {
                "certificate": {"type": "X509", "description": "a participant's, or the hub's"}
            },
        },
    }


def _channels(settings: KafkaSettings, wanted: Wanted) -> JsonValue:
    of_ledger = "ledger", "the ledger's name", sorted(wanted.writers)
    of_body = "participant", "the participant's code", sorted(wanted.told)
    topics = topics_of(settings, _NAMED)
    sent, letters = settings.submissions("{ledger}"), settings.dead_letters("{ledger}")
    return {
        "submissions": _channel(sent, topics, of_ledger, ["submission"]),
        "deadLetters": _channel(letters, topics, of_ledger, ["deadLetter"]),
        "told": _channel(settings.told("{participant}"), topics, of_body, list(told_messages())),
    }


def _channel(
    address: str,
    topics: Mapping[str, Mapping[str, str]],
    parameter: tuple[str, str, Sequence[str]],
    messages: Sequence[str],
) -> JsonValue:
    """Describe a kind of topic, by what its address has in the place of a name."""
    name, description, known = parameter
    told = topics[address]
    return {
        "address": address,
        "parameters": {name: {"description": description, "enum": list(known)}},
        "messages": {one: _ref("messages", one) for one in messages},
        "bindings": {
            "kafka": {
                "partitions": 1,
                "topicConfiguration": {
                    "cleanup.policy": [told["cleanup.policy"]],
                    "retention.ms": int(told["retention.ms"]),
                    "max.message.bytes": int(told["max.message.bytes"]),
                },
            }
        },
    }


def _operation(action: str, channel: str, summary: str) -> JsonValue:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}


def _submission() -> JsonValue:
    return {
        "contentType": _SEALED,
        "headers": {
            "type": "object",
            "properties": {KEY_HEADER: _KEY, MANNER_HEADER: _MANNER},
            "required": [KEY_HEADER, MANNER_HEADER],
        },
        "examples": [{"name": "each", "headers": {KEY_HEADER: "k" * 32, MANNER_HEADER: "each"}}],
        "payload": {
            "type": "string",
            "maxLength": MESSAGE_BYTES_MAX,
            "description": f"HPKE ({SUITE}) of the zlib-packed document that POST /v1/events takes"
            " as application/vnd.bhr.submission+json; the OpenAPI document describes that",
        },
    }


def _dead_letter() -> JsonValue:
    return {
        "contentType": _SEALED,
        "headers": {
            "type": "object",
            "properties": dict(_LETTER),
            "required": [ID_HEADER, OFFSET_HEADER, REASON_HEADER],
        },
        "examples": [
            {
                "name": "unopened",
                "headers": {
                    ID_HEADER: "i" * 16,
                    OFFSET_HEADER: "7",
                    REASON_HEADER: "not-opened",
                    KEY_HEADER: "k" * 32,
                    MANNER_HEADER: "each",
                },
            }
        ],
        "payload": {
            "type": "string",
            "maxLength": MESSAGE_BYTES_MAX,
            "description": "the message as it came, still sealed; empty where it was refused once"
            " it had been read",
        },
    }


def _ref(kind: str, name: str) -> JsonValue:
    return {"$ref": f"#/components/{kind}/{name}"}
