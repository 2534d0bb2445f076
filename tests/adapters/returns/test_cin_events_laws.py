"""What holds of the events of any child that a return can give."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.returns.cin_child import Child
from adapters.returns.cin_events import events_of
from services.borough.drafting import Tagged, Tagging
from tests.adapters.returns.test_cin_round_trip import children_of_a_file
from tests.inside_documents import texts

DAY = re.compile(r"\d{4}-\d\d-\d\d")
NAMED = "child:"  # no code begins so

todays = st.dates(date(1985, 1, 1), date(2100, 12, 31))
children = children_of_a_file.map(
    lambda drawn: replace(drawn[0], la_child_id=f"{NAMED}{drawn[0].la_child_id}"[:64])
)


@settings(max_examples=200)
@given(children, todays)
def test_no_event_holds_what_identifies_in_what_the_hub_reads(child: Child, today: date) -> None:
    """Facts and shared parts hold codes, and days of the child's records: no birth, no number."""
    numbers = {child.la_child_id, *(upn and upn.upper() for upn in (child.upn, child.former_upn))}
    for told in events_of(child, today=today).told:
        parts = (told.draft.facts, *(subject.shared for subject in told.draft.subjects))
        for text in (one for part in parts for one in texts(part.model_dump())):
            assert text not in numbers
            assert not DAY.fullmatch(text) or text in set(days_of_records(child))


@settings(max_examples=200)
@given(children, todays)
def test_every_event_holds_together(child: Child, today: date) -> None:
    """The client takes every draft, and no fact of a child has the key of another one."""
    events = events_of(child, today=today)
    tagging = Tagging(b"k" * 32, "/participants/havering/social-care")
    tagged = [tagging.tagged(number, told.draft) for number, told in enumerate(events.told)]
    assert [one for one in tagged if not isinstance(one, Tagged)] == []
    keys = [(told.draft.kind, told.draft.key) for told in events.told]
    assert len(set(keys)) == len(keys)
    assert all(told.draft.key[0] == child.la_child_id for told in events.told)


@settings(max_examples=100)
@given(children, todays, st.integers(0, 4000))
def test_time_only_adds(child: Child, today: date, days: int) -> None:
    """The same return read later tells the same, and what lay in the future by then."""
    later = min(today + timedelta(days=days), date(2100, 12, 31))
    now = [told.draft for told in events_of(child, today=today).told]
    then = [told.draft for told in events_of(child, today=later).told]
    assert [draft for draft in then if draft in now] == now


@settings(max_examples=100)
@given(children, todays)
def test_what_is_not_sent_is_found(child: Child, today: date) -> None:
    """Every event that cannot be sent has a finding, which names its kind and holds no value."""
    events = events_of(child, today=today)
    fallen = [each.refuses for each in events.findings if each.refuses]
    decisions = events.untold.count("icpc-not-required")  # fall with their enquiry, found once
    assert sorted([*fallen, *["icpc-not-required"] * decisions]) == sorted(events.untold)
    for finding in events.findings:
        assert NAMED not in f"{finding.place}{finding.field}{finding.code}"
        assert not DAY.search(finding.place)


def days_of_records(child: Child) -> Iterator[str]:
    """Give the days of a child's records, and none of the child's own."""
    for referral in child.referrals:
        days = [referral.referred, referral.closed, referral.initial_conference]
        for assessment in referral.assessments:
            days += [assessment.start, assessment.internal_review, assessment.authorised]
        for section47 in referral.section47s:
            days += [section47.start, section47.conference_target, section47.initial_conference]
        for cin_plan in referral.cin_plans:
            days += [cin_plan.start, cin_plan.end]
        for plan in referral.plans:
            days += [plan.start, plan.end, *(review.held for review in plan.reviews)]
        yield from (day.isoformat() for day in days if day is not None)
