"""What is registered in the partnership's ledger, and in force: read from there, never from files.

The registry folds the `bhr` ledger's own events: reference documents (assembled from their pieces
and held against their digests), rights, suspensions. It reads on when the ledger has grown. What
was decided with a document names its digest, so a replay meets the one that was in force.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from domain.errors import HomeNotReady, NotFound, NotOpened, ReferenceRefused
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.reference.agreements import Agreement
from domain.reference.body_keys import BodyKeys, KeyPurpose, PublicKey
from domain.reference.dated import Document
from domain.reference.documents import document_digest, parse_document
from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participants, Source
from domain.reference.rule_packs import RulePack
from domain.values import LONDON, instant_of, to_bytes
from domain.vocabulary.deciding import AgreementSigned
from domain.vocabulary.hub import AgreementSuspended
from domain.vocabulary.offices import ReferenceDataRegistered, RightGranted, RightRemoved
from services.looking import Looks
from services.opening import Opens
from services.ports import Clock
from services.projecting import Log
from services.registered import Registered, SignedAgreement
from services.rights import ended
from services.trust import FOREVER, NOW, Belief

_BATCH = 500
_REGISTERING = (
    AgreementSigned.Facts, AgreementSuspended.Facts, ReferenceDataRegistered.Facts,
    RightGranted.Facts, RightRemoved.Facts,
)  # fmt: skip
D = TypeVar("D", bound=Document)


@dataclass(slots=True)
class _Known:
    """What has been folded so far."""

    position: int = 0
    registered: int = 0
    """Entries up to the last that registered, signed, granted or suspended anything."""
    pieces: dict[str, dict[int, bytes]] = field(default_factory=dict)
    documents: dict[tuple[str, str], list[Registered]] = field(default_factory=dict)
    rights: dict[str, RightGranted.Facts] = field(default_factory=dict)
    """By the id of the event that granted each."""
    suspended: dict[str, datetime.datetime] = field(default_factory=dict)
    signed: dict[str, tuple[SignedAgreement, ...]] = field(default_factory=dict)
    """By agreement; whether a signature holds is asked by who reads it (`services.deciding`)."""


class Registry:
    """Reference data, rights and suspensions as they stand now."""

    def __init__(self, ledger: Log, opening: Opens, belief: Belief, clock: Clock) -> None:
        """Read the partnership's ledger; take only keys that are believed."""
        self._ledger = ledger
        self._opening = opening
        self._belief = belief
        self._clock = clock
        self._known = _Known()
        self.looks = Looks(self._read_on)

    def now(self) -> datetime.datetime:
        """Give the time by the hub's clock."""
        return datetime.datetime.fromtimestamp(self._clock.now_ms() / 1000, datetime.UTC)

    def today(self) -> str:
        """Give today's London day."""
        return self.now().astimezone(LONDON).date().isoformat()

    def refresh(self) -> None:
        """Fold what the ledger has taken by the time of this call."""
        self.looks.fresh()

    def _read_on(self) -> None:
        while entries := self._ledger.read(self._known.position, _BATCH):
            for event in self._opening.events(entries):
                # A replaced or broken entry of ours cannot grant anything; audit names it.
                # A logged checkpoint is no event, and does not open as one.
                if not isinstance(event, NotOpened):
                    self._fold(event)
            self._known.position = entries[-1].position + 1

    def _fold(self, event: OpenedEvent) -> None:
        facts = event.facts
        known = self._known
        if event.attestation is not Attestation.HUB:
            return  # what a source publishes into this ledger registers and grants nothing
        if isinstance(facts, _REGISTERING):
            known.registered = event.position + 1
        if isinstance(facts, ReferenceDataRegistered.Facts):
            self._piece(event, facts)
        elif isinstance(facts, RightGranted.Facts):
            known.rights = {**known.rights, event.header.id: facts}
        elif isinstance(facts, RightRemoved.Facts):
            known.rights = {one: ended(facts, one, of) for one, of in known.rights.items()}
        elif isinstance(facts, AgreementSuspended.Facts):
            since = instant_of(facts.effective_from)
            # There is no way back but another version, so the earliest counts.
            known.suspended[facts.agreement] = min(
                since, known.suspended.get(facts.agreement, since)
            )
        elif isinstance(facts, AgreementSigned.Facts):
            signed = SignedAgreement(facts, event.recorded_ms)
            known.signed[facts.agreement] = (*known.signed.get(facts.agreement, ()), signed)

    def _piece(self, event: OpenedEvent, facts: ReferenceDataRegistered.Facts) -> None:
        """Keep one piece; when the last has come, the whole must be what its digest says."""
        pieces = self._known.pieces.setdefault(event.header.subject, {})
        pieces[facts.piece] = to_bytes(facts.content)
        if len(pieces) != facts.pieces:
            return
        raw = b"".join(pieces[index] for index in sorted(pieces))
        del self._known.pieces[event.header.subject]
        if document_digest(raw) != to_bytes(facts.digest):
            return
        try:
            document = parse_document(facts.document, raw)
        except ReferenceRefused:
            return
        registered = Registered(document, document_digest(raw), event.position, event.recorded_ms)
        versions = self._known.documents.setdefault((document.kind, document.name), [])
        # Two registered one version at once: the first stands, for every reader.
        if document.version not in {one.document.version for one in versions}:
            versions.append(registered)

    def registered(self) -> int:
        """Give up to which entry the partnership's ledger registers anything: what is known now."""
        self.refresh()
        return self._known.registered

    def documents(self) -> Mapping[tuple[str, str], list[Registered]]:
        """Give every registered document by kind and name, in the order of registration."""
        self.refresh()
        return self._known.documents

    def in_force(self, kind: type[D], name: str | None = None) -> list[tuple[D, Registered]]:
        """Give the documents of a kind in force today, the latest version of each name."""
        day = self.today()
        found: list[tuple[D, Registered]] = []
        for (_, document_name), versions in sorted(self.documents().items()):
            if name is not None and document_name != name:
                continue
            standing = [
                (one.document, one)
                for one in versions
                if isinstance(one.document, kind) and one.document.in_force(day)
            ]
            if standing:
                found.append(max(standing, key=lambda one: (one[0].version, one[1].position)))
        return found

    def participants(self) -> Participants:
        """Give the participants in force."""
        found = self.in_force(Participants)
        if not found:
            raise HomeNotReady("no participants are registered: run `bhr register` first")
        return found[0][0]

    def mapping(self) -> tuple[FactorMapping, bytes]:
        """Give the factor mapping in force and its digest."""
        found = self.in_force(FactorMapping)
        if not found:
            raise HomeNotReady("no factor mapping is registered: run `bhr register` first")
        return found[0][0], found[0][1].digest

    def newest(self, kind: type[Document], size: int) -> str | None:
        """Name the newest document of a kind among the partnership's first `size` entries."""
        found = [
            one
            for versions in self.documents().values()
            for one in versions
            if isinstance(one.document, kind) and one.position < size
        ]
        return max(found, key=lambda one: one.position).document.reference() if found else None

    def rule_packs(self) -> list[RulePack]:
        """Give the rule packs in force."""
        return [pack for pack, _ in self.in_force(RulePack)]

    def source(self, name: str) -> Source | None:
        """Give a registered source by name, if its participant is in force."""
        return self.participants().source(name, self.today())

    def controllers(self, source: str) -> frozenset[str]:
        """Give who answers today for what a source ever told, whether or not it still does."""
        return self.participants().controllers(source, self.today())

    def keeper(self, ledger: str) -> str | None:
        """Give the body whose ledger it is."""
        return self.participants().keeper(ledger, self.today())

    def agreement(self, reference: str) -> Agreement | None:
        """Give an agreement by `name@version` when it is in force and not suspended."""
        document = self.agreement_text(reference)
        if document is None or self._is_suspended(reference):
            return None
        return document if document.in_force(self.today()) else None

    def _is_suspended(self, reference: str) -> bool:
        since = self._known.suspended.get(reference)
        return since is not None and since <= self.now()

    def has_right(self, participant: str, office: str, *, right: str, purpose: str) -> bool:
        """Say whether an office holds a right today, for a purpose."""
        self.refresh()
        day = self.today()
        return any(
            (one.participant, one.office, one.right) == (participant, office, right)
            and purpose in one.purposes
            and one.effective_from <= day
            and (one.effective_until is None or day <= one.effective_until)
            for one in self._known.rights.values()
        )

    def body_keys(self, participant: str) -> BodyKeys | None:
        """Give the registered public keys of a body, by the latest version of each document."""
        mine = [keys for keys, _ in self.in_force(BodyKeys) if keys.participant == participant]
        every = tuple(key for document in mine for key in document.keys)
        return mine[-1].model_copy(update={"keys": every}) if mine else None

    def public_key(
        self, participant: str, purpose: KeyPurpose, fingerprint: bytes, at_ms: int = NOW
    ) -> bytes | None:
        """Give a registered key that our own trust file vouches for, or a key's before it.

        `at_ms` is when what it signed was recorded: belief may have been taken back since.
        """
        found, until_ms = self.known_key(participant, purpose, fingerprint)
        return None if found is None or at_ms >= until_ms else to_bytes(found.public)

    def known_key(
        self, participant: str, purpose: KeyPurpose, fingerprint: bytes
    ) -> tuple[PublicKey | None, int]:
        """Give a registered key, and until when what is recorded of it is believed."""
        keys = self.body_keys(participant)
        return self._belief.known(participant, keys.keys if keys else (), purpose, fingerprint)

    def agreement_digest(self, reference: str) -> bytes | None:
        """Give the digest of an agreement's registered bytes, by `name@version`."""
        name, _, version = reference.rpartition("@")
        found = self.documents().get(("agreement", name), [])
        return next((one.digest for one in found if str(one.document.version) == version), None)

    def signed_agreements(self, reference: str) -> tuple[SignedAgreement, ...]:
        """Give what was recorded as signed of an agreement; nothing of it is checked here."""
        self.refresh()
        return self._known.signed.get(reference, ())

    def recipient_key(self, participant: str) -> bytes | None:
        """Give a body's newest recipient key that is both registered and trusted."""
        keys = self.body_keys(participant)
        for key in reversed(keys.keys if keys else ()):
            if key.purpose == "recipient" and not key.withdrawn:
                public = self.public_key(participant, "recipient", to_bytes(key.fingerprint))
                if public is not None:
                    return public
        return None

    def version_of(self, kind: type[D], reference: str) -> D:
        """Give a document by `name@version`, in force or not; raises NotFound."""
        name, _, version = reference.rpartition("@")
        for (_, found), versions in self.documents().items():
            for one in versions if found == name else ():
                if isinstance(one.document, kind) and str(one.document.version) == version:
                    return one.document
        raise NotFound("version of a reference document")

    def rights(self) -> list[RightGranted.Facts]:
        """Give every right that was granted, to the day on which it ends."""
        self.refresh()
        return list(self._known.rights.values())

    def agreement_text(self, reference: str) -> Agreement | None:
        """Give an agreement by `name@version`, in force or not: what it said does not change."""
        name, _, version = reference.rpartition("@")
        for one in self._known.documents.get(("agreement", name), []):
            if isinstance(one.document, Agreement) and str(one.document.version) == version:
                return one.document
        return None

    def signing_key(self, participant: str, fingerprint: bytes) -> bytes | None:
        """Give a signing key that new submissions may be signed with: trusted, not withdrawn."""
        found, until_ms = self.known_key(participant, "signing", fingerprint)
        believed = found is not None and until_ms == FOREVER
        return to_bytes(found.public) if found and believed and not found.withdrawn else None
