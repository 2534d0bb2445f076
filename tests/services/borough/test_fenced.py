"""Refused as `fenced`: erased before we were told of it; what is newer goes out all the same."""

import uuid
from dataclasses import replace

from services.borough.erasing import Wish
from tests.fakes_borough_store import MemoryBoroughStore
from tests.services.borough.boroughs import HOUR_MS, Borough, assessment, child, referral
from tests.services.borough.erasures import (
    NEWER,
    WISH,
    asked,
    pseudonyms,
    pseudonyms_here,
    returned,
    waiting_in,
)
from tests.services.borough.fake_hub import FakeHub, events_in


def test_what_is_newer_goes_out_again_at_once(hub: FakeHub, borough: Borough) -> None:
    """In the same `send`: under a new pseudonym, by the same id, sealed as it was."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", NEWER), referral("C2", NEWER)])
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced, sent.left) == (2, 0, 1, 0)
    assert sent.codes == {}
    assert not hub.fenced & set(pseudonyms(hub))
    (again,) = [
        one
        for one in hub.standing()
        if one.data.subjects[0].pseudonym in pseudonyms_here(borough, "C1")
    ]
    refused = next(one for one in events_in(hub.received[-2]) if one["id"] == again.id)
    assert refused["subject"] != again.subject
    opened = client.open_part(uuid.UUID(again.id), 2)
    assert opened.part.local_id == "C1"


def test_the_erased_past_does_not_go_out_again(hub: FakeHub, borough: Borough) -> None:
    """A correction of what was erased is refused, and nothing of it is sent from then on."""
    returned(borough, referral("C1"), assessment("C1", "2023-04-20"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", source_code="1A"), referral("C1", "2023-04-19")])
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced) == (0, 0, 2)
    count = len(hub.received)
    told = (referral("C1", source_code="1A"), assessment("C1", "2023-04-20"))
    assert returned(borough, *told, referral("C1", "2023-04-21")) == {"erased": 2, "new": 1}
    assert len(hub.received) == count + 1


def test_it_goes_out_again_once(hub: FakeHub, borough: Borough) -> None:
    """A hub that fences the new pseudonym as well is not asked for ever."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    client.publish([referral("C1", NEWER)])
    hub.judge = lambda event: "fenced" if event.data.subjects else None
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced) == (0, 1, 1)
    assert sent.codes == {"fenced": 1}


def test_all_that_waits_is_named_anew(hub: FakeHub, borough: Borough) -> None:
    """Submissions behind the refused one go out under the new pseudonym, and none is refused."""
    returned(borough, referral("C1"))
    hub.fence(set(pseudonyms(hub)))
    client = borough.client()
    for number in range(1, 4):
        client.publish([referral("C1", f"2023-12-0{number}"), referral("C2", f"2023-12-0{number}")])
    assert len(waiting_in(borough)) == 3
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced) == (6, 0, 1)
    assert len(set(pseudonyms(hub))) == 2


def test_only_the_stream_may_be_fenced(hub: FakeHub, borough: Borough) -> None:
    """A stream whose persons were all erased: who joins it later is told under a new stream."""
    returned(borough, referral("C1"))
    (event,) = hub.standing()
    hub.fenced.add(event.subject)
    client = borough.client()
    client.publish([referral("C1", source_code="1A")])
    sent = client.send()
    assert (sent.recorded, sent.refused, sent.fenced) == (1, 0, 1)
    (old, new) = hub.standing()
    assert old.subject != new.subject
    assert old.data.subjects[0].pseudonym == new.data.subjects[0].pseudonym
    assert new.supersedes is None


def test_of_several_persons_only_who_is_named_is_forgotten(hub: FakeHub, borough: Borough) -> None:
    """A sibling keeps pseudonym and past; where nobody is named, nobody is forgotten."""
    both = replace(referral("C1", NEWER), subjects=(child("C1"), child("C2")))
    returned(borough, referral("C1"), referral("C2"))
    before = pseudonyms_here(borough, "C2")
    hub.fence(set(pseudonyms_here(borough, "C1")))
    client = borough.client()
    client.publish([both])
    assert (client.send().fenced, pseudonyms_here(borough, "C2")) == (1, before)
    kept = pseudonyms_here(borough, "C1")
    hub.judge = lambda event: "fenced" if len(event.data.subjects) > 1 else None
    client.publish([replace(both, facts=referral("C1", NEWER, source_code="1A").facts)])
    client.send()
    assert pseudonyms_here(borough, "C1") == kept
    assert pseudonyms_here(borough, "C2") == before
    assert returned(borough, referral("C1"), referral("C2")) == {"erased": 1, "unchanged": 1}


def test_tidying_afterwards_leaves_the_new_pseudonym(hub: FakeHub, borough: Borough) -> None:
    """Learnt by the refusal first and by the answer later: what was sent since stays."""
    returned(borough, referral("C1"))
    request = asked(borough)
    hub.destroy(request)
    returned(borough, referral("C1", NEWER))
    before = pseudonyms_here(borough, "C1")
    (told,) = borough.client().tidy()
    assert told.tidied
    assert pseudonyms_here(borough, "C1") == before
    assert returned(borough, referral("C1"), referral("C1", NEWER)) == {"erased": 1, "unchanged": 1}


def test_the_erasure_s_day_is_heeded_although_nobody_is_left(
    hub: FakeHub, borough: Borough
) -> None:
    """Forgotten by the refusal, the child is fenced at the day that the hub tells later."""
    returned(borough, referral("C1"))
    hub.destroy(asked(borough))
    newer = (referral("C1", NEWER), assessment("C1", NEWER))
    returned(borough, referral("C1"), *newer[:1])
    before = pseudonyms_here(borough, "C1")
    (told,) = borough.client().tidy()
    assert told.tidied
    older = referral("C1", "2023-06-01")
    assert returned(borough, referral("C1"), older, *newer) == {
        "erased": 2,
        "unchanged": 1,
        "new": 1,
    }
    assert pseudonyms_here(borough, "C1") == before
    borough.store = MemoryBoroughStore()
    assert returned(borough, older, *newer) == {"erased": 1, "new": 2}


def test_a_second_request_is_not_dated_by_the_first(hub: FakeHub, borough: Borough) -> None:
    """Who was forgotten for one request is fenced at that one's day, and told of from then on."""
    returned(borough, referral("C1"))
    first, second = asked(borough), asked(borough)
    hub.destroy(first)
    borough.client().tidy()
    borough.clock.now += 60 * 24 * HOUR_MS
    hub.destroy(second, at="2024-01-05T10:00:00.000Z")
    borough.client().tidy()
    assert returned(borough, referral("C1"), referral("C1", NEWER)) == {"erased": 1, "new": 1}


def test_after_a_mis_sent_event_the_rest_is_told_again(hub: FakeHub, borough: Borough) -> None:
    """What should never have been sent is taken back, the child erased, the rest republished."""
    (submission,) = borough.client().publish([referral("C1")]).submissions
    returned(borough, referral("C1"), assessment("C1"))
    borough.client().withdraw(submission, "should-never-have-been-sent")
    assert returned(borough, referral("C1"), assessment("C1")) == {"erased": 1, "unchanged": 1}
    request = asked(borough, wish=Wish("mis-sent", WISH.office, WISH.waiting_until))
    hub.destroy(request)
    borough.client().tidy()
    assert returned(borough, referral("C1"), assessment("C1")) == {"erased": 1, "new": 1}
    assert returned(borough, referral("C1"), assessment("C1")) == {"erased": 1, "unchanged": 1}
    (event,) = hub.standing()
    assert event.kind_name() == "assessment-started"
