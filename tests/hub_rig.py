"""A whole hub in memory with the shipped reference data registered, for tests of intake."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.keys import signing
from adapters.keys.ceremony import body_keys
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from adapters.keys.key_encryption import KeyEncryptionFile
from adapters.keys.signing import Ed25519Signer
from adapters.ledger.memory import MemoryLedger
from adapters.reference.shipped import AGREEMENT, PARTICIPANTS, shipped_document, shipped_documents
from domain.canonical import JsonValue, canonical
from domain.opened import OpenedEvent
from domain.reference.agreements import Agreement
from domain.reference.body_keys import KeyPurpose, fingerprint
from domain.reference.documents import read_as
from domain.reference.participants import PARTNERSHIP
from domain.stored import StoredModels
from domain.vocabulary import hub
from domain.vocabulary.catalogue import STANDARD
from domain.wire import Wire
from services.committing import Committer
from services.custody import KeyCustody
from services.deciding import Deciding
from services.destroyed_keys import DestroyedKeys
from services.destroying_ports import ErasableKeyStore
from services.fetching import Fetching, Shelf
from services.hub_events import HubEvents
from services.notices import Notices
from services.opening import Opening
from services.plain import PlainDesk, PlainPublishing
from services.plain_sessions import PlainSessions, SealingMeans
from services.ports import Cipher, Ledger
from services.publishing import Publishing
from services.reading import ReadingDesk
from services.recording_decisions import DecisionBook, Recorded, RecordingDecisions
from services.registering import Registering
from services.registry import Registry
from services.sealing import Sealing
from services.sessions import StoredSessions
from services.taking import Books, Desk, Taking
from services.trust import Belief, Vouched
from tests.fakes_keys import MemoryKeyStore
from tests.rig_decisions import Decider
from tests.rig_publisher import Json, Publisher

NOW_MS = 1_750_000_000_000
"""2025-06-15 in London."""
WIRE = Wire(STANDARD)
MODELS = StoredModels(STANDARD)
HAVERING = "/participants/havering/children-social-care"
REDBRIDGE = "/participants/redbridge/children-social-care"
POLICE_IN_HAVERING = "/participants/metropolitan-police-east/havering"
LEDGERS = ("barking-and-dagenham", "bhr", "havering", "redbridge")
KEY_ENCRYPTION_KEY = bytes(range(32))
SHIPPED_AGREEMENT = "bhr-themes@1"


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

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint."""
        self._entries.append(vouched)

    def withdraw(self, key: bytes) -> None:
        """Stop believing a fingerprint."""
        self._entries = [one for one in self._entries if one.fingerprint != key]

    def remove(self, key: bytes, at_ms: int) -> None:
        """Believe nothing of a fingerprint from an instant on."""
        mine = [one for one in self._entries if one.fingerprint == key]
        self._entries = [one for one in self._entries if one not in mine]
        self._entries += [dataclasses.replace(one, until_ms=at_ms) for one in mine]

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for."""
        return tuple(self._entries)


@dataclass
class Stand:
    """One ledger of the rig with what stands on it."""

    ledger: Ledger
    destroyed: DestroyedKeys
    opening: Opening
    committer: Committer
    sessions: StoredSessions

    def opened(self, start: int = 0) -> list[OpenedEvent]:
        """Open every entry from a position on."""
        return [self.opening.event(entry) for entry in self.ledger.read(start, 1_000_000)]

    def refusals(self, start: int = 0) -> list[hub.SubmissionRefused.Facts]:
        """Give what was recorded as refused from a position on."""
        facts = (event.facts for event in self.opened(start))
        return [one for one in facts if isinstance(one, hub.SubmissionRefused.Facts)]


@dataclass
class HubRig:
    """A hub in memory. What is named here may be another thing that keeps the same port."""

    clock: SteppedClock = field(default_factory=SteppedClock)
    key_store: ErasableKeyStore = field(default_factory=MemoryKeyStore)
    cipher: Cipher = field(default_factory=AesGcmCipher)
    make_ledger: Callable[[str], Ledger] = MemoryLedger
    trust: MemoryTrust = field(default_factory=MemoryTrust)

    def __post_init__(self) -> None:
        """Assemble the services, and register what is shipped."""
        self.custody = KeyCustody(self.key_store, KeyEncryptionFile(KEY_ENCRYPTION_KEY))
        self.stands = {name: self._stand(name) for name in LEDGERS}
        self.registry = self.another_registry()
        self.deciding = Deciding(self.registry, signing.verify)
        committers = {name: stand.committer for name, stand in self.stands.items()}
        self.hub_events = HubEvents(committers, self.clock)
        self.registering = Registering(self.registry, self.hub_events, PARTNERSHIP)
        self.signer = Ed25519Signer(bytes([7]) * 32)
        books = {n: Books(s.ledger, s.committer, s.sessions) for n, s in self.stands.items()}
        desk = Desk(self.signer, fingerprint("hub", self.signer.public), signing.verify)
        self.taking = Taking(books, self.registry, self.hub_events, desk)
        self.publishing = Publishing(self.taking, self.deciding, WIRE)
        self.plain = self.another_plain_desk()
        shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in self.stands.items()}
        notices = Notices(shelves, self.registry)
        self.fetching = Fetching(shelves, self.deciding, notices, self.hub_events)
        self.reading = ReadingDesk(self.deciding, self.hub_events, PARTNERSHIP)
        decision_books = {n: DecisionBook(s.ledger, s.opening) for n, s in self.stands.items()}
        self.decisions = RecordingDecisions(
            self.deciding, decision_books, self.hub_events, PARTNERSHIP
        )
        for one in shipped_documents():
            self.registering.register(one.raw)
        self._let_bodies_decide()

    def _stand(self, name: str) -> Stand:
        ledger = self.make_ledger(name)
        sealing = Sealing(name, self.cipher, self.custody)
        shut = Opening(name, sealing, self.custody, MODELS)
        destroyed = DestroyedKeys(ledger, self.custody, shut)
        opening = Opening(name, sealing, self.custody, MODELS, gone=destroyed)
        committer = Committer(ledger, self.custody, destroyed, self.cipher, self.clock)
        sessions = StoredSessions(ledger, self.custody, opening)
        return Stand(ledger, destroyed, opening, committer, sessions)

    def _let_bodies_decide(self) -> None:
        """Believe the deciding key of every party, and have each sign the shipped agreement."""
        self.parties = self.agreement(SHIPPED_AGREEMENT).parties
        for body in self.parties:
            decider = Decider(body)
            self.registering.register(decider.document())
            self.trust.add(Vouched(body, "deciding", decider.key))
        self.sign(SHIPPED_AGREEMENT)

    def agreement(self, reference: str) -> Agreement:
        """Give a registered agreement."""
        self.registry.refresh()
        found = self.registry.agreement_text(reference)
        assert found is not None
        return found

    def sign(self, reference: str, *bodies: str) -> list[Recorded]:
        """Have bodies sign a registered agreement; every party when none is named."""
        self.registry.refresh()
        digest = self.registry.agreement_digest(reference)
        assert digest is not None
        return [
            self.decisions.record(Decider(body).agreement(reference, digest))
            for body in bodies or self.parties
        ]

    def register_agreement(self, raw: bytes) -> None:
        """Register an agreement, and have every party of the shipped one sign it."""
        self.registering.register(raw)
        self.sign(read_as(Agreement, raw).reference())

    @property
    def havering(self) -> Stand:
        """Give what stands on Havering's ledger."""
        return self.stands["havering"]

    @property
    def partnership(self) -> Stand:
        """Give what stands on the partnership's ledger."""
        return self.stands[PARTNERSHIP]

    def another_registry(self) -> Registry:
        """Give a registry that has read nothing yet: another process's."""
        book = self.stands[PARTNERSHIP]
        return Registry(book.ledger, book.opening, Belief(self.trust, signing.verify), self.clock)

    def another_plain_desk(self) -> PlainPublishing:
        """Give an intake of plain sources without a session in use: after a restart."""
        means = SealingMeans(self.cipher, HybridEncapsulation(), self.clock)
        sessions = PlainSessions(self.registry, self.hub_events, means)
        openings = {name: stand.opening for name, stand in self.stands.items()}
        desk = PlainDesk(self.custody, openings, sessions, self.clock)
        return PlainPublishing(self.taking, self.deciding, WIRE, desk)

    def publisher(self, source: str = HAVERING) -> Publisher:
        """Give a publisher whose keys are registered and trusted."""
        made = self.stranger(source)
        self.register_keys(made)
        self.vouch_for(made)
        return made

    def stranger(self, source: str = HAVERING) -> Publisher:
        """Give a publisher whose keys nobody knows."""
        registered = self.registry.source(source)
        assert registered is not None
        return Publisher(self.clock, self.publishing, source, registered.ledger)

    def register_keys(self, publisher: Publisher) -> None:
        """Register a body's public keys."""
        keys: list[tuple[KeyPurpose, bytes]] = [
            ("recipient", publisher.recipient_public),
            ("signing", publisher.signer.public),
        ]
        document = body_keys(publisher.participant, keys, effective_from="2020-01-01")
        self.registering.register(document)

    def vouch_for(self, publisher: Publisher) -> None:
        """Believe a body's keys."""
        body = publisher.participant
        self.trust.add(Vouched(body, "signing", publisher.key))
        recipient = fingerprint("recipient", publisher.recipient_public)
        self.trust.add(Vouched(body, "recipient", recipient))

    def suspend(self, agreement: str, since: str) -> None:
        """Stop an agreement from an instant on."""
        facts = hub.AgreementSuspended.Facts(
            agreement=agreement, by_office="director", by_participant="havering",
            effective_from=since,
        )  # fmt: skip
        event = self.hub_events.made(hub.AgreementSuspended, facts)
        self.hub_events.append(PARTNERSHIP, event)

    def sizes(self) -> dict[str, int]:
        """Give how many entries each ledger holds."""
        return {name: stand.ledger.head().size for name, stand in self.stands.items()}

    def close(self) -> None:
        """Stop the writers."""
        for stand in self.stands.values():
            stand.committer.close()


@contextmanager
def open_rig(rig: HubRig | None = None) -> Iterator[HubRig]:
    """Give a rig and stop its writers afterwards."""
    rig = rig or HubRig()
    try:
        yield rig
    finally:
        rig.close()


def next_agreement(**changes: JsonValue) -> bytes:
    """Give the second version of the shipped agreement; `changes` replace its fields."""
    return _next(AGREEMENT, changes)


def next_participants(**changes: JsonValue) -> bytes:
    """Give the second version of the shipped participants; `changes` replace its fields."""
    return _next(PARTICIPANTS, changes)


def shipped_fields(file: str) -> Json:
    """Give what a shipped document says, to change it."""
    found: Json = json.loads(shipped_document(file).raw)
    return found


def _next(file: str, changes: Json) -> bytes:
    return canonical({**shipped_fields(file), "version": 2, **changes})
