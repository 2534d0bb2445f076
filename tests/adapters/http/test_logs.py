"""Ledgers over HTTP as logs, and receipts: what verifiers written elsewhere are given."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from adapters.keys import signing
from adapters.ledger.memory import MemoryLedger
from domain.opened import OpenedEvent
from domain.receipts import Receipt, read_receipt
from domain.signed_note import read_note
from domain.tiles import entries_in
from domain.tlog_policy import read_policy
from domain.tree import leaf_hash, root_of
from domain.vocabulary.hub import EntriesFetched
from domain.vocabulary.offices import RightGranted
from services.audit.receipt_checking import Believed, Proven, checked
from services.checkpointing import Checkpointing, NoCosigners
from services.ports import Caller
from tests.http_rig import HttpRig, problem_in
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN
from tests.rig_erasing import ErasingRig

AUDITOR = Caller("redbridge", None, "auditor", "person-7")
STRANGER = Caller("redbridge", None, "analyst", "person-8")


@dataclass(frozen=True)
class Logged:
    """A served hub whose Havering ledger has a sealed event under a published checkpoint."""

    door: HttpRig
    event: str
    size: int
    note: bytes

    def get(self, path: str, who: Mapping[str, str] | None = None) -> bytes:
        """Fetch what is there."""
        response = self.door.client.get(path, headers=who or self.door.publishing)
        assert response.status_code == 200, response.content
        return response.content


@pytest.fixture
def logged(door: HttpRig) -> Logged:
    """Publish, and make a checkpoint of it."""
    publisher = door.publisher
    session = publisher.session({"havering": publisher.recipient_public})
    event = publisher.sealed(session.seal)
    assert door.post(publisher.submission(session.event, event)).status_code == 200
    ledger = door.rig.havering.ledger
    assert isinstance(ledger, MemoryLedger)
    Checkpointing(ledger, ORIGIN, (LOG, LOG_PQ), NoCosigners(), door.rig.clock).round()
    found = ledger.checkpoints.latest_published()
    assert found is not None
    return Logged(door, str(event["id"]), found.size, found.note)


def test_the_log_is_read_in_its_formats(logged: Logged) -> None:
    """Checkpoint, tile and entries over HTTP make the signed root, without a word of ours."""
    note = logged.get("/ledgers/havering/checkpoint")
    assert note == logged.note
    assert read_note(note).text.split(b"\n")[1] == str(logged.size).encode()
    place = f"000.p/{logged.size}"
    entries = entries_in(logged.get(f"/ledgers/havering/tile/entries/{place}"))
    tile = logged.get(f"/ledgers/havering/tile/0/{place}")
    assert tile == b"".join(leaf_hash(entry) for entry in entries)
    root = root_of(logged.size, lambda *_: tile)
    ledger = logged.door.rig.havering.ledger
    assert isinstance(ledger, MemoryLedger)
    assert root == ledger.tiles.root(logged.size)


def test_every_checkpoint_that_was_signed_can_be_had(logged: Logged) -> None:
    """The list of sizes, and each of them with its signatures."""
    assert logged.get("/ledgers/havering/checkpoints/sizes") == f"{logged.size}\n".encode()
    assert logged.get(f"/ledgers/havering/checkpoints/{logged.size}") == logged.note
    answer = logged.door.client.get(
        "/ledgers/havering/checkpoints/1", headers=logged.door.publishing
    )
    problem_in(answer, 404, "not-found")


def test_what_serves_a_log_says_how_long_it_may_be_kept(logged: Logged) -> None:
    """A tile never changes; a checkpoint is of now."""
    client, who = logged.door.client, logged.door.publishing
    tile = client.get(f"/ledgers/havering/tile/0/000.p/{logged.size}", headers=who)
    assert tile.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert tile.headers["content-type"] == "application/octet-stream"
    note = client.get("/ledgers/havering/checkpoint", headers=who)
    assert note.headers["content-type"] == "text/plain; charset=utf-8"
    assert note.headers["cache-control"] == "private, max-age=1"


def test_entries_are_for_their_own_body_and_for_auditors(logged: Logged) -> None:
    """Sizes, times and sources are not for everybody; each fetch is recorded before it leaves."""
    door, path = logged.door, f"/ledgers/havering/tile/entries/000.p/{logged.size}"
    answer = door.client.get(path, headers=door.bearer(STRANGER))
    problem_in(answer, 403, "no-right")
    door.rig.registering.grant(
        RightGranted.Facts(
            effective_from="2020-01-01", office="auditor", participant="redbridge",
            purposes=("audit",), right="audit",
        )
    )  # fmt: skip
    logged.get(path, door.bearer(AUDITOR))
    logged.get(path)
    events = door.rig.havering.opened(logged.size + 1)
    facts = [one.facts for one in events if isinstance(one.facts, EntriesFetched.Facts)]
    assert [(one.participant, one.right, one.first, one.count) for one in facts] == [
        ("redbridge", "audit", 0, logged.size),
        ("havering", "own", 0, logged.size),
    ]
    assert [one.office for one in facts] == ["auditor", None]


@pytest.mark.parametrize(
    "path",
    [
        "/ledgers/nowhere/checkpoint",
        "/ledgers/redbridge/checkpoint",
        "/ledgers/havering/tile/0/000",
        "/ledgers/havering/tile/0/000.p/255",
        "/ledgers/havering/tile/1/000.p/1",
        "/ledgers/havering/tile/64/000.p/1",
        "/ledgers/havering/tile/00/000.p/1",
        "/ledgers/havering/tile/entries/001.p/1",
        "/ledgers/havering/tile/0/x000/000",
        "/ledgers/havering/tile/0/000.p/256",
    ],
)
def test_what_is_not_there_is_not_found(logged: Logged, path: str) -> None:
    """A log without a checkpoint, a tile that is not as wide, another spelling: no such thing."""
    answer = logged.door.client.get(path, headers=logged.door.publishing)
    problem_in(answer, 404, "not-found")


def test_nothing_of_a_log_is_given_without_a_token(logged: Logged) -> None:
    """The public does not even learn how fast a ledger grows."""
    problem_in(logged.door.client.get("/ledgers/havering/checkpoint"), 401, "token-missing")


def receipt_of(logged: Logged, who: Mapping[str, str] | None = None) -> Receipt:
    """Fetch the receipt of the sealed event."""
    return read_receipt(logged.get(f"/v1/receipts/{logged.event}", who))


def proven(logged: Logged, receipt: Receipt) -> Proven:
    """Check a receipt as somebody who has the publisher's key, and no hub."""
    logs = "".join(f"log {one.key.vkey()}\n" for one in (LOG, LOG_PQ))
    policy = read_policy(f"{logs}quorum none\n".encode())
    public = logged.door.publisher.signer.public
    return checked(
        receipt.canonical(), Believed(policy, ALGORITHMS, signing.verify, lambda _: [public])
    )


def test_a_receipt_proves_what_was_logged_and_that_it_was_signed(logged: Logged) -> None:
    """Every check holds, and the event, its place and its time are read from the leaf itself."""
    verdict = proven(logged, receipt_of(logged))
    assert {one.name: one.state for one in verdict.checks} == dict.fromkeys(
        ("form", "inclusion", "log", "quorum", "statement", "publisher"), "holds"
    )
    assert verdict.holds
    assert verdict.leaf is not None
    assert str(verdict.leaf.event_id) == logged.event
    assert verdict.size == logged.size


def test_a_receipt_is_for_the_body_whose_ledger_it_is(logged: Logged) -> None:
    """Another body is not told whether there is such an event; the body's own offices are."""
    door = logged.door
    own = door.bearer(Caller("havering", None, "analyst", "person-1"))
    assert receipt_of(logged, own).event == logged.event
    path = f"/v1/receipts/{logged.event}"
    problem_in(door.client.get(path, headers=door.bearer(STRANGER)), 404, "not-found")


def opened(logged: Logged) -> OpenedEvent:
    """Open what is left of the sealed event."""
    stand = logged.door.rig.havering
    entry = stand.ledger.find(uuid.UUID(logged.event))
    assert entry is not None
    (event,) = stand.opening.events([entry])
    assert isinstance(event, OpenedEvent)
    return event


def test_a_receipt_outlives_what_was_in_its_event(logged: Logged) -> None:
    """After an erasure anyone can still show that the logged commitment is the signed one."""
    door = logged.door
    before = receipt_of(logged)
    child = opened(logged).subjects[0].pseudonym
    assert child is not None
    ErasingRig(door.rig).erase(door.publisher, child)
    gone = opened(logged)
    assert (gone.facts, gone.subjects[0].pseudonym) == (None, None)
    own = door.bearer(Caller("havering", None, "analyst", "person-1"))  # weeks have passed
    after = receipt_of(logged, own)
    assert (after.statement, after.signed) == (before.statement, before.signed)
    for receipt in (before, after):
        assert proven(logged, receipt).holds


def test_there_is_no_receipt_before_a_checkpoint_covers_the_event(door: HttpRig) -> None:
    """Nothing is promised in its place: the acknowledgement is what there is until then."""
    event = door.publisher.event()
    assert door.post(door.publisher.submission(event)).status_code == 200
    answer = door.client.get(f"/v1/receipts/{event['id']}", headers=door.publishing)
    problem_in(answer, 404, "not-found")
