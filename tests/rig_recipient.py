"""A body that fetches restricted parts from the rig's hub, and opens them at its own desk."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.keys import signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from domain.canonical import JsonValue
from domain.errors import HubError, NotAuthorised, NotFound
from domain.reference.body_keys import fingerprint
from domain.vocabulary.catalogue import STANDARD
from services.borough.opening import OpenedPart, PartAsked, PartOpening
from services.borough.speaker import Means, Speaker
from services.fetching import Wanted
from services.hub_door import HubAnswer
from services.ports import Caller
from tests.hub_rig import HubRig
from tests.rig_publisher import AGREEMENT, Publisher


@dataclass(frozen=True, slots=True)
class Door:
    """The hub's door for one caller, without the network."""

    rig: HubRig
    caller: Caller

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Nobody publishes through this door."""
        raise NotImplementedError

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Fetch a part."""
        _, _, _, ledger, event, number = path.split("/")
        asked = dict(query)
        wanted = Wanted(ledger, uuid.UUID(event), int(number), asked["agreement"], asked["purpose"])
        try:
            return HubAnswer(200, self.rig.fetching.part(wanted, self.caller))
        except NotFound:
            return HubAnswer(404, b"")
        except NotAuthorised:
            return HubAnswer(403, b"")
        except HubError:
            return HubAnswer(410, b"")


class Recipient:
    """One body with its private key, or with another's."""

    def __init__(self, rig: HubRig, body: Publisher, participant: str | None = None) -> None:
        """Open with a publisher's recipient key, as its own participant or as another."""
        named = participant or body.participant
        self.caller = Caller(named, None, "social-worker", "reader-1")
        self._door = Door(rig, self.caller)
        speaker = Speaker(named, body.source, body.ledger, named, AGREEMENT, "case-work")
        key = fingerprint("recipient", body.recipient_public)
        means = Means(
            AesGcmCipher(), HybridEncapsulation(), signing.verify, rig.clock, lambda _: True
        )
        self._opening = PartOpening(speaker, {key: body.recipient_private}, means, STANDARD)

    def open(self, ledger: str, event: Mapping[str, JsonValue], *, number: int = 2) -> OpenedPart:
        """Fetch a part and open it."""
        asked = PartAsked(ledger, uuid.UUID(str(event["id"])), number, AGREEMENT, "case-work")
        return self._opening.open_part(self._door, asked)
