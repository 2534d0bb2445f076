"""Fetching a sealed part: recorded before it leaves, for recipients alone, under an agreement."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.errors import KeyMissing, NotAuthorised, NotFound, Unavailable
from domain.values import to_text
from domain.vocabulary import hub
from services.fetching import Wanted
from services.identifiers import uuid7
from services.ports import Caller, Ledger, StoredEntry
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import REDBRIDGE, HubRig, open_rig
from tests.rig_faults import FailingLedger, When
from tests.rig_publisher import (
    AGREEMENT,
    CASE_WORK,
    MOVE,
    PURPOSE,
    Json,
    OpenedSession,
    Publisher,
    inner,
    subjects,
)

CONTROLLER = Caller("havering", "/participants/havering/children-social-care", None, "cms-1")
RECIPIENT = Caller("redbridge", None, "social-worker", "reader-1")
OTHERS = Caller("barking-and-dagenham", None, "social-worker", "reader-2")


@dataclass
class Scene:
    """Havering has sent a move for Redbridge, and a referral for itself alone."""

    rig: HubRig
    havering: Publisher
    opening: OpenedSession
    move: Json
    own: Json
    ledgers: dict[str, FailingLedger]

    def wanted(self, event: Json, **changes: object) -> Wanted:
        """Ask for an event's part."""
        asked = Wanted("havering", uuid.UUID(str(event["id"])), 2, AGREEMENT, CASE_WORK)
        return replace(asked, **changes)  # type: ignore[arg-type]  # fields of its own

    def fetches(self) -> list[hub.PartFetched.Facts]:
        """Give the fetches that are recorded, in any ledger."""
        facts = (one.facts for stand in self.rig.stands.values() for one in stand.opened())
        return [one for one in facts if isinstance(one, hub.PartFetched.Facts)]


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Publish what is fetched."""
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> Ledger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(make_ledger=make)) as rig:
        havering, redbridge = rig.publisher(), rig.publisher(REDBRIDGE)
        both = {one.participant: one.recipient_public for one in (havering, redbridge)}
        opening = havering.session(both)
        alone = havering.session({"havering": havering.recipient_public})
        move, own = havering.move(opening.seal), havering.sealed(alone.seal)
        havering.publish(opening.event, alone.event, move, own)
        yield Scene(rig, havering, opening, move, own, ledgers)


def test_a_recipient_is_given_what_it_needs_to_open_the_part(scene: Scene) -> None:
    """Envelope, commitment and session as they were sent, and nothing that is folded."""
    given = json.loads(scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT))
    sealed = inner(subjects(scene.move)[0], "restricted")
    facts = inner(inner(scene.opening.event, "data"), "facts")
    assert given == {
        "commitment": sealed["commitment"],
        "envelope": sealed["envelope"],
        "event": scene.move["id"],
        "ledger": "havering",
        "part": 2,
        "session": {
            "id": facts["session"],
            "recipients": facts["recipients"],
            "source": scene.havering.source,
            "suite": facts["suite"],
        },
        "type": f"uk.bhr.safeguarding.{MOVE}.v1",
    }


def test_a_fetch_is_recorded_where_the_sender_sees_it(scene: Scene) -> None:
    """Who, what, under which agreement and why, in the event's own ledger."""
    for caller in (RECIPIENT, CONTROLLER):
        scene.rig.fetching.part(scene.wanted(scene.move), caller)
    last = [event.facts for event in scene.rig.havering.opened(4)]
    assert last == [
        hub.PartFetched.Facts(
            agreement=AGREEMENT,
            event=str(scene.move["id"]),
            ledger="havering",
            part=2,
            participant=caller.participant,
            purpose=CASE_WORK,
            reader=caller.person,
        )
        for caller in (RECIPIENT, CONTROLLER)
    ]


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_cannot_be_recorded_does_not_leave(scene: Scene, when: When) -> None:
    """When the record of a fetch fails nothing is given, even if it was stored all the same."""
    scene.ledgers["havering"].plan.fail("append", when)
    with pytest.raises(Unavailable):
        scene.rig.fetching.part(scene.wanted(scene.move), RECIPIENT)
    assert len(scene.fetches()) == (1 if when == "after" else 0)


def refused(scene: Scene, wanted: Wanted, caller: Caller) -> NotFound | NotAuthorised:
    """Give the refusal of a fetch; nothing is recorded of it."""
    sizes = scene.rig.sizes()
    with pytest.raises((NotFound, NotAuthorised)) as found:
        scene.rig.fetching.part(wanted, caller)
    assert scene.rig.sizes() == sizes
    assert isinstance(found.value, NotFound | NotAuthorised)
    return found.value


def test_who_is_not_addressed_learns_nothing(scene: Scene) -> None:
    """No such event, ledger or part, or not for you, is told in the same words."""
    shared = scene.havering.event()
    scene.havering.publish(shared)
    unknown = {**scene.move, "id": str(uuid7(1))}
    asked = [
        (scene.wanted(scene.move), OTHERS),
        (scene.wanted(scene.own), RECIPIENT),
        (scene.wanted(unknown), RECIPIENT),
        (scene.wanted(unknown), OTHERS),
        (scene.wanted(shared), CONTROLLER),
        (scene.wanted(scene.opening.event), CONTROLLER),
        (scene.wanted(scene.move, ledger="nowhere"), RECIPIENT),
        (scene.wanted(scene.move, ledger="redbridge"), RECIPIENT),
        *((scene.wanted(scene.move, number=number), RECIPIENT) for number in (0, 1, 3, 4, 250)),
        *((scene.wanted(scene.move, number=number), OTHERS) for number in (0, 1, 3, 4, 250)),
    ]
    told = {repr(refused(scene, wanted, caller)) for wanted, caller in asked}
    assert told == {"NotFound('no such part')"}


def test_who_is_not_addressed_learns_nothing_of_what_is_broken_or_gone(scene: Scene) -> None:
    """A record that does not open, or whose key is destroyed, is told to its recipients alone."""
    ledger = scene.ledgers["havering"].ledger
    assert isinstance(ledger, MemoryLedger)
    event = uuid.UUID(str(scene.move["id"]))
    entry = ledger.find(event)
    assert entry is not None
    key = scene.rig.havering.opening.header(entry)[1].ring[1].key_id
    store = scene.rig.key_store
    assert isinstance(store, MemoryKeyStore)
    store._rows = {tag: row for tag, row in store._rows.items() if row.key_id != key}
    scene.rig.custody.forget()
    sizes = scene.rig.sizes()
    wanted = scene.wanted(scene.move)
    assert isinstance(refused(scene, wanted, OTHERS), NotFound)
    with pytest.raises(KeyMissing):
        scene.rig.fetching.part(wanted, RECIPIENT)
    ledger._entries[entry.position] = StoredEntry(
        entry.position, entry.event_id, entry.stream_tag, entry.record[:-1], entry.statement
    )
    for caller in (OTHERS, RECIPIENT):
        assert isinstance(refused(scene, wanted, caller), NotFound)
    assert scene.rig.sizes() == sizes


REASONS = [
    ({"agreement": "bhr-themes@2"}, RECIPIENT, "agreement-not-in-force"),
    ({"agreement": "nothing"}, RECIPIENT, "agreement-not-in-force"),
    ({"purpose": PURPOSE}, RECIPIENT, "agreement-does-not-cover"),
    ({"purpose": "curiosity"}, RECIPIENT, "agreement-does-not-cover"),
    ({"purpose": "curiosity"}, CONTROLLER, "agreement-does-not-cover"),
]


@pytest.mark.parametrize(("changes", "caller", "reason"), REASONS)
def test_an_agreement_must_cover_type_and_purpose(
    scene: Scene, changes: dict[str, object], caller: Caller, reason: str
) -> None:
    """A recipient for the purposes of recipients, the controller for any of the type's."""
    refusal = refused(scene, scene.wanted(scene.move, **changes), caller)
    assert isinstance(refusal, NotAuthorised)
    assert refusal.reason == reason


def test_the_controller_fetches_its_own_for_any_purpose_of_the_type(scene: Scene) -> None:
    """What it sent to itself alone, and what it sent to others."""
    for event in (scene.own, scene.move):
        for purpose in (CASE_WORK, PURPOSE):
            assert scene.rig.fetching.part(scene.wanted(event, purpose=purpose), CONTROLLER)
    assert len(scene.fetches()) == 4


def test_an_agreement_that_was_suspended_lets_nothing_out(scene: Scene) -> None:
    """From its instant on, though nobody else has asked the registry since."""
    scene.rig.suspend(AGREEMENT, "2025-06-01T00:00:00Z")
    refusal = refused(scene, scene.wanted(scene.move), RECIPIENT)
    assert isinstance(refusal, NotAuthorised)
    assert refusal.reason == "agreement-not-in-force"


def test_the_envelope_is_the_very_bytes_that_were_signed(scene: Scene) -> None:
    """Whatever is fetched, from whomever it came, is spelt as it was sent."""
    entry = scene.rig.havering.ledger.find(uuid.UUID(str(scene.own["id"])))
    assert entry is not None
    _, envelope, _ = scene.rig.havering.opening.envelope(entry, 2)
    assert to_text(envelope) == inner(subjects(scene.own)[0], "restricted")["envelope"]
