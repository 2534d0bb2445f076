"""What lies in which topic, as an AsyncAPI 3 document: made from what the code goes by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.kafka.administering import topics_of
from adapters.kafka.dead_letters import (
    ID_HEADER,
    OFFSET_HEADER,
    REASON_HEADER,
    SUBMISSION_HEADER,
)
from adapters.kafka_settings import KafkaSettings
from domain.canonical import JsonValue
from domain.queued import KEY_HEADER, MANNER_HEADER, MANNERS, MESSAGE_BYTES_MAX, SUITE

_SEALED = "application/octet-stream"
_LEDGER = "{ledger}"
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


def described(settings: KafkaSettings, ledgers: Iterable[str]) -> JsonValue:
    """Describe the topics of these ledgers, and every message in them."""
    listed = sorted(ledgers)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "BHR safeguarding hub: submissions by Kafka",
            "version": "1",
            "description": "What is published lies here sealed to the hub; answers are asked for"
            " over HTTP, by the submission's id (GET /v1/submissions/{submission}).",
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
        "channels": {
            "submissions": _channel(settings, settings.submissions(_LEDGER), listed, "submission"),
            "deadLetters": _channel(settings, settings.dead_letters(_LEDGER), listed, "deadLetter"),
        },
        "operations": {
            "takeIn": _operation("receive", "submissions", "Take in what boroughs publish"),
            "putAway": _operation("send", "deadLetters", "Put away what was not taken in"),
            "redrive": _operation("receive", "deadLetters", "Try what was put away once more"),
        },
        "components": {
            "messages": {"submission": _submission(), "deadLetter": _dead_letter()},
            "securitySchemes": {
                "certificate": {"type": "X509", "description": "a borough's own, or the hub's"}
            },
        },
    }


def _channel(settings: KafkaSettings, address: str, ledgers: list[str], message: str) -> JsonValue:
    told = topics_of(settings, [_LEDGER])[address]
    listed: list[JsonValue] = [*ledgers]
    return {
        "address": address,
        "parameters": {"ledger": {"description": "the ledger's name", "enum": listed}},
        "messages": {message: _ref("messages", message)},
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
        "payload": {
            "type": "string",
            "maxLength": MESSAGE_BYTES_MAX,
            "description": "the message as it came, still sealed; empty where it was refused once"
            " it had been read",
        },
    }


def _ref(kind: str, name: str) -> JsonValue:
    return {"$ref": f"#/components/{kind}/{name}"}
