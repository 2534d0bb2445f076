"""A recipient's client and a served hub: fetched, taken back, told, deleted, confirmed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.keys import signing
from adapters.keys.cipher import AesGcmCipher
from adapters.keys.encapsulation import HybridEncapsulation
from domain.reference.body_keys import fingerprint
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.hub import ErasureConfirmed
from services.borough.copies import Desk, KeptCopies
from services.borough.opening import PartAsked, PartOpening
from services.borough.speaker import BoroughKeys, Means, Speaker
from services.hub_door import HubAnswer
from services.ports import Caller
from tests.fakes_borough_store import MemoryBoroughStore, MemoryCopies
from tests.http_rig import HttpRig
from tests.hub_rig import REDBRIDGE
from tests.rig_publisher import AGREEMENT, CASE_WORK, Json, Publisher, inner


@dataclass(frozen=True)
class Door:
    """The `PostingDoor` port onto the served hub, as one caller."""

    rig: HttpRig
    bearer: Mapping[str, str]

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Nobody publishes through this door."""
        raise NotImplementedError

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Get a document."""
        response = self.rig.client.get(path, params=dict(query), headers=dict(self.bearer))
        return HubAnswer(response.status_code, response.content)

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post a document."""
        headers = {**self.bearer, "content-type": "application/json"}
        response = self.rig.client.post(path, content=document, headers=headers)
        return HubAnswer(response.status_code, response.content)


def recipient(door: HttpRig, body: Publisher, files: MemoryCopies) -> KeptCopies:
    """Give the copies of a body, through a door of its own."""
    caller = Caller(body.participant, None, "social-worker", "person-9")
    desk = Desk(MemoryBoroughStore(), files, Door(door, door.bearer(caller)))
    speaker = Speaker(
        body.participant, body.source, body.ledger, body.participant, AGREEMENT, CASE_WORK
    )
    means = Means(
        AesGcmCipher(), HybridEncapsulation(), signing.verify, door.rig.clock, lambda _: True
    )
    private = {fingerprint("recipient", body.recipient_public): body.recipient_private}
    parts = PartOpening(speaker, private, means, STANDARD)
    return KeptCopies(desk, body.participant, BoroughKeys(body.signer, (), bytes(32)), parts)


def sent(door: HttpRig, to: Publisher) -> Json:
    """Send a move to a body."""
    publisher = door.publisher
    both = {one.participant: one.recipient_public for one in (publisher, to)}
    session = publisher.session(both)
    move = publisher.move(session.seal)
    assert door.post(publisher.submission(session.event, move)).status_code == 200
    return move


def test_a_copy_goes_and_the_sender_sees_that_it_did(door: HttpRig) -> None:
    """From the fetch to the signed confirmation in the sender's own ledger, by the real door."""
    redbridge, files = door.rig.publisher(REDBRIDGE), MemoryCopies()
    copies = recipient(door, redbridge, files)
    move = sent(door, redbridge)
    asked = PartAsked("havering", uuid.UUID(str(move["id"])), 2, AGREEMENT, CASE_WORK)
    assert b"Invented Child" in copies.open_part(asked, "/part.json").content
    assert copies.hear() == []
    assert set(files.files) == {"/part.json"}
    taking = door.publisher.event(
        "record-withdrawn", subject=move["subject"], supersedes=move["id"]
    )
    inner(taking, "data").update(facts={"reason": "should-never-have-been-sent"}, subjects=[])
    assert door.post(door.publisher.submission(taking)).status_code == 200
    (heard,) = copies.hear()
    assert (heard.confirmed, heard.notice.what, heard.notice.fetched) == (True, "withdrawn", True)
    assert files.files == {}
    assert copies.hear() == []
    facts = door.rig.havering.opened()[-1].facts
    assert isinstance(facts, ErasureConfirmed.Facts)
    assert (facts.by_participant, facts.event, facts.outcome) == (
        "redbridge",
        move["id"],
        "deleted",
    )
