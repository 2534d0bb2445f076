"""Submissions: bounded, signed whole, and all or nothing where that was asked for."""

from dataclasses import replace

import pytest

from domain.errors import Fault, SubmissionRefused
from services.borough.drafting import SubjectDraft
from services.borough.submitting import DOCUMENT_BYTES_MAX, EVENTS_MAX
from tests.services.borough.boroughs import Borough, child, referral
from tests.services.borough.fake_hub import FakeHub, events_in


def test_submissions_are_bounded(hub: FakeHub, borough: Borough) -> None:
    """No submission has more than 500 events or 4 MiB, and none is lost between two."""
    client = borough.client()
    # All of one person's are done at once, however many they are.
    client.publish(
        replace(referral("C"), key=(f"R{number}",), stream=(f"R{number}",))
        for number in range(EVENTS_MAX + 200)
    )
    long = "x" * 4000
    shared, kind = child().shared, referral().kind
    people = tuple(
        SubjectDraft(f"P{at}", "child", shared, kind.Restricted.model_validate({"narrative": long}))
        for at in range(4)
    )
    client.publish(
        replace(referral(f"L{number}"), subjects=(child(f"L{number}"), *people))
        for number in range(300)
    )
    assert client.send().left == 0
    assert max(len(events_in(raw)) for raw in hub.received) == EVENTS_MAX
    assert max(map(len, hub.received)) < DOCUMENT_BYTES_MAX
    assert len(hub.received) > 3
    assert len(hub.standing()) == EVENTS_MAX + 500


def test_all_or_nothing_fits_into_one_or_is_refused(hub: FakeHub, borough: Borough) -> None:
    """What was asked for as a whole is never cut in two, nor sent without what is wrong in it."""
    client = borough.client()
    with pytest.raises(SubmissionRefused) as refusal:
        client.publish((referral(f"C{number}") for number in range(EVENTS_MAX)), atomic=True)
    assert refusal.value.faults == (Fault(-1, "events", "too-many-for-all-or-nothing"),)
    with pytest.raises(SubmissionRefused):
        client.publish([referral(), replace(referral("C2"), subjects=())], atomic=True)
    assert client.status().waiting == 0
    client.publish((referral(f"C{number}") for number in range(EVENTS_MAX - 1)), atomic=True)
    client.send()
    assert [len(events_in(raw)) for raw in hub.received] == [EVENTS_MAX, 1]
