"""A whole hub in memory, and a publisher that writes submissions by hand, for tests of intake."""

from __future__ import annotations

import json
import secrets
import uuid
from dataclasses import dataclass, field

from adapters.keys import signing
from adapters.keys.ceremony import body_keys
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation, generate
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.signing import Ed25519Signer
from adapters.ledger.memory import MemoryLedger
from adapters.reference.shipped import shipped_documents
from domain.canonical import JsonValue, canonical
from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
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
from domain.stored import StoredModels
from domain.values import to_bytes, to_text
from domain.vocabulary.catalogue import STANDARD
from domain.wire import Wire
from services.committing import Committer
from services.custody import KeyCustody
from services.fetching import Fetching, Shelf
from services.hub_events import HubEvents
from services.identifiers import uuid7
from services.opening import Opening
from services.plain import PlainDesk, PlainPublishing
from services.plain_sessions import PlainSessions, SealingMeans
from services.ports import Caller, Ledger
from services.publishing import Publishing
from services.reading import ReadingDesk
from services.registering import Registering
from services.registry import Registry
from services.sealing import Sealing
from services.sessions import StoredSessions
from services.taking import Books, Desk, Taking
from services.trust import Vouched
from tests.fakes_keys import MemoryKeyStore

NOW_MS = 1_750_000_000_000
"""2025-06-15 in London."""
WIRE = Wire(STANDARD)
MODELS = StoredModels(STANDARD)
HAVERING = "/participants/havering/children-social-care"
AGREEMENT = "bhr-themes@1"
PURPOSE = "partnership-themes"
Json = dict[str, JsonValue]


class SteppedClock:
    """A clock that moves when a test says so."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        """Begin at a time."""
        self.at_ms = now_ms

    def now_ms(self) -> int:
        """Give the time."""
        return self.at_ms


class MemoryTrust:
    """A trust file in memory."""

    def __init__(self) -> None:
        """Begin with nobody vouched for."""
        self._entries: list[Vouched] = []

    def vouches(self, participant: str, purpose: str, key: bytes) -> bool:
        """Say whether this very fingerprint was given."""
        return any(
            (one.participant, one.purpose, one.fingerprint) == (participant, purpose, key)
            for one in self._entries
        )

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint."""
        self._entries.append(vouched)

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for."""
        return tuple(self._entries)


@dataclass
class Stand:
    """One ledger of the rig with what stands on it."""

    ledger: Ledger
    opening: Opening
    committer: Committer
    sessions: StoredSessions


@dataclass
class HubRig:
    """A hub in memory with the shipped reference data registered."""

    clock: SteppedClock = field(default_factory=SteppedClock)
    ledger_names: tuple[str, ...] = ("barking-and-dagenham", "bhr", "havering", "redbridge")

    def __post_init__(self) -> None:
        """Assemble the services."""
        self.cipher = AesGcmCipher()
        self.key_store = MemoryKeyStore()
        self.custody = KeyCustody(self.key_store, KeyEncryptionFile(bytes(range(32))))
        self.stands = {name: self._stand(name) for name in self.ledger_names}
        self.trust = MemoryTrust()
        book = self.stands[PARTNERSHIP]
        self.registry = Registry(book.ledger, book.opening, self.trust, self.clock)
        committers = {name: stand.committer for name, stand in self.stands.items()}
        self.hub_events = HubEvents(committers, self.clock)
        self.registering = Registering(self.registry, self.hub_events, PARTNERSHIP)
        self.signer = Ed25519Signer(bytes([7]) * 32)
        books = {n: Books(s.ledger, s.committer, s.sessions) for n, s in self.stands.items()}
        desk = Desk(self.signer, fingerprint("hub", self.signer.public), signing.verify)
        self.taking = Taking(books, self.registry, self.hub_events, desk)
        self.publishing = Publishing(self.taking, self.registry, WIRE, signing.verify)
        means = SealingMeans(self.cipher, HybridEncapsulation(), self.clock)
        sessions = PlainSessions(self.registry, self.hub_events, means)
        openings = {name: stand.opening for name, stand in self.stands.items()}
        plain_desk = PlainDesk(self.custody, openings, sessions, self.clock)
        self.plain = PlainPublishing(self.taking, self.registry, WIRE, plain_desk)
        shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in self.stands.items()}
        self.fetching = Fetching(shelves, self.registry, self.hub_events)
        self.reading = ReadingDesk(self.registry, self.hub_events, PARTNERSHIP)
        for one in shipped_documents():
            self.registering.register(one.raw)

    def _stand(self, name: str) -> Stand:
        ledger = MemoryLedger(name)
        sealing = Sealing(name, self.cipher, self.custody)
        opening = Opening(name, sealing, self.custody, MODELS)
        committer = Committer(ledger, self.custody, self.cipher, self.clock)
        return Stand(ledger, opening, committer, StoredSessions(ledger, self.custody, opening))

    def publisher(self, source: str = HAVERING) -> Publisher:
        """Give a publisher whose keys are registered and trusted."""
        made = Publisher(self, source)
        participant = made.participant
        keys = [("recipient", made.recipient_public), ("signing", made.signer.public)]
        self.registering.register(body_keys(participant, keys, effective_from="2020-01-01"))  # type: ignore[arg-type]  # literal purposes
        self.trust.add(Vouched(participant, "signing", made.key))
        self.trust.add(
            Vouched(participant, "recipient", fingerprint("recipient", made.recipient_public))
        )
        return made

    def close(self) -> None:
        """Stop the writers."""
        for stand in self.stands.values():
            stand.committer.close()


class Publisher:
    """Writes signed submissions by hand, each step open to a test that wants to break it."""

    def __init__(self, rig: HubRig, source: str) -> None:
        """Speak for a source."""
        self.rig = rig
        self.source = source
        self.participant = source.split("/")[2]
        self.ledger = self.participant
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
                "salts": {"facts": _token(), "header": _token()},
                "subjects": [a_subject()],
            },
            "datacontenttype": "application/json",
            "dataschema": f"urn:bhr:schema:{kind}:v1",
            "id": str(uuid7(self.rig.clock.now_ms())),
            "precision": "day",
            "purpose": PURPOSE,
            "sequence": str(self.sequence),
            "source": self.source,
            "specversion": "1.0",
            "subject": _token(),
            "time": "2024-05-01T00:00:00Z",
            "type": f"uk.bhr.safeguarding.{kind}.v1",
        }
        return {**event, **changes}

    def submission(self, *events: Json, **changes: JsonValue) -> bytes:
        """Give the bytes of a signed submission; `changes` replace fields of its head."""
        digests = [stated(event) for event in events]
        submission = uuid7(self.rig.clock.now_ms())
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

    def publish(self, *events: Json) -> Json:
        """Publish events; gives the inner acknowledgement."""
        answer = self.rig.publishing.submit(self.submission(*events), self.caller)
        return acknowledged(answer.acknowledgement)


def a_subject(**changes: JsonValue) -> Json:
    """Give a child as a signed event holds it."""
    subject: Json = {
        "pseudonym": _token(),
        "role": "child",
        "salt": _token(),
        "shared": {"age_band": "5-9", "primary_need": "N1", "sex": "female"},
    }
    return {**subject, **changes}


def stated(event: Json) -> bytes:
    """Give an event's statement digest, worked out from its JSON alone."""
    data = dict(event["data"])  # type: ignore[call-overload]  # JSON of our own making
    header = canonical({key: value for key, value in event.items() if key != "data"})
    parts = [
        StatedPart(
            0, PartClass.FACTS, commit(_raw(data["salts"]["facts"]), canonical(data["facts"]))
        )
    ]
    for number, subject in enumerate(data.get("subjects", [])):
        entry = {k: v for k, v in subject.items() if k not in {"restricted", "salt"}}
        salted = commit(_raw(subject["salt"]), canonical(entry))
        parts.append(StatedPart(shared_number(number), PartClass.SHARED, salted))
        sealed = subject.get("restricted")
        if sealed:
            parts.append(_stated_restricted(number, sealed))
    salt = _raw(data["salts"]["header"])
    return statement_digest(uuid.UUID(str(event["id"])).bytes, commit(salt, header), parts)


def _stated_restricted(number: int, sealed: dict[str, object]) -> StatedPart:
    import hashlib

    return StatedPart(
        restricted_number(number),
        PartClass.RESTRICTED,
        _raw(sealed["commitment"]),
        hashlib.sha256(_raw(sealed["envelope"])).digest(),
        recipient_set(sealed["recipients"]),  # type: ignore[arg-type]  # JSON of our own making
    )


def acknowledged(answer: bytes) -> Json:
    """Give the inner part of an acknowledgement."""
    inner: Json = json.loads(answer)["acknowledgement"]
    return inner


def _raw(text: object) -> bytes:
    return to_bytes(str(text))


def _token() -> str:
    return to_text(secrets.token_bytes(32))
