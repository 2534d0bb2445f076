"""Erasure at the borough: asked for, tidied up, and never told again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from domain.errors import HomeNotReady, NotAuthorised, NotFound, QuestionRefused, Unavailable
from domain.vocabulary.hub import ErasureRequested
from services.borough.erasing import Recipient
from services.borough.pseudonyms import renew
from services.hub_door import HubAnswer
from tests.services.borough.boroughs import HOUR_MS, Borough, assessment, child, referral
from tests.services.borough.erasures import (
    DESTROYED,
    NEWER,
    WISH,
    asked,
    erased,
    pseudonyms,
    pseudonyms_here,
    returned,
    waiting_in,
)
from tests.services.borough.fake_hub import FakeHub


def test_a_request_names_every_pseudonym_of_a_child(hub: FakeHub, borough: Borough) -> None:
    """By whatever ids our systems know the child, and in all generations; and nothing else."""
    returned(borough, referral("C1"), referral("mash:77"), referral("C2"))
    first, second, _ = pseudonyms(hub)
    with borough.store.transaction():
        renew(borough.store.pseudonyms, ("person", "C1"))
    returned(borough, referral("C1", NEWER), referral("mash:77"), referral("C2"))
    event = hub.events[str(asked(borough, "C1", "mash:77"))]
    assert isinstance(event.data.facts, ErasureRequested.Facts)
    assert event.data.facts.by_participant == "havering"
    named = [one.pseudonym for one in event.data.subjects]
    assert len(named) == 3
    assert set(named) == {first, second, *pseudonyms_here(borough, "C1")}


def test_a_child_who_was_never_published_is_not_asked_for(borough: Borough) -> None:
    """A mistyped id asks for nothing, and says so."""
    with pytest.raises(NotFound, match="no such child that was published"):
        borough.client().request_erasure(("nobody",), WISH)
    assert borough.client().tidy() == []


def test_more_pseudonyms_than_an_event_holds_are_refused(borough: Borough) -> None:
    """A request is one event, and one event is about 31 persons at most."""
    returned(borough, *(referral(f"C{number}") for number in range(32)))
    with pytest.raises(QuestionRefused, match="more-pseudonyms-than-one-event-holds"):
        borough.client().request_erasure(tuple(f"C{number}" for number in range(32)), WISH)


def test_nothing_goes_here_before_the_hub_destroyed(hub: FakeHub, borough: Borough) -> None:
    """Until then everything stays as it is, and what the hub says is told."""
    returned(borough, referral("C1"))
    request = asked(borough)
    (told,) = borough.client().tidy()
    assert (told.request, told.stage, told.tidied) == (request, "unknown", False)
    hub.erasures[str(request)] = {"request": str(request), "state": "held"}
    (told,) = borough.client().tidy()
    assert (told.stage, told.tidied) == ("held", False)
    assert returned(borough, referral("C1")) == {"unchanged": 1}


def test_tidying_says_what_the_hub_says(hub: FakeHub, borough: Borough) -> None:
    """When it was destroyed, when the last backup lapses, and who fetched and has not confirmed."""
    returned(borough, referral("C1"))
    request = asked(borough)
    hub.destroy(request)
    (told,) = borough.client().tidy()
    assert (told.stage, told.destroyed, told.lapses) == ("destroyed", DESTROYED, "2023-12-19")
    assert told.recipients == (Recipient("redbridge", fetched=1, confirmed=0),)
    assert borough.client().tidy() == []


def test_the_erased_past_is_never_sent_again(hub: FakeHub, borough: Borough) -> None:
    """The same return again: nothing of the child is sent, nothing is gone, and it is reported."""
    whole = (referral("C1"), assessment("C1"), referral("C2"))
    returned(borough, *whole)
    erased(borough)
    sent = len(hub.received)
    assert returned(borough, *whole) == {"erased": 2, "unchanged": 1}
    assert len(hub.received) == sent
    changed = (referral("C1", source_code="1A"), referral("C1", "2023-10-30"), referral("C2"))
    assert returned(borough, *changed) == {"erased": 2, "unchanged": 1}
    assert len(hub.received) == sent


def test_what_is_newer_is_sent_under_a_new_pseudonym(hub: FakeHub, borough: Borough) -> None:
    """A fence never keeps a later risk from being shared; a streak of it goes on as one child."""
    returned(borough, referral("C1"))
    (before,) = pseudonyms(hub)
    erased(borough)
    assert returned(borough, referral("C1"), referral("C1", NEWER)) == {"erased": 1, "new": 1}
    assert returned(borough, referral("C1", NEWER), assessment("C1", NEWER)) == {
        "unchanged": 1,
        "new": 1,
    }
    after = pseudonyms(hub)
    assert len(set(after)) == 1
    assert before not in after
    assert not hub.fenced & {event.subject for event in hub.standing()}


def test_of_the_day_itself_only_what_was_published_is_erased(
    hub: FakeHub, borough: Borough
) -> None:
    """What happened that day and was not told yet may be a later risk."""
    returned(borough, referral("C1"), referral("C1", DESTROYED))
    erased(borough)
    told = (referral("C1", DESTROYED), assessment("C1", DESTROYED))
    assert returned(borough, *told) == {"erased": 1, "new": 1}


def test_a_second_erasure_covers_what_came_after_the_first(hub: FakeHub, borough: Borough) -> None:
    """The new pseudonym is asked for alone, and its events go too."""
    returned(borough, referral("C1"))
    erased(borough)
    returned(borough, referral("C1", NEWER))
    request = asked(borough)
    assert len(hub.events[str(request)].data.subjects) == 1
    borough.clock.now += 60 * 24 * HOUR_MS
    hub.destroy(request, at="2024-01-05T10:00:00Z")
    borough.client().tidy()
    told = (referral("C1"), referral("C1", NEWER), referral("C1", "2024-01-06"))
    assert returned(borough, *told) == {"erased": 2, "new": 1}


def test_a_sibling_stays(hub: FakeHub, borough: Borough) -> None:
    """Of an event about two, the one who is not erased is told still, and nothing is sent anew."""
    both = replace(referral("C1"), subjects=(child("C1"), child("C2")))
    other = replace(referral("C2", "2023-05-01"), subjects=(child("C2"), child("C1")))
    returned(borough, both, other)
    erased(borough)
    sent = len(hub.received)
    assert returned(borough, both, other) == {"unchanged": 2}
    assert len(hub.received) == sent
    changed = replace(both, facts=referral("C1", source_code="1A").facts)
    assert returned(borough, changed, other) == {"corrected": 1, "unchanged": 1}
    last = list(hub.events.values())[-1]
    assert [one.pseudonym for one in last.data.subjects] == [*pseudonyms_here(borough, "C2")]


def test_what_waits_is_sent_without_the_erased(hub: FakeHub, borough: Borough) -> None:
    """Others' events go to the byte as they were, no number is missing, newer ones are renamed."""
    returned(borough, referral("C1"), referral("C2"))
    request = asked(borough)
    hub.destroy(request)
    client = borough.client()
    client.publish(
        [referral("C1", "2023-06-01"), referral("C2", "2023-06-01"), referral("C1", NEWER)]
    )
    (old,) = pseudonyms_here(borough, "C1")
    (waiting,) = waiting_in(borough)
    (told,) = client.tidy()
    assert told.tidied
    (again,) = waiting_in(borough)
    assert old.encode() in waiting
    assert old.encode() not in again
    kept = json.loads(waiting)["events"][1]
    assert kept in json.loads(again)["events"]
    client.send()
    numbers = sorted(int(event.sequence) for event in hub.events.values())
    assert numbers[-3:] == list(range(numbers[-3], numbers[-3] + 3))
    assert returned(
        borough, referral("C1", NEWER), referral("C2", "2023-06-01"), referral("C2")
    ) == {"unchanged": 3}


def test_a_request_that_waits_is_taken_back_with_the_child(hub: FakeHub, borough: Borough) -> None:
    """Erased by one request while another was on its way: it names nobody any more."""
    returned(borough, referral("C1"))
    request = asked(borough)
    hub.destroy(request)
    client = borough.client()
    client.request_erasure(("C1",), WISH)
    client.tidy()
    assert client.send().refused <= 1
    assert not any(
        text in hub.received[-1].decode() for text in hub.fenced if text in pseudonyms(hub)
    )
    assert [one.stage for one in client.tidy()] == ["unknown"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"request":"00000000-0000-7000-8000-000000000000","state":"destroyed"}',
        b'{"destroyed":"yesterday","request":"REQUEST","state":"destroyed"}',
        b'{"request":"REQUEST","state":"destroyed"}',
        b'{"request":"REQUEST","state":"gone"}',
    ],
)
def test_an_answer_that_cannot_be_read_forgets_nobody(
    hub: FakeHub, borough: Borough, body: bytes
) -> None:
    """Whatever a hub answers: without a day, of another request, or no JSON at all."""
    returned(borough, referral("C1"))
    request = asked(borough)
    borough.door = Answering(hub, HubAnswer(200, body.replace(b"REQUEST", str(request).encode())))
    with pytest.raises(Unavailable, match="the hub's answer for an erasure"):
        borough.client().tidy()
    borough.door = Answering(hub, HubAnswer(0, b""))
    with pytest.raises(Unavailable):
        borough.client().tidy()
    borough.door = Answering(hub, HubAnswer(403, b""))
    with pytest.raises(NotAuthorised):
        borough.client().tidy()
    borough.door = None
    assert returned(borough, referral("C1")) == {"unchanged": 1}


def test_a_day_that_has_not_come_forgets_nobody(hub: FakeHub, borough: Borough) -> None:
    """Else a hub's mistake would keep every later risk of the child from being shared."""
    returned(borough, referral("C1"))
    request = asked(borough)
    hub.destroy(request, at="2023-11-15T00:00:00.000Z")
    with pytest.raises(HomeNotReady, match="2023-11-15, which has not come; nobody was forgotten"):
        borough.client().tidy()
    assert returned(borough, referral("C1")) == {"unchanged": 1}
    borough.clock.now += 2 * HOUR_MS
    assert [one.tidied for one in borough.client().tidy()] == [True]


def test_a_request_that_does_not_count_stops_no_other(hub: FakeHub, borough: Borough) -> None:
    """One that the hub does not take from this body is told as such; whoever was erased goes."""
    returned(borough, referral("C1"), referral("C2"))
    first, second = asked(borough, "C1"), asked(borough, "C2")
    hub.destroy(second)
    hub.uncounted.add(str(first))
    told = {one.request: (one.stage, one.tidied) for one in borough.client().tidy()}
    assert told == {first: ("not-counted", False), second: ("destroyed", True)}


@dataclass
class Answering:
    """The `PostingDoor` port onto a hub that answers every question alike."""

    hub: FakeHub
    answer: HubAnswer

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Take a submission."""
        return self.hub.submit(document, atomic=atomic)

    def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> HubAnswer:
        """Answer."""
        return self.answer

    def post(self, path: str, document: bytes) -> HubAnswer:
        """Answer."""
        return self.answer
