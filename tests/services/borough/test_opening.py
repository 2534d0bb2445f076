"""Opening parts at a recipient's own desk: every exchange and alteration is refused by name."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pytest

from domain.canonical import JsonValue, canonical
from domain.errors import (
    CommitmentDiffers,
    HubError,
    KeyMissing,
    NotAuthorised,
    NotFound,
    NotOpened,
    Unavailable,
)
from domain.values import to_text
from services.borough.client import BoroughClient
from services.borough.speaker import Reach
from services.hub_door import HubAnswer
from tests.services.borough.boroughs import Borough, child, referral
from tests.services.borough.fake_hub import FakeHub

Document = dict[str, JsonValue]
Change = Callable[[Document], object]


def unchanged(_: Document) -> None:
    """Change nothing."""


@dataclass
class ChangingHub(FakeHub):
    """A hub that hands out parts with something changed in them."""

    change: Change = unchanged
    instead: HubAnswer | None = None

    def part(self, ledger: str, event_id: str, number: int) -> HubAnswer:
        """Give the part as it was changed."""
        answer = super().part(ledger, event_id, number)
        document: Document = json.loads(answer.body)
        self.change(document)
        return self.instead or HubAnswer(200, canonical(document))


@dataclass
class Scene:
    """Havering has sent two events with two children each, and Redbridge may open them."""

    hub: ChangingHub
    havering: Borough
    redbridge: Borough
    events: list[uuid.UUID]

    def fetched(self, event: int = 0, number: int = 2) -> Mapping[str, JsonValue]:
        """Give what the hub would hand out unchanged."""
        found: Document = json.loads(
            FakeHub.part(self.hub, "havering", str(self.events[event]), number).body
        )
        return found


@pytest.fixture
def scene() -> Scene:
    """Publish what is fetched in these tests."""
    hub = ChangingHub()
    havering, redbridge = Borough(hub), Borough(hub, "redbridge")
    havering.vouch("redbridge", "recipient", redbridge.recipient.public)
    client = havering.client()
    for person in ("C1", "C2"):
        people = (child(person), child(f"{person}-sibling"))
        draft = replace(referral(person), subjects=people, recipients=("redbridge",))
        client.publish([draft])
        client.send()
        havering.clock.now += 30 * 3_600_000
    ids = [uuid.UUID(one.id) for one in hub.events.values() if one.data.subjects]
    return Scene(hub, havering, redbridge, ids)


@pytest.mark.parametrize("number", [2, 4])
def test_controller_and_recipient_read_the_same(scene: Scene, number: int) -> None:
    """Whom the event names reads what the publisher wrote, and so does its controller."""
    person = "C1" if number == 2 else "C1-sibling"
    for borough in (scene.havering, scene.redbridge):
        opened = borough.client().open_part(scene.events[0], number, ledger="havering")
        assert opened.part == child(person).restricted
        assert (opened.kind, opened.source) == ("referral-received", scene.havering.speaker.source)


def test_another_borough_does_not(scene: Scene) -> None:
    """Who is not among the recipients cannot open a part, even when the hub hands it out."""
    bexley = Borough(scene.hub, "bexley")
    with pytest.raises(NotOpened, match="session that is not sealed to this body"):
        bexley.client().open_part(scene.events[0], 2, ledger="havering")


def test_nor_under_another_s_name(scene: Scene) -> None:
    """A body that is handed its neighbour's encapsulation as its own opens nothing with it."""
    bexley = Borough(scene.hub, "bexley")

    def renamed(document: Document) -> None:
        recipients = _recipients(document)
        recipients[1]["participant"] = "bexley"
        recipients[1]["key"] = to_text(bexley.recipient.fingerprint())

    scene.hub.change = renamed
    with pytest.raises(NotOpened, match="session"):
        bexley.client().open_part(scene.events[0], 2, ledger="havering")


def _recipients(document: Document) -> list[dict[str, str]]:
    session = document["session"]
    assert isinstance(session, dict)
    recipients: list[dict[str, str]] = session["recipients"]
    return recipients


def exchange_encapsulations(document: Document) -> None:
    """Give each recipient the other's encapsulation."""
    one, other = _recipients(document)
    one["encapsulation"], other["encapsulation"] = other["encapsulation"], one["encapsulation"]


def test_two_recipients_encapsulations_exchanged(scene: Scene) -> None:
    """Each recipient's encapsulation opens for that recipient alone, and is named."""
    scene.hub.change = exchange_encapsulations
    for borough in (scene.havering, scene.redbridge):
        with pytest.raises(NotOpened, match="session does not open here"):
            borough.client().open_part(scene.events[0], 2, ledger="havering")


@pytest.mark.parametrize(
    ("event", "number"),
    [(0, 4), (1, 2), (1, 4)],
    ids=["two parts", "two events", "parts of two events"],
)
def test_envelopes_exchanged(scene: Scene, event: int, number: int) -> None:
    """An envelope of another part or event does not open here, whatever the rest says."""
    other = scene.fetched(event, number)

    def exchanged(document: Document) -> None:
        document["envelope"], document["commitment"] = other["envelope"], other["commitment"]
        document["session"] = other["session"]

    scene.hub.change = exchanged
    with pytest.raises(NotOpened, match="part 2 does not open here"):
        scene.havering.client().open_part(scene.events[0], 2)


def test_sessions_exchanged(scene: Scene) -> None:
    """A part opens under its own session alone."""
    other = scene.fetched(1)
    assert other["session"] != scene.fetched(0)["session"]
    scene.hub.change = lambda document: document.update(session=other["session"])
    with pytest.raises(NotOpened, match="part 2"):
        scene.havering.client().open_part(scene.events[0], 2)


def test_ledgers_exchanged(scene: Scene) -> None:
    """A part of one ledger is not believed to stand in another."""
    with pytest.raises(NotOpened, match="session does not open here"):
        scene.redbridge.client().open_part(scene.events[0], 2, ledger="redbridge")


def test_recipients_added(scene: Scene) -> None:
    """A hub that shows a larger circle of recipients than was sealed to is found out."""

    def joined(document: Document) -> None:
        recipients = _recipients(document)
        recipients.append({**recipients[0], "participant": "the-met"})

    scene.hub.change = joined
    with pytest.raises(NotOpened, match="session does not open here"):
        scene.havering.client().open_part(scene.events[0], 2)


def _with_session(**changes: JsonValue) -> Change:
    def change(document: Document) -> None:
        session = document["session"]
        assert isinstance(session, dict)
        session.update(changes)

    return change


REFUSED: dict[str, tuple[Change, type[HubError], str]] = {
    "another answer": (lambda d: d.update(part=4), NotOpened, "part 2"),
    "another event's answer": (
        lambda d: d.update(event="018bcfe5-6800-7000-8000-000000000001"),
        NotOpened,
        "part 2",
    ),
    "another ledger's answer": (lambda d: d.update(ledger="redbridge"), NotOpened, "part 2"),
    "another commitment": (lambda d: d.update(commitment="A" * 43), CommitmentDiffers, "part 2"),
    "another suite": (_with_session(suite="rot13"), NotOpened, "unknown suite"),
    "another source": (
        _with_session(source="/participants/havering/police"),
        NotOpened,
        "session does not open",
    ),
    "a key that is not ours": (
        lambda d: _recipients(d)[0].update(key="A" * 43),
        KeyMissing,
        "sealed to this body",
    ),
    "an encapsulation that is none": (
        lambda d: _recipients(d)[0].update(encapsulation="A" * 1001),
        NotOpened,
        "session",
    ),
    "another kind": (
        lambda d: d.update(type="uk.bhr.safeguarding.assessment-started.v1"),
        NotOpened,
        "part 2",
    ),
    "no such kind": (
        lambda d: d.update(type="uk.bhr.safeguarding.made-up.v1"),
        NotFound,
        "event type",
    ),
    "a field that is not there": (lambda d: d.pop("envelope"), Unavailable, "answer for a part"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_does_not_fit_is_refused_by_name(scene: Scene, what: str) -> None:
    """Whatever the hub changes in an answer, the recipient is told what does not fit."""
    change, error, named = REFUSED[what]
    scene.hub.change = change
    with pytest.raises(error, match=named):
        scene.havering.client().open_part(scene.events[0], 2)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HubAnswer(404, b""), NotFound),
        (HubAnswer(401, b""), NotAuthorised),
        (HubAnswer(403, b'{"type":"urn:bhr:problem:agreement-not-in-force"}'), NotAuthorised),
        (HubAnswer(0, b""), Unavailable),
        (HubAnswer(503, b"", 5), Unavailable),
        (HubAnswer(200, b'{"a":1,"a":1}'), Unavailable),
    ],
    ids=str,
)
def test_no_part_is_told_as_what_it_is(
    scene: Scene, answer: HubAnswer, error: type[HubError]
) -> None:
    """Refused, missing and not reachable are three things to whoever asks."""
    scene.hub.instead = answer
    with pytest.raises(error):
        scene.havering.client().open_part(scene.events[0], 2)


def test_an_older_key_of_ours_still_opens(scene: Scene) -> None:
    """What was sealed before a key was turned opens with the key that it was sealed to."""
    newer = Borough(FakeHub(), "havering").recipient
    old = scene.havering
    keys = replace(old.keys, own=(newer, old.recipient))
    reach = Reach(old.store, old.trust, scene.hub, old.fences, old.copies)
    client = BoroughClient(old.speaker, keys, old.means, reach)
    assert client.open_part(scene.events[0], 2).part == child("C1").restricted


def test_an_opened_part_is_not_shown_by_accident(scene: Scene) -> None:
    """An opened part that ends up in a log says where it came from, not what is in it."""
    opened = scene.havering.client().open_part(scene.events[0], 2)
    assert "2016-05-04" not in repr(opened)
