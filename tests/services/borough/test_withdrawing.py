"""Taking a wrong file back: all of it that stands, once, and the right one can follow."""

import uuid

import pytest

from domain.errors import NotFound
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.wire import AnySigned
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.fake_hub import FakeHub, takes_all


def codes(hub: FakeHub) -> list[str | None]:
    """Give the source codes that stand."""
    return [one.data.facts.model_dump().get("source_code") for one in hub.standing()]


def test_everything_of_a_submission_is_taken_back(hub: FakeHub, borough: Borough) -> None:
    """Each event gets a withdrawal in its own stream, with the reason; sessions stay."""
    client = borough.client()
    (submission,) = client.publish([referral("C1"), assessment("C1")]).submissions
    client.send()
    assert client.withdraw(submission, "wrong-file") == 2
    assert client.send().left == 0
    assert hub.standing() == []
    withdrawals = [
        (one.subject, one.supersedes, one.data.facts)
        for one in hub.events.values()
        if isinstance(one.data.facts, RecordWithdrawn.Facts)
    ]
    assert {facts.reason for *_, facts in withdrawals} == {"wrong-file"}
    assert all(hub.events[str(event)].subject == stream for stream, event, _ in withdrawals)


def test_what_stood_before_stands_again(hub: FakeHub, borough: Borough) -> None:
    """A wrong file that corrected facts leaves them as they were, here and at the hub."""
    client = borough.client()
    client.publish([referral(source_code="1A")])
    (wrong,) = client.publish([referral(source_code="1B")]).submissions
    client.send()
    client.withdraw(wrong, "wrong-file")
    client.send()
    assert codes(hub) == ["1A"]
    assert client.publish([referral(source_code="1A")]).total("unchanged") == 1
    assert client.publish([referral(source_code="1C")]).total("corrected") == 1
    client.send()
    assert codes(hub) == ["1C"]


def test_what_was_taken_back_can_be_told_again(hub: FakeHub, borough: Borough) -> None:
    """After a withdrawal the same fact is new: under its own pseudonyms."""
    client = borough.client()
    (wrong,) = client.publish([referral()]).submissions
    client.send()
    (before,) = hub.standing()
    client.withdraw(wrong, "wrong-file")
    assert client.publish([referral()]).total("new") == 1
    client.send()
    (after,) = hub.standing()
    assert after.subject == before.subject
    assert after.supersedes is None


def test_taking_back_twice_is_once(hub: FakeHub, borough: Borough) -> None:
    """A second withdrawal of the same submission finds nothing that stands."""
    client = borough.client()
    (wrong,) = client.publish([referral()]).submissions
    assert client.withdraw(wrong, "wrong-file") == 1
    assert client.withdraw(wrong, "wrong-file") == 0
    client.send()
    assert hub.standing() == []


def test_what_is_still_in_the_outbox_is_taken_back_behind_it(
    hub: FakeHub, borough: Borough
) -> None:
    """A wrong file that was not sent yet is sent and taken back: no number is skipped."""
    client = borough.client()
    (wrong,) = client.publish([referral()]).submissions
    client.withdraw(wrong, "should-never-have-been-sent")
    client.send()
    kinds = [one.kind_name() for one in hub.events.values()]
    assert kinds.index("referral-received") < kinds.index("record-withdrawn")
    assert hub.standing() == []


def test_a_refused_withdrawal_takes_nothing_back(hub: FakeHub, borough: Borough) -> None:
    """When the hub will not take it, what was to be withdrawn still stands, here too."""

    def refuses_withdrawals(event: AnySigned) -> str | None:
        return "no" if event.kind_name() == "record-withdrawn" else None

    client = borough.client()
    (wrong,) = client.publish([referral()]).submissions
    client.send()
    client.withdraw(wrong, "wrong-file")
    hub.judge = refuses_withdrawals
    client.send()
    hub.judge = takes_all
    assert client.publish([referral()]).total("unchanged") == 1
    assert client.withdraw(wrong, "wrong-file") == 1
    client.send()
    assert hub.standing() == []


def test_an_unknown_submission_is_said_to_be_unknown(borough: Borough) -> None:
    """A mistyped id takes nothing back and says so."""
    with pytest.raises(NotFound, match="no such submission"):
        borough.client().withdraw(uuid.UUID(int=7), "wrong-file")


def test_single_events_are_taken_back(hub: FakeHub, borough: Borough) -> None:
    """By their ids, with the reason that is given; others stay."""
    client = borough.client()
    client.publish([referral("C1"), referral("C2")])
    client.send()
    first, second = hub.standing()
    assert client.withdraw_events([uuid.UUID(first.id)], "wrong-key") == 1
    client.send()
    assert hub.standing() == [second]
    assert client.withdraw_events([uuid.UUID(first.id)], "wrong-key") == 0


def test_of_events_that_are_not_ours_nothing_is_taken_back(hub: FakeHub, borough: Borough) -> None:
    """One unknown id among several, and none of them is."""
    client = borough.client()
    client.publish([referral("C1")])
    client.send()
    (event,) = hub.standing()
    with pytest.raises(NotFound, match="event of this source"):
        client.withdraw_events([uuid.UUID(event.id), uuid.UUID(int=7)], "wrong-key")
    client.send()
    assert hub.standing() == [event]


def test_what_should_never_have_been_sent_stays_away(hub: FakeHub, borough: Borough) -> None:
    """A later return that holds it still tells all but it, and of the same child too."""
    client = borough.client()
    client.publish([referral("C1"), assessment("C1")])
    client.send()
    event = next(one for one in hub.standing() if one.kind_name() == "referral-received")
    client.withdraw_events([uuid.UUID(event.id)], "should-never-have-been-sent")
    client.send()
    queued = borough.client().publish([referral("C1", source_code="1A"), assessment("C1")])
    assert (queued.total("erased"), queued.total("unchanged")) == (1, 1)
    assert borough.client().publish([referral("C1", "2023-05-01")]).total("new") == 1


def test_what_a_file_told_is_taken_back(hub: FakeHub, borough: Borough) -> None:
    """As it told it and no other way: what another file has corrected since stands."""
    client = borough.client()
    wrong = [referral("C1"), referral("C2"), referral("C3")]
    client.publish([referral("C0"), *wrong])
    client.publish([referral("C2", source_code="1A")])
    client.send()
    assert client.withdraw_told([*wrong, referral("nobody")], "wrong-file") == 3
    client.send()
    assert sorted(str(code) for code in codes(hub)) == ["1A", "6"]
