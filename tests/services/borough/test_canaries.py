"""Canaries: one an interval, none while one is on its way, and each with its own number."""

from domain.vocabulary.hub import Canary
from domain.wire import AnySigned
from tests.services.borough.boroughs import HOUR_MS, Borough, referral
from tests.services.borough.fake_hub import FakeHub, takes_all


def beats(hub: FakeHub) -> list[int]:
    """Give the numbers of the canaries that the hub has."""
    facts = [one.data.facts for one in hub.events.values()]
    return [one.beat for one in facts if isinstance(one, Canary.Facts)]


def test_one_is_sent_an_hour(hub: FakeHub, borough: Borough) -> None:
    """A quiet borough shows every hour that its feed lives, and not more often."""
    client = borough.client()
    assert client.beat()
    client.send()
    borough.clock.now += HOUR_MS - 1
    assert not client.beat()
    borough.clock.now += 1
    assert client.beat()
    client.send()
    assert beats(hub) == [1, 2]


def test_none_is_added_while_one_is_on_its_way(hub: FakeHub, borough: Borough) -> None:
    """A hub that is away for a night is not met by a night of canaries."""
    client = borough.client()
    assert client.beat()
    borough.clock.now += 9 * HOUR_MS
    assert not client.beat()
    client.send()
    assert client.beat()


def test_publishing_sends_one_too(hub: FakeHub, borough: Borough) -> None:
    """Nobody has to think of them: each publication looks whether it is time."""
    client = borough.client()
    client.publish([referral("C1")])
    client.publish([referral("C2")])
    client.send()
    assert beats(hub) == [1]


def test_a_clock_that_was_set_back_does_not_silence_them(hub: FakeHub, borough: Borough) -> None:
    """A canary from the future is no reason to be silent until then."""
    client = borough.client()
    client.beat()
    client.send()
    borough.clock.now -= 48 * HOUR_MS
    assert client.beat()


def test_a_refused_one_does_not_count(hub: FakeHub, borough: Borough) -> None:
    """Only what the hub acknowledged shows that the path works; the numbers go on."""

    def refuses_canaries(event: AnySigned) -> str | None:
        return "no" if event.kind_name() == "canary" else None

    client = borough.client()
    client.beat()
    hub.judge = refuses_canaries
    client.send()
    hub.judge = takes_all
    assert client.beat()
    client.send()
    assert beats(hub) == [2]


def test_they_are_one_stream(hub: FakeHub, borough: Borough) -> None:
    """All canaries of a source stand in one stream, which is about nobody."""
    client = borough.client()
    for _ in range(2):
        client.beat()
        client.send()
        borough.clock.now += HOUR_MS
    canaries = [one for one in hub.events.values() if one.kind_name() == "canary"]
    assert len({one.subject for one in canaries}) == 1
    assert {one.data.subjects for one in canaries} == {()}


def test_status_says_when_the_last_one_was(hub: FakeHub, borough: Borough) -> None:
    """An operator sees the last canary that the hub acknowledged."""
    client = borough.client()
    assert client.status().canary is None
    client.beat()
    assert client.status().canary is None
    client.send()
    assert client.status().canary == "2023-11-14T22:13:20.000Z"
