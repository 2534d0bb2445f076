"""What a borough's own system tells beside its returns: discussions, and moves across a border.

Neither stands in a return: no return tells when a discussion was due, or whether the authority that
a child moves to was told. All of it is invented, about children of the return.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final, get_args

from adapters.returns.cin_child import Child, Referral, Section47
from adapters.returns.cin_reader import read_cin_census
from adapters.returns.invented_codes import chance_of, happens
from adapters.returns.published_figures import Authority
from domain.values import start_of_london_day
from domain.vocabulary.across_borders import CrossBorderMoveNotified
from domain.vocabulary.child_protection import StrategyDiscussionHeld
from domain.vocabulary.codes import LateReason
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.persons import DescribedPerson
from services.borough.drafting import Draft, SubjectDraft

MOST: Final = 150
_DUE_WITHIN: Final = datetime.timedelta(days=2)
_DUE_RULE: Final = "two-days-from-request"
_ASKED_EARLIER: Final = (0, 0, 1, 1, 2, 2, 2, 3, 4, 6)
_LATE_FOR: Final = ("police", "police", "police", "health", "education", "childrens-social-care")
_CASE_WORK: Final = "case-work"


def discussions(source: BinaryIO, year: int) -> Iterator[Draft]:
    """Give the strategy discussions before the first enquiries of a return's year."""
    first = datetime.date(year - 1, 4, 1)
    found = (
        _discussion(child, referral, enquiry)
        for child in _children(source)
        for referral in child.referrals
        for enquiry in referral.section47s
        if enquiry.start >= first
    )
    yield from islice(found, MOST)


def move(
    source: BinaryIO, *, here: Authority, there: Authority, told: datetime.date
) -> Draft | None:
    """Give a move of one child of a return with an open plan, told to the authority it goes to."""
    for child in _children(source):
        plans = (plan for referral in child.referrals for plan in referral.plans)
        if any(plan.end is None for plan in plans):
            return _move(child, here, there, told)
    return None


def _children(source: BinaryIO) -> Iterator[Child]:
    source.seek(0)
    return (child for child in read_cin_census(source) if isinstance(child, Child))


def _discussion(child: Child, referral: Referral, enquiry: Section47) -> Draft:
    chance = chance_of("discussion", child.la_child_id, enquiry.start)
    requested = enquiry.start - datetime.timedelta(days=chance.choice(_ASKED_EARLIER))
    due = requested + _DUE_WITHIN
    late = enquiry.start > due
    facts = StrategyDiscussionHeld.Facts.model_validate(
        {
            "agencies_present": ("childrens-social-care", "health", "police"),
            "due": due.isoformat(),
            "due_rule": _DUE_RULE,
            "held": enquiry.start.isoformat(),
            "outcome": "section47-joint" if happens(chance, 0.6) else "section47-single",
            "referral_date": referral.referred.isoformat(),
            "requested": requested.isoformat(),
        }
        | ({"late_agency": chance.choice(_LATE_FOR)} if late else {})
        | ({"late_reason": chance.choice(get_args(LateReason))} if late else {})
    )
    key = (child.la_child_id, enquiry.start.isoformat())
    return Draft(
        kind=StrategyDiscussionHeld,
        key=("discussion", *key),
        stream=("discussion", *key),
        time=start_of_london_day(enquiry.start),
        facts=facts,
        subjects=(SubjectDraft(child.la_child_id, "child", StrategyDiscussionHeld.Shared()),),
        episode=(child.la_child_id, referral.referred.isoformat(), "1"),
    )


def _move(child: Child, here: Authority, there: Authority, told: datetime.date) -> Draft:
    moved = told - datetime.timedelta(days=2)
    facts = CrossBorderMoveNotified.Facts(
        due=(moved + _DUE_WITHIN).isoformat(),
        from_la=here.code,
        moved=moved.isoformat(),
        notified=told.isoformat(),
        plan_open="protection",
        reason="temporary-housing",
        to_la=there.code,
    )
    told_of = DescribedPerson(
        narrative="The family was placed in temporary housing in your area. A plan is open; our "
        "social worker asks for a transfer conference. (This child is invented.)"
    )
    return Draft(
        kind=CrossBorderMoveNotified,
        key=("move", child.la_child_id, moved.isoformat()),
        stream=("move", child.la_child_id, moved.isoformat()),
        time=start_of_london_day(moved),
        facts=facts,
        subjects=(SubjectDraft(child.la_child_id, "child", SharedPart(), told_of),),
        recipients=(there.slug,),
        purpose=_CASE_WORK,
        residencela=there.code,
    )
