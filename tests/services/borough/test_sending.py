"""The outbox: in order, the same bytes again and again, and every kind of answer."""

import pytest

from domain.canonical import JsonValue, canonical
from domain.errors import NotAuthorised
from domain.vocabulary.front_door import ReferralReceived
from domain.wire import AnySigned
from services.borough.sending import TRIES_MAX
from services.hub_door import HubAnswer
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.fake_hub import FakeHub, Judge, events_in, takes_all


def problem(status: int, code: str, **more: JsonValue) -> HubAnswer:
    """Build a problem of the hub's."""
    body = {"status": status, "title": "No", "type": f"urn:bhr:problem:{code}", **more}
    return HubAnswer(status, canonical(body))


def refuses_police(event: AnySigned) -> str | None:
    """Refuse referrals that came from the police."""
    facts = event.data.facts
    by_police = isinstance(facts, ReferralReceived.Facts) and facts.source_code == "6"
    return "not-valid" if by_police else None


@pytest.mark.parametrize("lost", ["silent", "unheard"])
def test_the_same_bytes_are_sent_until_answered(hub: FakeHub, borough: Borough, lost: str) -> None:
    """Whether the question or the answer was lost, the hub gets the same bytes and records once."""
    client = borough.client()
    client.publish([referral()])
    setattr(hub, lost, 3)
    sent = client.send()
    assert (sent.left, sent.refused) == (0, 0)
    assert len(set(hub.received)) == 2
    assert hub.received[:4] == hub.received[:1] * 4
    assert len(hub.standing()) == 1


@pytest.mark.parametrize("judge", [takes_all, refuses_police])
def test_a_hub_that_dies_behind_its_answer_is_asked_again(
    hub: FakeHub, borough: Borough, judge: Judge
) -> None:
    """An answer whose key cannot be had is as none: the same bytes are sent until it can be."""
    client = borough.client()
    client.publish([referral(source_code="6")])
    hub.judge, hub.keyless = judge, 1
    borough.patience.often = 0
    sent = client.send()
    assert (sent.left, sent.recorded, sent.refused) == (2, 0, 0)
    assert client.send().left == 0
    assert hub.received[0] == hub.received[1]


def test_the_waits_grow_and_heed_the_hub(hub: FakeHub, borough: Borough) -> None:
    """A hub that is away is not hammered, and one that says when to come back is listened to."""
    client = borough.client()
    client.publish([referral()])
    hub.silent, hub.unheard = 3, 1
    client.send()
    assert borough.patience.waited == [0.5, 1.0, 2.0, 5.0]


def test_an_absurd_wait_is_cut(hub: FakeHub, borough: Borough) -> None:
    """A hub that asks to be left alone for a year is asked again within the hour."""
    client = borough.client()
    client.publish([referral()])
    hub.problem = HubAnswer(503, b"", 31_536_000)
    borough.patience.often = 1
    client.send()
    assert borough.patience.waited == [3600.0, 3600.0]


def test_patience_ends_and_nothing_is_lost(hub: FakeHub, borough: Borough) -> None:
    """After some tries the client gives up for now; what waits is sent the next time, in order."""
    client = borough.client()
    client.publish([referral("C1")])
    client.publish([referral("C2")])
    hub.silent = TRIES_MAX
    assert client.send().left == 3
    assert client.status().waiting == 3
    assert client.send().left == 0
    documents = dict.fromkeys(hub.received)
    numbers = [int(one["sequence"]) for document in documents for one in events_in(document)]
    assert numbers == sorted(numbers)


def test_who_must_not_wait_does_not(hub: FakeHub, borough: Borough) -> None:
    """A caller without patience is told at once that something is left."""
    client = borough.client()
    client.publish([referral()])
    hub.silent, borough.patience.often = 9, 0
    assert client.send().left == 2
    assert len(hub.received) == 1


def test_a_refused_event_does_not_hold_up_its_neighbours(hub: FakeHub, borough: Borough) -> None:
    """What was refused is reported by event, place and code, and counts as not published."""
    client = borough.client()
    client.publish([referral("C1"), referral("C2", source_code="1A")])
    hub.judge = refuses_police
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.codes) == (3, 1, {"not-valid": 1})
    (refusal,) = client.refusals()
    assert (refusal.place, refusal.code) == ("data.facts", "not-valid")
    assert client.refusals(refusal.number) == []
    hub.judge = takes_all
    again = client.publish([referral("C1"), referral("C2", source_code="1A")])
    assert (again.total("new"), again.total("unchanged")) == (1, 1)
    assert client.send().recorded == 1
    assert len(hub.standing()) == 2


def test_a_refused_correction_leaves_what_stood(hub: FakeHub, borough: Borough) -> None:
    """When a correction is refused the next one corrects what the hub has."""
    client = borough.client()
    client.publish([referral(source_code="1A")])
    client.send()
    client.publish([referral(source_code="6")])
    hub.judge = refuses_police
    client.send()
    hub.judge = takes_all
    assert client.publish([referral(source_code="6")]).total("corrected") == 1
    client.send()
    first, last = (one for one in hub.events.values() if one.data.subjects)
    assert last.supersedes == first.id


@pytest.mark.parametrize("status", [400, 403, 409, 413, 415, 422])
def test_a_submission_refused_as_a_whole_is_kept_and_passed(
    hub: FakeHub, borough: Borough, status: int
) -> None:
    """It is reported with its codes, and the next ones go on."""
    client = borough.client()
    (first,) = client.publish([referral("C1")]).submissions
    hub.problem = problem(
        status, "no-good", faults=[{"code": "bad", "event": -1, "place": "events"}]
    )
    sent = client.send()
    assert (sent.left, sent.refused_whole[0]) == (0, first)
    assert sent.codes["bad"] == len(sent.refused_whole)
    assert {(one.event, one.code) for one in client.refusals()} == {(None, "bad")}
    hub.problem = None
    assert client.publish([referral("C1")]).total("new") == 1
    assert client.send().refused == 0
    assert len(hub.standing()) == 1


def test_a_problem_without_faults_has_its_own_code(hub: FakeHub, borough: Borough) -> None:
    """A refusal always says why."""
    client = borough.client()
    client.publish([referral()])
    hub.problem = problem(403, "signing-key-not-trusted")
    assert set(client.send().codes) == {"signing-key-not-trusted"}


def test_what_a_proxy_says_is_no_refusal(hub: FakeHub, borough: Borough) -> None:
    """Only the hub can refuse: an error page of somebody on the way moves nothing."""
    client = borough.client()
    client.publish([referral()])
    for answer in (
        HubAnswer(403, b"<html>Forbidden</html>"),
        HubAnswer(403, b"[]"),
        HubAnswer(422, b'{"type":"about:blank"}'),
        problem(404, "not-found"),
        problem(500, "unexpected"),
    ):
        hub.problem = answer
        borough.patience.often = 0
        assert client.send().left == 2


def test_a_refused_token_stops_everything(hub: FakeHub, borough: Borough) -> None:
    """An expired token is nobody's fault but its own: nothing is marked, nothing is lost."""
    client = borough.client()
    client.publish([referral()])
    hub.problem = problem(401, "token-expired")
    with pytest.raises(NotAuthorised, match="token-expired"):
        client.send()
    hub.problem = HubAnswer(401, b"")
    with pytest.raises(NotAuthorised, match="token-refused"):
        client.send()
    hub.problem = None
    assert client.send().left == 0


def test_an_acknowledgement_inside_a_refusal_is_checked_and_kept(
    hub: FakeHub, borough: Borough
) -> None:
    """When every event was refused the hub signs that too."""
    client = borough.client()
    client.publish([referral("C0", source_code="1A")])
    client.send()
    (submission,) = client.publish([referral()]).submissions
    hub.judge = refuses_police
    hub.problem = None
    borough.door = _Refusing(hub)
    sent = borough.client().send()
    assert (sent.refused, sent.acknowledged) == (1, [submission])
    assert borough.client().acknowledgement(submission) == hub.answers[str(submission)][1]


class _Refusing(FakeHub):
    """A door that gives the hub's answer inside a problem, as for a batch that is all wrong."""

    def __init__(self, hub: FakeHub) -> None:
        """Stand before a hub."""
        self._hub = hub
        self.listed = hub.listed

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Give the answer inside a problem."""
        answer = self._hub.submit(document, atomic=atomic)
        return HubAnswer(
            422,
            b'{"acknowledgement":%b,"status":422,"type":"urn:bhr:problem:events-refused"}'
            % answer.body,
        )


def test_all_or_nothing_is_asked_for(hub: FakeHub, borough: Borough) -> None:
    """With one event refused none of an atomic submission stands."""
    client = borough.client()
    client.publish([referral("C1"), referral("C2", source_code="1A")], atomic=True)
    hub.judge = refuses_police
    assert client.send().codes == {"not-valid": 1, "held-back": 2}
    assert hub.standing() == []


def test_codes_and_places_of_strangers_are_not_repeated(hub: FakeHub, borough: Borough) -> None:
    """What the hub says reaches reports only when it is spelled as our own codes are."""
    client = borough.client()
    client.publish([referral()])
    fault: JsonValue = {"code": "Ada Lovelace, 4 May 2016", "event": 0, "place": "<b>"}
    hub.problem = problem(422, "submission-refused", faults=[fault, "odd"])
    assert set(client.send().codes) == {"(unreadable)"}
    assert {one.place for one in client.refusals()} == {"(unreadable)"}
