"""Making a submission anew from its own bytes, without what was erased or under other pseudonyms.

What waits in the outbox is signed as one; to take one event out of it, all of it is signed again
under another id. The events that stay are the same to the byte: a hub that had recorded them
already finds them by id and statement.

    an event of the erased past   → its withdrawal under its number: no number is missing
    an event with old pseudonyms  → the same event under the new ones, with fresh salts; what was
                                    sealed to recipients stays as it is, bound to event and part
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.canonical import JsonValue, canonical, strict_json
from domain.errors import HomeNotReady
from domain.statement import (
    FACTS_NUMBER,
    PartClass,
    StatedPart,
    commit,
    recipient_set,
    restricted_number,
    shared_number,
    signed_bytes,
    statement_digest,
)
from domain.values import to_bytes, to_text
from domain.vocabulary.data_quality import RecordWithdrawn
from services.acknowledging import instant
from services.borough.sealing import SALT_BYTES
from services.borough.speaker import BoroughKeys
from services.client_ports import Outgoing, Published
from services.identifiers import uuid7

Json = Mapping[str, JsonValue]
_RESTRICTED = "restricted"
_OF_ONE_EVENT = frozenset({"incidentla", "residencela", "sealingsession"})
"""What a withdrawal does not say of what it takes back."""


@dataclass(frozen=True, slots=True)
class Again:
    """An event as it goes out again."""

    event: uuid.UUID
    content: Json
    statement: bytes


def events_of(outgoing: Outgoing) -> list[Again]:
    """Give the events of a submission as they stand in its bytes."""
    events = _list(_document(outgoing)["events"])
    return [
        Again(event, _object(content), statement)
        for event, content, statement in zip(
            outgoing.events, events, outgoing.statements, strict=True
        )
    ]


def withdrawn(again: Again, now_ms: int) -> Again:
    """Give the withdrawal of an event, in its stream and under its number."""
    header = {k: v for k, v in again.content.items() if k != "data" and k not in _OF_ONE_EVENT}
    event = uuid7(now_ms)
    facts: Json = {"reason": "should-never-have-been-sent"}
    header |= {
        "dataschema": RecordWithdrawn.schema_id(),
        "id": str(event),
        "precision": "instant",
        "supersedes": str(again.event),
        "time": instant(now_ms),
        "type": RecordWithdrawn.type_name(),
    }
    return _stated(event, {**header, "data": {"facts": facts, "subjects": []}})


def renamed(again: Again, name: Callable[[str], str], target: uuid.UUID | None) -> Again:
    """Give an event with `name` of each of its texts, superseding `target` or nothing."""
    content = {k: _named(v, name) for k, v in again.content.items() if k != "supersedes"}
    if target is not None:
        content["supersedes"] = str(target)
    return _stated(again.event, content)


def targets(
    rows: Iterable[Published], stays: Callable[[uuid.UUID], bool]
) -> dict[uuid.UUID, uuid.UUID | None]:
    """Give what each of the rows supersedes when all go out again, in the order of making.

    What it did, if that goes out again or `stays`. Else the first of the same fact among the rows:
    two events of one fact that name nothing would both stand.
    """
    found: dict[uuid.UUID, uuid.UUID | None] = {}
    firsts: dict[bytes, uuid.UUID] = {}
    for row in rows:
        target = row.supersedes
        if target is not None and target not in found and not stays(target):
            target = firsts.get(row.fact)
        found[row.event] = target
        firsts.setdefault(row.fact, row.event)
    return found


def signed_again(
    outgoing: Outgoing, events: list[Again], keys: BoroughKeys, now_ms: int
) -> Outgoing:
    """Give a submission of these events, from the source and to the ledger of `outgoing`."""
    head = _object(_document(outgoing)["submission"])
    ledger, source = str(head["ledger"]), str(head["source"])
    submission = uuid7(now_ms)
    statements = tuple(one.statement for one in events)
    signature = keys.signer.sign(signed_bytes(ledger, source, submission, statements))
    said: Json = {
        "id": str(submission),
        "key": to_text(keys.signing_fingerprint()),
        "ledger": ledger,
        "signature": to_text(signature),
        "source": source,
        "statements": [to_text(one) for one in statements],
    }
    return Outgoing(
        submission,
        canonical({"events": [one.content for one in events], "submission": said}),
        tuple(one.event for one in events),
        statements,
        outgoing.atomic,
        outgoing.tries,
        outgoing.renamed,
    )


def pseudonyms_of(again: Again) -> list[str]:
    """Give the pseudonyms of an event's persons, in their order."""
    subjects = _list(_object(again.content["data"]).get("subjects", []))
    return [str(_object(one)["pseudonym"]) for one in subjects]


def superseded(again: Again) -> uuid.UUID | None:
    """Give the event that one corrects or takes back, as its bytes say."""
    target = again.content.get("supersedes")
    return None if target is None else uuid.UUID(str(target))


def _stated(event: uuid.UUID, content: Json) -> Again:
    """Salt everything anew but what is sealed, and state it."""
    data = _object(content["data"])
    header = canonical({key: value for key, value in content.items() if key != "data"})
    header_salt, facts_salt = _salt(), _salt()
    facts = canonical(data["facts"])
    parts = [StatedPart(FACTS_NUMBER, PartClass.FACTS, commit(facts_salt, facts))]
    subjects: list[JsonValue] = []
    for at, one in enumerate(map(_object, _list(data.get("subjects", [])))):
        salt = _salt()
        entry = {k: v for k, v in one.items() if k not in {_RESTRICTED, "salt"}}
        shared = commit(salt, canonical(entry))
        parts.append(StatedPart(shared_number(at), PartClass.SHARED, shared))
        parts += _sealed(at, one)
        subjects.append({**one, "salt": to_text(salt)})
    salted: Json = {
        "facts": data["facts"],
        "salts": {"facts": to_text(facts_salt), "header": to_text(header_salt)},
        "subjects": subjects,
    }
    digest = statement_digest(event.bytes, commit(header_salt, header), parts)
    return Again(event, {**content, "data": salted}, digest)


def _sealed(at: int, subject: Json) -> Iterator[StatedPart]:
    if _RESTRICTED in subject:
        part = _object(subject[_RESTRICTED])
        yield StatedPart(
            restricted_number(at),
            PartClass.RESTRICTED,
            to_bytes(str(part["commitment"])),
            hashlib.sha256(to_bytes(str(part["envelope"]))).digest(),
            recipient_set([str(one) for one in _list(part["recipients"])]),
        )


def _named(value: JsonValue, name: Callable[[str], str]) -> JsonValue:
    if isinstance(value, str):
        return name(value)
    if isinstance(value, Mapping):
        return {
            key: inner if key == _RESTRICTED else _named(inner, name)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_named(inner, name) for inner in value]
    return value


def _document(outgoing: Outgoing) -> Json:
    return _object(strict_json(outgoing.document))


def _object(value: JsonValue) -> Json:
    if not isinstance(value, Mapping):
        raise HomeNotReady("the outbox holds what is no submission: restore the store")
    return value


def _list(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list):
        raise HomeNotReady("the outbox holds what is no submission: restore the store")
    return value


def _salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)
