"""What waited with its correction when a person was erased: one fact stands once afterwards."""

import uuid
from dataclasses import replace

import pytest

from services.borough.erasing import Wish
from tests.services.borough.boroughs import Borough, assessment, child, referral
from tests.services.borough.erasures import (
    NEWER,
    WISH,
    asked,
    pseudonyms,
    pseudonyms_here,
    returned,
)
from tests.services.borough.fake_hub import FakeHub, takes_all


def codes(hub: FakeHub) -> list[str | None]:
    """Give the source code of each referral that stands."""
    return [getattr(event.data.facts, "source_code", None) for event in hub.standing()]


def wait_twice(borough: Borough, *drafted: str) -> None:
    """Have a newer referral wait, and behind it each correction of it."""
    client = borough.client()
    for code in drafted:
        client.publish([referral("C1", NEWER, source_code=code)])


def test_refused_as_fenced_a_fact_and_its_correction_stand_once(
    hub: FakeHub, borough: Borough
) -> None:
    """What goes out again goes first, so that what waits behind it still corrects it."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    wait_twice(borough, "6", "1A", "1B")
    sent = borough.client().send()
    assert (sent.recorded, sent.refused, sent.fenced, sent.left) == (3, 0, 1, 0)
    assert codes(hub) == ["1B"]
    assert returned(borough, referral("C1", NEWER, source_code="2A")) == {"corrected": 1}
    assert codes(hub) == ["2A"]


def test_both_in_one_refused_submission_stand_once(hub: FakeHub, borough: Borough) -> None:
    """The correction goes out again as one, in the same submission as what it corrects."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    borough.client().publish([referral("C1", NEWER), referral("C1", NEWER, source_code="1A")])
    sent = borough.client().send()
    assert (sent.recorded, sent.fenced) == (2, 2)
    assert codes(hub) == ["1A"]


def test_tidied_up_a_fact_and_its_correction_stand_once(hub: FakeHub, borough: Borough) -> None:
    """Both waited while the keys were destroyed, and both are named anew."""
    returned(borough, referral("C1"))
    request = asked(borough)
    hub.destroy(request)
    wait_twice(borough, "6", "1A")
    (told,) = borough.client().tidy()
    assert told.tidied
    borough.client().send()
    assert codes(hub) == ["1A"]
    assert returned(borough, referral("C1", NEWER, source_code="2A")) == {"corrected": 1}
    assert codes(hub) == ["2A"]


def test_of_two_corrections_of_what_was_erased_the_later_stands(
    hub: FakeHub, borough: Borough
) -> None:
    """What they corrected went for a mis-sent event: the first begins the fact anew."""
    returned(borough, referral("C1", NEWER))
    request = asked(borough, wish=Wish("mis-sent", WISH.office, WISH.waiting_until))
    hub.destroy(request)
    wait_twice(borough, "1A", "1B")
    borough.client().tidy()
    borough.client().send()
    assert codes(hub) == ["1B"]
    assert returned(borough, referral("C1", NEWER, source_code="1B")) == {"unchanged": 1}


def test_a_correction_of_what_a_sibling_keeps_stays_one(hub: FakeHub, borough: Borough) -> None:
    """Where the event stands for another person still, it is corrected and not told beside it."""
    both = replace(referral("C1", NEWER), subjects=(child("C1"), child("C2")))
    returned(borough, both)
    request = asked(borough, wish=Wish("mis-sent", WISH.office, WISH.waiting_until))
    hub.destroy(request)
    changed = replace(both, facts=referral("C1", NEWER, source_code="1A").facts)
    borough.client().publish([changed])
    borough.client().tidy()
    borough.client().send()
    assert codes(hub) == ["1A"]


def test_all_or_nothing_goes_out_again_as_one(hub: FakeHub, borough: Borough) -> None:
    """The neighbours that were held back go with what was fenced, still all or nothing."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", NEWER), referral("C2", NEWER)], atomic=True)
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced, sent.left) == (2, 0, 2, 0)
    assert len(set(pseudonyms(hub))) == 2
    assert returned(borough, referral("C1"), referral("C1", NEWER), referral("C2", NEWER)) == {
        "erased": 1,
        "unchanged": 2,
    }


def test_sent_again_it_is_still_all_or_nothing(hub: FakeHub, borough: Borough) -> None:
    """Where a neighbour is at fault now, none of it is recorded."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", NEWER), referral("C2", NEWER)], atomic=True)
    hub.until_gone = 1
    borough.patience.often = 0
    client.send()
    hub.until_gone = None
    borough.patience.often = 20
    here = pseudonyms_here(borough, "C2")
    hub.judge = lambda event: (
        "not-valid" if {one.pseudonym for one in event.data.subjects} & set(here) else None
    )
    sent = client.send()
    assert (sent.recorded, sent.refused) == (0, 2)
    assert hub.standing() == []


def test_all_or_nothing_with_another_fault_is_refused(hub: FakeHub, borough: Borough) -> None:
    """What would be refused again does not go out; the child is forgotten all the same."""
    returned(borough, referral("C1"), referral("C2"))
    before = pseudonyms_here(borough, "C1")
    hub.fence(set(before))
    client = borough.client()
    client.publish([referral("C1", NEWER), referral("C2", NEWER)], atomic=True)
    hub.judge = lambda event: "not-valid" if event.data.subjects else None
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced, sent.left) == (0, 2, 0, 0)
    hub.judge = takes_all
    newer = (referral("C1", NEWER), referral("C2", NEWER))
    assert returned(borough, referral("C1"), referral("C2"), *newer) == {
        "erased": 1,
        "unchanged": 1,
        "new": 2,
    }
    assert not set(before) & set(pseudonyms_here(borough, "C1"))


def test_what_goes_out_again_takes_back_what_it_took_back(hub: FakeHub, borough: Borough) -> None:
    """A fact whose key changed, told all or nothing: the old one does not stand beside the new."""
    returned(borough, referral("C1"), referral("C2", source_code="1A"))
    hub.fence(set(pseudonyms_here(borough, "C1")))
    client = borough.client()
    moved = replace(
        referral("C2", source_code="1A"), stream=("C2", "another"), facts=referral("C2").facts
    )
    client.publish([referral("C1", NEWER), moved], atomic=True)
    sent = client.send()
    assert (sent.refused, sent.left) == (0, 0)
    assert sorted(filter(None, codes(hub))) == ["6", "6"]
    assert returned(borough, referral("C1", NEWER), moved) == {"unchanged": 2}


@pytest.mark.parametrize("tidied", [False, True])
def test_a_withdrawal_that_waited_takes_back_what_is_renamed(
    hub: FakeHub, borough: Borough, *, tidied: bool
) -> None:
    """Its stream was fenced as well: what was withdrawn before it was sent does not stand."""
    first = referral("C1")
    returned(borough, first)
    hub.destroy(asked(borough))
    client = borough.client()
    newer = replace(assessment("C1", NEWER), stream=first.stream)
    (submission,) = client.publish([newer]).submissions
    client.withdraw(submission, "wrong-file")
    if tidied:
        client.tidy()
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.left) == (2, 0, 0)
    assert hub.standing() == []
    assert returned(borough, newer) == {"new": 1}


def test_a_withdrawal_of_what_was_erased_goes_with_it(hub: FakeHub, borough: Borough) -> None:
    """There is nothing left to be taken back, and nothing is refused."""
    returned(borough, referral("C1"))
    (event,) = hub.standing()
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", NEWER)])
    client.withdraw_events([uuid.UUID(event.id)], "wrong-file")
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.left) == (1, 0, 0)
    assert [one.time for one in hub.standing()] == [f"{NEWER}T09:00:00Z"]
