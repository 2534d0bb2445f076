"""Notices: whoever was sent a part is told what became of it, until it has said so itself."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from domain.statement import PartClass
from domain.values import to_text
from domain.vocabulary import hub
from services.fetching import Shelf, Wanted
from services.notices import Notice, Notices
from services.ports import Caller
from tests.hub_rig import NOW_MS, REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import AGREEMENT, CASE_WORK, Json, Publisher, inner, subjects, token

RECIPIENT = Caller("redbridge", None, "social-worker", "reader-1")


@dataclass
class Scene:
    """Havering has sent a move to Redbridge, and a referral to itself alone."""

    rig: HubRig
    havering: Publisher
    move: Json
    notices: Notices

    def of(self, body: str = "redbridge") -> list[tuple[str, str, bool]]:
        """Give a body's notices: what, because of which event, and whether it was fetched."""
        return [(one.what, one.because, one.fetched) for one in self.notices.of(body)]

    def withdraw(self, event: Json, **changes: str) -> str:
        """Take an event back; gives the withdrawal's id."""
        taking = self.havering.event(
            "record-withdrawn", subject=event["subject"], supersedes=event["id"], **changes
        )
        inner(taking, "data")["facts"] = {"reason": "should-never-have-been-sent"}
        inner(taking, "data")["subjects"] = []
        self.havering.publish(taking)
        return str(taking["id"])

    def destroy(self, event: Json, erasure: str | None = None) -> str:
        """Say that the keys of an event's subjects are destroyed; gives what says so."""
        stand = self.rig.havering
        entry = stand.ledger.find(uuid.UUID(str(event["id"])))
        assert entry is not None
        record, opened, _, _ = stand.opening.header(entry)
        keys = sorted(
            {
                to_text(ring.key_id)
                for part, ring in zip(record.leaf.parts, opened.ring, strict=True)
                if part.part_class is PartClass.SHARED
            }
        )
        facts: dict[str, object] = {
            "fence": 1,
            "fenced": tuple(keys),
            "key_class": "subject",
            "keys": tuple(keys),
            "lapses": "2025-07-20",
        }
        if erasure is not None:
            facts["erasure"] = erasure
        return self.append(hub.KeyDestroyed.Facts.model_validate(facts), hub.KeyDestroyed)

    def append(self, facts: object, kind: type[hub.KeyDestroyed | hub.ErasureConfirmed]) -> str:
        """Record something on the hub's own account in Havering's ledger; gives its id."""
        assert isinstance(facts, kind.Facts)
        made = self.rig.hub_events.made(kind, facts)
        self.rig.hub_events.append("havering", made)
        return str(self.rig.havering.opened()[-1].event_id)

    def restrict(self, event: Json, **facts: str) -> Json:
        """Restrict an event's subjects; gives the restriction."""
        placed = self.havering.event("restriction-placed")
        inner(placed, "data")["facts"] = {"reason": "objection", **facts}
        subjects(placed)[0] |= {"pseudonym": subjects(event)[0]["pseudonym"], "shared": {}}
        self.havering.publish(placed)
        return placed

    def fetch(self) -> None:
        """Fetch the move's part as Redbridge."""
        wanted = Wanted("havering", uuid.UUID(str(self.move["id"])), 2, AGREEMENT, CASE_WORK)
        self.rig.fetching.part(wanted, RECIPIENT)


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Publish what notices are about."""
    with open_rig() as rig:
        havering, redbridge = rig.publisher(), rig.publisher(REDBRIDGE)
        both = {one.participant: one.recipient_public for one in (havering, redbridge)}
        opening = havering.session(both)
        alone = havering.session({"havering": havering.recipient_public})
        move, own = havering.move(opening.seal), havering.sealed(alone.seal)
        havering.publish(opening.event, alone.event, move, own)
        shelves = {n: Shelf(s.ledger, s.opening, s.sessions) for n, s in rig.stands.items()}
        yield Scene(rig, havering, move, Notices(shelves, rig.registry))


def test_nothing_is_told_while_nothing_happened(scene: Scene) -> None:
    """What is addressed to a body and stands is no news."""
    scene.fetch()
    assert scene.of() == []


def test_what_waits_is_listed_until_it_is_fetched(scene: Scene) -> None:
    """For whom it is addressed to, and for no controller; by ledger, event and number alone."""
    [waits] = scene.notices.waiting("redbridge")
    assert waits == ("havering", scene.move["id"], 2)
    assert scene.notices.waiting_document("redbridge") == {
        "participant": "redbridge",
        "waiting": [{"event": scene.move["id"], "ledger": "havering", "part": 2}],
    }
    others = ("havering", "barking-and-dagenham")
    assert [scene.notices.waiting(one) for one in others] == [[], []]
    scene.fetch()
    assert scene.notices.waiting("redbridge") == []


def test_what_is_withheld_does_not_wait(scene: Scene) -> None:
    """What its source took back is not to be fetched, and is listed no longer."""
    scene.withdraw(scene.move)
    assert scene.notices.waiting("redbridge") == []


def test_so_many_are_listed_at_a_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer has a bound, whatever waits."""
    monkeypatch.setattr("services.notices.WAITING_MAX", 0)
    assert scene.notices.waiting("redbridge") == []


def test_a_withdrawal_is_told_to_every_recipient(scene: Scene) -> None:
    """Whether it fetched or not; not to the controller, who took it back, and not to others."""
    withdrawal = scene.withdraw(scene.move)
    assert scene.of() == [("withdrawn", withdrawal, False)]
    assert scene.of("havering") == []
    assert scene.of("barking-and-dagenham") == []
    assert scene.notices.of("redbridge") == [
        Notice("havering", str(scene.move["id"]), 2, "withdrawn", withdrawal, NOW_MS)
    ]


def test_who_fetched_is_told_so(scene: Scene) -> None:
    """A body that holds a copy knows that it has to look for it."""
    scene.fetch()
    withdrawal = scene.withdraw(scene.move)
    assert scene.of() == [("withdrawn", withdrawal, True)]


def test_an_erasure_is_told(scene: Scene) -> None:
    """By the request that was carried out, or by the destruction where there was none."""
    destroyed = scene.destroy(scene.move)
    assert scene.of() == [("erased", destroyed, False)]
    request = "018f0000-0000-7000-8000-000000000000"
    scene.destroy(scene.move, request)
    assert scene.of() == [("erased", request, False)]


def test_a_restriction_is_told_until_it_is_lifted(scene: Scene) -> None:
    """Placed, lifted; and one that has a last day only to that day."""
    placed = scene.restrict(scene.move)
    assert scene.of() == [("restricted", placed["id"], False)]
    lifted = scene.havering.event("restriction-lifted")
    inner(lifted, "data")["facts"] = {"placed": placed["id"]}
    subjects(lifted)[0] |= {"pseudonym": subjects(scene.move)[0]["pseudonym"], "shared": {}}
    scene.havering.publish(lifted)
    assert scene.of() == []
    over = scene.restrict(scene.move, until="2025-06-14")
    assert scene.of() == []
    scene.withdraw(over)
    today = scene.restrict(scene.move, until="2025-06-15")
    assert scene.of() == [("restricted", today["id"], False)]
    scene.withdraw(today)
    assert scene.of() == []


def test_what_is_confirmed_is_not_told_again(scene: Scene) -> None:
    """Of that part, because of that event, by that body; anything else is told still."""
    withdrawal = scene.withdraw(scene.move)
    destroyed = scene.destroy(scene.move)
    scene.append(confirmation(scene, withdrawal, "barking-and-dagenham"), hub.ErasureConfirmed)
    assert len(scene.of()) == 2
    scene.append(confirmation(scene, withdrawal, "redbridge"), hub.ErasureConfirmed)
    assert scene.of() == [("erased", destroyed, False)]


def confirmation(scene: Scene, because: str, body: str) -> hub.ErasureConfirmed.Facts:
    """Say that a body's copy of the move's part is deleted."""
    return hub.ErasureConfirmed.Facts(
        because=because,
        by_participant=body,
        event=str(scene.move["id"]),
        key=token(),
        ledger="havering",
        outcome="deleted",
        part=2,
        signature=to_text(bytes(64)),
    )


def test_another_source_takes_nothing_back(scene: Scene) -> None:
    """A withdrawal that names somebody else's event is passed over."""
    police = scene.rig.publisher("/participants/metropolitan-police-east/havering")
    taking = police.event("record-withdrawn", subject=token(), supersedes=scene.move["id"])
    inner(taking, "data")["facts"] = {"reason": "wrong-file"}
    inner(taking, "data")["subjects"] = []
    police.publish(taking)
    assert scene.of() == []


def test_the_answer_is_as_it_is_described(scene: Scene) -> None:
    """Ids, numbers, codes and a time; nothing of what the part says."""
    withdrawal = scene.withdraw(scene.move)
    assert scene.notices.document("redbridge") == {
        "notices": [
            {
                "because": withdrawal,
                "event": scene.move["id"],
                "fetched": False,
                "ledger": "havering",
                "part": 2,
                "recorded": "2025-06-15T15:06:40.000Z",
                "what": "withdrawn",
            }
        ],
        "participant": "redbridge",
    }
