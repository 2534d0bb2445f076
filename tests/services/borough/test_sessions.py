"""Sealing sessions: how long one is used, to whom it is sealed, when its secret is forgotten."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from adapters.keys import encapsulation
from domain.canonical import JsonValue, canonical
from domain.errors import NotTrusted, Unavailable
from domain.reference.body_keys import fingerprint
from domain.values import to_text
from domain.wire import AnySigned
from services.borough.sessions import DAY_MS, PARTS_MAX
from services.client_ports import OpenSession
from services.hub_door import HubAnswer
from tests.fakes_borough_store import MemoryBoroughStore
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.fake_hub import FakeHub, takes_all


@dataclass
class Answering:
    """A door behind which the hub takes what is sent, and answers every question alike."""

    hub: FakeHub
    answer: HubAnswer

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Let the hub take it."""
        return self.hub.submit(document, atomic=atomic)

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Post as the hub takes it."""
        return self.hub.post(path, document)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Give the one answer."""
        return self.answer


@pytest.fixture
def store() -> MemoryBoroughStore:
    """Give an empty store."""
    return MemoryBoroughStore()


@pytest.fixture
def borough(hub: FakeHub, store: MemoryBoroughStore) -> Borough:
    """Give a borough with that store."""
    return Borough(hub, store=store)


def published(borough: Borough, *persons: str, recipients: tuple[str, ...] = ()) -> list[str]:
    """Publish a referral of each person; gives the sessions that they were sealed in."""
    client = borough.client()
    client.publish([replace(referral(person), recipients=recipients) for person in persons])
    assert client.send().left == 0
    found = {
        event.data.subjects[0].pseudonym: event.sealingsession or ""
        for event in borough.hub.events.values()
        if event.data.subjects
    }
    return list(found.values())[-len(persons) :]


def test_a_session_is_opened_before_what_is_sealed_in_it(borough: Borough, hub: FakeHub) -> None:
    """The hub knows a session, whose stream bears its id, before the first part that names it."""
    (session,) = published(borough, "C1")
    kinds = [event.kind_name() for event in hub.events.values()]
    assert kinds[:2] == ["sealing-session-opened", "referral-received"]
    assert next(iter(hub.events.values())).subject == session
    numbers = [int(event.sequence) for event in hub.events.values()]
    assert numbers == sorted(numbers)


def test_a_restart_goes_on_with_the_session(borough: Borough) -> None:
    """One secret serves a day of parts, whether or not the client is started again."""
    first = published(borough, "C1", "C2")
    assert len({*first, *published(borough, "C3")}) == 1


@pytest.mark.parametrize("passed", [DAY_MS, -1], ids=["a day later", "clock set back"])
def test_a_session_is_turned(borough: Borough, passed: int) -> None:
    """No secret is used for more than a day, whatever the clock does."""
    first = published(borough, "C1")
    borough.clock.now += passed
    assert published(borough, "C2") != first


def test_a_session_is_full_at_its_bound(borough: Borough, store: MemoryBoroughStore) -> None:
    """After ten thousand parts there is another secret."""
    first = published(borough, "C1")
    store.sessions.rows = [replace(row, parts=PARTS_MAX - 1) for row in store.sessions.rows]
    assert published(borough, "C2") == first
    assert published(borough, "C3") != first


def test_a_secret_is_kept_no_longer_than_its_session(
    borough: Borough, store: MemoryBoroughStore
) -> None:
    """When a session is turned its secret is nowhere here: parts open by their encapsulations."""
    published(borough, "C1")
    (before,) = store.sessions.rows
    borough.clock.now += DAY_MS
    published(borough, "C2")
    (after,) = store.sessions.rows
    assert before.secret != after.secret
    assert before.secret not in [row.secret for row in store.sessions.rows]


def test_a_session_never_shows_its_secret() -> None:
    """A row that ends up in a log shows no secret."""
    row = OpenSession(b"s" * 32, ("havering",), b"SECRET".ljust(32), 0, uuid.UUID(int=7))
    assert "SECRET" not in repr(row)


def test_a_refused_session_is_not_used_again(borough: Borough, hub: FakeHub) -> None:
    """A session that the hub does not know would make every part in it refused."""

    def refuses_sessions(event: AnySigned) -> str | None:
        return "no" if event.kind_name() == "sealing-session-opened" else None

    hub.judge = refuses_sessions
    client = borough.client()
    client.publish([referral("C1")])
    assert client.send().codes == {"no": 1, "not-opened-by-this-source": 1}
    hub.judge = takes_all
    client.publish([referral("C1")])
    sent = client.send()
    assert (sent.recorded, sent.refused) == (2, 0)


def test_it_is_sealed_to_controller_and_recipients(borough: Borough, hub: FakeHub) -> None:
    """Whom an event names may open it, beside the controller, and nobody else."""
    redbridge = Borough(hub, "redbridge")
    borough.vouch("redbridge", "recipient", redbridge.recipient.public)
    (session,) = published(borough, "C1", recipients=("redbridge",))
    (alone,) = published(borough, "C2")
    assert [one.participant for one in hub.sessions[session].recipients] == [
        "havering",
        "redbridge",
    ]
    assert [one.participant for one in hub.sessions[alone].recipients] == ["havering"]


def test_a_substituted_key_is_not_believed(
    borough: Borough, hub: FakeHub, store: MemoryBoroughStore
) -> None:
    """A hub that hands out a key of its own as a borough's gets nothing sealed to it."""
    redbridge = Borough(hub, "redbridge")
    borough.vouch("redbridge", "recipient", redbridge.recipient.public)
    hub.listed["redbridge"] = [("recipient", encapsulation.generate()[1])]
    with pytest.raises(NotTrusted, match="recipient's key is not trusted"):
        borough.client().publish([replace(referral(), recipients=("redbridge",))])
    assert hub.received == []
    assert store.outbox.waiting() == 0
    assert store.outbox.next_sequence == 1
    assert store.pseudonyms.rows == {}


def test_a_key_is_believed_for_its_own_body_and_purpose(borough: Borough, hub: FakeHub) -> None:
    """A fingerprint that was given for one body does not vouch for another, nor for signing."""
    redbridge = Borough(hub, "redbridge")
    borough.vouch("bexley", "recipient", redbridge.recipient.public)
    borough.vouch("redbridge", "signing", redbridge.recipient.public)
    with pytest.raises(NotTrusted):
        borough.client().publish([replace(referral(), recipients=("redbridge",))])


def test_the_newest_trusted_key_is_used(borough: Borough, hub: FakeHub) -> None:
    """After a body has turned its key the one that was vouched for last is sealed to."""
    _, newer = encapsulation.generate()
    redbridge = Borough(hub, "redbridge")
    for public in (redbridge.recipient.public, newer):
        borough.vouch("redbridge", "recipient", public)
    hub.listed["redbridge"] = [("recipient", newer), ("recipient", redbridge.recipient.public)]
    (session,) = published(borough, "C1", recipients=("redbridge",))
    key = hub.sessions[session].recipients[1].key
    assert key == to_text(fingerprint("recipient", newer))


@pytest.mark.parametrize(
    "answer",
    [
        HubAnswer(0, b""),
        HubAnswer(503, b"", 5),
        HubAnswer(200, b"not json"),
        HubAnswer(200, b'{"keys":[],"keys":[]}'),
        HubAnswer(200, b'{"keys":"none","participant":"redbridge"}'),
    ],
    ids=str,
)
def test_without_an_answer_nothing_is_queued(
    borough: Borough, hub: FakeHub, answer: HubAnswer
) -> None:
    """While keys cannot be had the caller is told, and nothing of the stretch is half there."""
    borough.door = Answering(hub, answer)
    client = borough.client()
    with pytest.raises(Unavailable):
        client.publish([replace(referral(), recipients=("redbridge",))])
    assert client.status().waiting == 0
    client.publish([referral()])
    assert client.status().waiting == 2


def test_a_key_that_is_spelled_wrong_is_passed_over(borough: Borough, hub: FakeHub) -> None:
    """One key of a list that cannot be read does not hide the one that is trusted."""
    redbridge = Borough(hub, "redbridge")
    borough.vouch("redbridge", "recipient", redbridge.recipient.public)
    odd: JsonValue = {"fingerprint": "A" * 43, "public": "B" * 43, "purpose": "recipient"}
    good: JsonValue = {
        "fingerprint": "A" * 43,
        "public": to_text(redbridge.recipient.public),
        "purpose": "recipient",
    }
    listed = canonical({"keys": [odd, good], "participant": "redbridge"})
    borough.door = Answering(hub, HubAnswer(200, listed))
    client = borough.client()
    client.publish([replace(referral(), recipients=("redbridge",))])
    assert client.status().waiting == 2


def test_keys_of_another_body_are_no_answer(borough: Borough, hub: FakeHub) -> None:
    """An answer about another body is not believed, whoever is vouched for."""
    redbridge = Borough(hub, "redbridge")
    borough.vouch("redbridge", "recipient", redbridge.recipient.public)
    borough.door = Answering(hub, hub.get("/v1/participants/havering/keys"))
    with pytest.raises(NotTrusted):
        borough.client().publish([replace(referral(), recipients=("redbridge",))])
