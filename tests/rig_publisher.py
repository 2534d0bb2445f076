"""A publisher that writes signed submissions by hand, each step open to a test that breaks it."""

from __future__ import annotations

import hashlib
import json
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation, generate
from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue, canonical
from domain.reference.body_keys import fingerprint
from domain.statement import (
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
from services.borough.sealing import SUITE, PartPlace, SessionName, SessionSeal, session_info
from services.identifiers import uuid7
from services.ports import Caller, Clock
from services.publishing import Publishing
from services.taking import Answer

AGREEMENT = "bhr-themes@1"
PURPOSE = "partnership-themes"
CASE_WORK = "case-work"
MOVE = "cross-border-move-notified"
RESTRICTED: Mapping[str, JsonValue] = {"date_of_birth": "2017-03-04", "name": "Invented Child"}
Json = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A sealing session: the event that opens it, and what seals in it."""

    event: Json
    seal: SessionSeal
    secret: bytes


class Publisher:
    """Speaks for one source, and holds its body's private keys."""

    def __init__(self, clock: Clock, publishing: Publishing, source: str, ledger: str) -> None:
        """Make keys of its own; somebody else registers them."""
        self._clock = clock
        self._publishing = publishing
        self.source = source
        self.participant = source.split("/")[2]
        self.ledger = ledger
        self.signer = Ed25519Signer(secrets.token_bytes(32))
        self.key = fingerprint("signing", self.signer.public)
        self.recipient_private, self.recipient_public = generate()
        self.sequence = 0
        self.caller = Caller(self.participant, source, None, "system")

    def event(self, kind: str = "referral-received", **changes: JsonValue) -> Json:
        """Give a valid event as a signed submission holds it; `changes` replace header fields."""
        self.sequence += 1
        event: Json = {
            "agreement": AGREEMENT,
            "data": {
                "facts": {"source_code": "2A"},
                "salts": {"facts": token(), "header": token()},
                "subjects": [a_subject()],
            },
            "datacontenttype": "application/json",
            "dataschema": f"urn:bhr:schema:{kind}:v1",
            "id": str(uuid7(self._clock.now_ms())),
            "precision": "day",
            "purpose": PURPOSE,
            "sequence": str(self.sequence),
            "source": self.source,
            "specversion": "1.0",
            "subject": token(),
            "time": "2024-05-01T00:00:00Z",
            "type": f"uk.bhr.safeguarding.{kind}.v1",
        }
        return {**event, **changes}

    def session(self, recipients: Mapping[str, bytes], **changes: JsonValue) -> OpenedSession:
        """Open a session to bodies by their public keys; `changes` are of the event's header."""
        secret = secrets.token_bytes(32)
        named = SessionName(self.ledger, self.source, secrets.token_bytes(32), tuple(recipients))
        listed: list[JsonValue] = [
            {
                "encapsulation": to_text(
                    HybridEncapsulation().encapsulate(public, secret, session_info(named, body))
                ),
                "key": to_text(fingerprint("recipient", public)),
                "participant": body,
            }
            for body, public in sorted(recipients.items())
        ]
        facts: Json = {"recipients": listed, "session": to_text(named.session), "suite": SUITE}
        data: Json = {"facts": facts, "salts": {"facts": token(), "header": token()}}
        opening = {"data": data, "subject": to_text(named.session), **changes}
        event = self.event("sealing-session-opened", **opening)
        return OpenedSession(event, SessionSeal(named, secret, AesGcmCipher()), secret)

    def sealed(
        self,
        seal: SessionSeal,
        kind: str = "referral-received",
        restricted: Mapping[str, JsonValue] = RESTRICTED,
        **changes: JsonValue,
    ) -> Json:
        """Give an event about one child whose restricted part is sealed in a session."""
        event = self.event(kind, **{"sealingsession": seal.text, **changes})
        place = PartPlace(uuid.UUID(str(event["id"])), restricted_number(0))
        content = seal.seal(place, secrets.token_bytes(32), canonical(restricted))
        part: Json = {
            "commitment": to_text(content.commitment),
            "envelope": to_text(content.envelope),
            "recipients": sorted(seal.name.recipients),
        }
        subjects(event)[0]["restricted"] = part
        return event

    def move(self, seal: SessionSeal, **changes: JsonValue) -> Json:
        """Give a sealed event that may be addressed to other bodies: a move across a border."""
        event = self.sealed(seal, MOVE, RESTRICTED, **{"purpose": CASE_WORK, **changes})
        inner(event, "data")["facts"] = {"from_la": "311", "to_la": "317"}
        subjects(event)[0]["shared"] = {"sex": "female"}
        return event

    def submission(self, *events: Json, **changes: JsonValue) -> bytes:
        """Give the bytes of a signed submission; `changes` replace fields of its head."""
        return self.over(events, [stated(event) for event in events], None, **changes)

    def over(
        self,
        events: Iterable[Json],
        digests: Sequence[bytes],
        submission_id: str | None = None,
        **changes: JsonValue,
    ) -> bytes:
        """Give a submission that is signed over these digests, whatever its events are."""
        submission = uuid.UUID(submission_id) if submission_id else uuid7(self._clock.now_ms())
        message = signed_bytes(self.ledger, self.source, submission, digests)
        head: Json = {
            "id": str(submission),
            "key": to_text(self.key),
            "ledger": self.ledger,
            "signature": to_text(self.signer.sign(message)),
            "source": self.source,
            "statements": [to_text(digest) for digest in digests],
        }
        return canonical({"events": list(events), "submission": {**head, **changes}})

    def send(self, raw: bytes, *, atomic: bool = False) -> Answer:
        """Hand bytes to the hub."""
        return self._publishing.submit(raw, self.caller, atomic=atomic)

    def publish(self, *events: Json) -> Json:
        """Publish events; gives the inner acknowledgement."""
        return acknowledged(self.send(self.submission(*events)).acknowledgement)


def a_subject(**changes: JsonValue) -> Json:
    """Give a child as a signed event holds it."""
    subject: Json = {
        "pseudonym": token(),
        "role": "child",
        "salt": token(),
        "shared": {"age_band": "5-9", "primary_need": "N1", "sex": "female"},
    }
    return {**subject, **changes}


def stated(event: Mapping[str, JsonValue]) -> bytes:
    """Give an event's statement digest, worked out from its JSON alone."""
    data = inner(event, "data")
    salts = inner(data, "salts")
    header = canonical({key: value for key, value in event.items() if key != "data"})
    facts = commit(_raw(salts["facts"]), canonical(data["facts"]))
    parts = [StatedPart(0, PartClass.FACTS, facts)]
    for number, subject in enumerate(subjects(event)):
        entry = {k: v for k, v in subject.items() if k not in {"restricted", "salt"}}
        salted = commit(_raw(subject["salt"]), canonical(entry))
        parts.append(StatedPart(shared_number(number), PartClass.SHARED, salted))
        if "restricted" in subject:
            parts.append(_stated_restricted(number, inner(subject, "restricted")))
    header_commitment = commit(_raw(salts["header"]), header)
    return statement_digest(uuid.UUID(str(event["id"])).bytes, header_commitment, parts)


def _stated_restricted(number: int, sealed: Json) -> StatedPart:
    recipients = sealed["recipients"]
    assert isinstance(recipients, list)
    return StatedPart(
        restricted_number(number),
        PartClass.RESTRICTED,
        _raw(sealed["commitment"]),
        hashlib.sha256(_raw(sealed["envelope"])).digest(),
        recipient_set([str(one) for one in recipients]),
    )


def inner(document: Mapping[str, JsonValue], name: str) -> Json:
    """Give an object inside a document, to look into or to change."""
    found = document[name]
    assert isinstance(found, dict)
    return found


def subjects(event: Mapping[str, JsonValue]) -> list[Json]:
    """Give the persons of an event, to look into or to change."""
    found = inner(event, "data").get("subjects", [])
    assert isinstance(found, list)
    return found


def acknowledged(answer: bytes) -> Json:
    """Give the inner part of an acknowledgement."""
    found: Json = json.loads(answer)["acknowledgement"]
    return found


def outcomes(answer: Answer | Json) -> list[Json]:
    """Give what an answer says of each event."""
    said = acknowledged(answer.acknowledgement) if isinstance(answer, Answer) else answer
    found = said["events"]
    assert isinstance(found, list)
    return found


def token() -> str:
    """Give 32 random bytes as text: a pseudonym, or a salt."""
    return to_text(secrets.token_bytes(32))


def _raw(text: JsonValue) -> bytes:
    return to_bytes(str(text))
