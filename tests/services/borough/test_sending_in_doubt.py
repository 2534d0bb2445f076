"""What nobody can be sure of: answers that were lost, and two processes that send at once."""

import pytest

from domain.canonical import canonical
from services.borough.client import BoroughClient
from services.borough.sending import TRIES_MAX
from services.hub_door import HubAnswer
from tests.services.borough.boroughs import Borough, referral
from tests.services.borough.fake_hub import FakeHub
from tests.services.borough.test_erasing import Answering

REFUSED = HubAnswer(
    403, canonical({"status": 403, "type": "urn:bhr:problem:source-not-registered"})
)


def test_a_refusal_after_a_lost_answer_is_doubted(hub: FakeHub, borough: Borough) -> None:
    """The hub may have taken what it refuses now: told again, it is taken back first."""
    client = borough.client()
    client.publish([referral()])
    hub.unheard, borough.patience.often = 1, 0
    client.send()
    hub.problem = REFUSED
    client.send()
    hub.problem = None
    assert client.publish([referral()]).total("new") == 1
    client.send()
    assert len(hub.standing()) == 1
    assert sum(one.kind_name() == "referral-received" for one in hub.events.values()) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_answer_whose_key_is_refused_now_is_waited_for(
    hub: FakeHub, borough: Borough, status: int
) -> None:
    """The submission stays as it is, is sent again, and its answer believed once the key is had."""
    client = borough.client()
    client.publish([referral()])
    borough.door = Answering(hub, HubAnswer(status, b""))
    sent = borough.client().send()
    assert (sent.recorded, sent.left) == (0, 2)
    assert len(borough.patience.waited) == TRIES_MAX - 1
    borough.door = None
    sent = borough.client().send()
    assert (sent.recorded, sent.left) == (3, 0)


def test_a_problem_that_nobody_can_have_signed_is_no_answer(hub: FakeHub, borough: Borough) -> None:
    """Text that has no UTF-8 form in place of an acknowledgement: wait, and send again."""
    client = borough.client()
    client.publish([referral()])
    hub.problem = HubAnswer(
        422, b'{"acknowledgement":{"a":"\\ud800"},"type":"urn:bhr:problem:refused"}'
    )
    assert client.send().left == 2
    hub.problem = None
    assert client.send().left == 0


def test_a_correction_in_doubt_is_taken_back_alone(hub: FakeHub, borough: Borough) -> None:
    """What it corrected still stands, and is corrected again once the doubt is withdrawn."""
    client = borough.client()
    client.publish([referral(source_code="1A")])
    client.send()
    client.publish([referral(source_code="1B")])
    hub.unheard, borough.patience.often = 1, 0
    client.send()
    hub.problem = REFUSED
    client.send()
    hub.problem = None
    assert client.publish([referral(source_code="1B")]).total("corrected") == 1
    client.send()
    (stands,) = hub.standing()
    assert stands.data.facts.model_dump()["source_code"] == "1B"


def test_the_last_word_stands_when_the_hub_goes_halfway(hub: FakeHub, borough: Borough) -> None:
    """Of what waits the hub takes the first alone; what is told after all of it stands."""
    client = borough.client()
    for code in ("1A", "1B", "1C"):
        client.publish([referral(source_code=code)])
    hub.until_gone, borough.patience.often = 1, 0
    assert client.send().left > 1
    hub.until_gone = None
    client.publish([referral(source_code="2A")])
    client.send()
    (stands,) = hub.standing()
    assert stands.data.facts.model_dump()["source_code"] == "2A"


def test_two_senders_settle_a_submission_once(hub: FakeHub, borough: Borough) -> None:
    """Two processes of a borough may send at once: the second answer is the first again."""
    other = borough.client()
    borough.door = _Meanwhile(hub, other)
    client = borough.client()
    client.publish([referral()])
    sent = client.send()
    assert (sent.recorded, sent.left) == (0, 0)
    assert client.status().counts["events", "referral-received", "recorded"] == 1
    assert len(hub.answers) == 2


def test_two_senders_mark_a_refusal_once(hub: FakeHub, borough: Borough) -> None:
    """What both processes are told to be refused is refused once, and reported once."""
    other = borough.client()
    borough.door = _Meanwhile(hub, other)
    client = borough.client()
    client.publish([referral()])
    hub.problem = REFUSED
    sent = client.send()
    assert (sent.refused, sent.refused_whole, sent.left) == (0, [], 0)
    assert len(client.refusals()) == 2


class _Meanwhile(FakeHub):
    """A door behind which another process sends before our own answer is back."""

    def __init__(self, hub: FakeHub, other: BoroughClient) -> None:
        """Stand before a hub."""
        self._hub = hub
        self._other = other
        self.listed = hub.listed

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Submit ours, let the other send everything, and only then answer."""
        answer = self._hub.submit(document, atomic=atomic)
        self._other.send()
        return answer
