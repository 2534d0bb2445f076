"""Registering reference data and rights: what is drafted as a file becomes part of the record."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from domain.errors import AlreadyDifferent, Fault, NotFound, ReferenceRefused
from domain.reference.agreements import Agreement
from domain.reference.body_keys import BodyKeys, KeyPurpose
from domain.reference.dated import Document
from domain.reference.documents import document_digest, kind_of, parse_document
from domain.reference.participants import Participants
from domain.reference.releases import Release
from domain.values import to_text
from domain.vocabulary.custody import KeyRotated
from domain.vocabulary.offices import ReferenceDataRegistered, RightGranted, RightRemoved
from domain.vocabulary.operation import ReleasePublished
from services.hub_events import HubEvents
from services.preparing import PreparedEvent
from services.registry import Registry

RELEASE = "release"
PIECE_BYTES = 18_000
_CLASSES: Mapping[KeyPurpose, Literal["checkpoint", "recipient", "witness"]] = {
    "checkpoint": "checkpoint",
    "recipient": "recipient",
    "witness": "witness",
}
"""What `key-rotated` calls a key that is listed for a purpose; all others sign."""
"""Bytes of a document in one event: 24 000 characters of base64url."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was registered, or stood already."""

    reference: str
    kind: str
    digest: bytes
    again: bool


class Registering:
    """Appends reference documents and rights to the partnership's ledger."""

    def __init__(self, registry: Registry, hub_events: HubEvents, partnership: str) -> None:
        """Register in the ledger named `partnership`."""
        self.registry = registry
        self._hub_events = hub_events
        self._partnership = partnership

    def register(self, raw: bytes) -> Registration:
        """Register a document by its exact bytes, all its pieces in one transaction.

        The same bytes twice change nothing. A name and version that stand with other bytes are
        refused, as are an agreement between bodies that are no participants, a list of keys that
        drops one, and a release: these are made here alone.
        """
        kind = kind_of(raw)
        if kind == RELEASE:
            raise ReferenceRefused(kind, (Fault(-1, "kind", "made-by-the-hub-alone"),))
        document = parse_document(kind, raw)
        digest = document_digest(raw)
        again = self._stands(document, digest)
        if not again:
            self._refuse_strangers(document)
            self._append(document, raw, digest, *self._replaced(document))
            self._stands(document, digest)  # somebody else may have registered it at the same time
        return Registration(document.reference(), kind, digest, again=again)

    def _stands(self, document: Document, digest: bytes) -> bool:
        """Say whether this version stands; raises ReferenceRefused where it has other bytes."""
        for one in self.registry.documents().get((document.kind, document.name), []):
            if one.document.version == document.version:
                if one.digest != digest:
                    fault = Fault(-1, "version", "stands-with-other-bytes")
                    raise ReferenceRefused(document.kind, (fault,))
                return True
        return False

    def _refuse_strangers(self, document: Document) -> None:
        faults: tuple[Fault, ...] = ()
        if isinstance(document, Agreement) and self.registry.in_force(Participants):
            faults = tuple(document.strangers(self.registry.participants()))
        before = self._keys_before(document)
        if isinstance(document, BodyKeys) and before is not None:
            faults = tuple(document.drops(before))
        if faults:
            raise ReferenceRefused(document.kind, faults)

    def _keys_before(self, document: Document) -> BodyKeys | None:
        """Give the latest version that stands of a body's list of keys."""
        found = self.registry.documents().get((document.kind, document.name), [])
        lists = [one.document for one in found if isinstance(one.document, BodyKeys)]
        return max(lists, key=lambda one: one.version, default=None)

    def _replaced(self, document: Document) -> list[PreparedEvent]:
        """Give the events that say which keys of a body are replaced from now on."""
        if not isinstance(document, BodyKeys):
            return []
        before = self._keys_before(document)
        known = {key.fingerprint for key in before.keys} if before else set()
        return [
            self._hub_events.made(
                KeyRotated,
                KeyRotated.Facts(
                    key=key.fingerprint,
                    key_class=_CLASSES.get(key.purpose, "signing"),
                    owner=document.participant,
                    reason=key.follows.reason,
                    replaces=key.follows.replaces,
                ),
                key.fingerprint,
            )
            for key in document.keys
            if key.follows is not None and key.fingerprint not in known
        ]

    def publish(self, release: Release, raw: bytes, facts: ReleasePublished.Facts) -> None:
        """Append a release and the event that says so, in one transaction; once for each month."""
        digest = document_digest(raw)
        if (release.kind, release.name) in self.registry.documents():
            raise AlreadyDifferent("release")
        self._append(release, raw, digest, self._hub_events.made(ReleasePublished, facts))

    def _append(self, document: Document, raw: bytes, digest: bytes, *after: PreparedEvent) -> None:
        stream = to_text(secrets.token_bytes(32))
        pieces = [raw[at : at + PIECE_BYTES] for at in range(0, len(raw), PIECE_BYTES)]
        events = [
            self._hub_events.made(
                ReferenceDataRegistered,
                ReferenceDataRegistered.Facts.model_validate(
                    {
                        "content": to_text(piece),
                        "digest": to_text(digest),
                        "document": document.kind,
                        "effective_from": document.effective_from,
                        "name": document.name,
                        "piece": index,
                        "pieces": len(pieces),
                        "version": document.version,
                    }
                ),
                stream,
            )
            for index, piece in enumerate(pieces)
        ]
        self._hub_events.append(self._partnership, *events, *after)

    def grant(self, facts: RightGranted.Facts) -> None:
        """Give an office a right to read; raises NotFound for a body that is no participant now.

        A code that was mistyped would be a right of nobody's, and look as if it were given.
        """
        participants, today = self.registry.participants(), self.registry.today()
        if participants.participant(facts.participant, today) is None:
            raise NotFound("participant")
        self._hub_events.append(self._partnership, self._hub_events.made(RightGranted, facts))

    def remove(self, facts: RightRemoved.Facts) -> None:
        """Take a right from an office; raises NotFound where it holds none such."""
        held = {(one.participant, one.office, one.right) for one in self.registry.rights()}
        if (facts.participant, facts.office, facts.right) not in held:
            raise NotFound("right")
        self._hub_events.append(self._partnership, self._hub_events.made(RightRemoved, facts))
