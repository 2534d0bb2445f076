"""The events of an assessment, and what the return lets be known of the need that it found.

The census does not ask whether an assessment found the child in need. It is told only where another
record of the episode says so, and the basis names that record:

- `plan-followed`: a plan of the same episode began on or after the day of authorisation, and no
  later assessment was authorised before it began: yes;
- `closure-reason`: the episode was closed with RC8 or RC9, that is after assessment, and this was
  its last authorised assessment: no;
- `no-factors`: its one factor is 21, no factors and no further action: no;
- where these contradict each other, or none is there: `not-stated`, unknown.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from adapters.returns.cin_child import Assessment, Referral
from adapters.returns.cin_events_person import said
from adapters.returns.cin_events_telling import Remark, Telling, Thing
from domain.vocabulary.assessment import AssessmentCompleted, AssessmentStarted
from domain.vocabulary.codes import InNeed, InNeedBasis

_CLOSED_AFTER_ASSESSMENT: Final = frozenset({"RC8", "RC9"})
_NOTHING_FOUND: Final = ("21",)


def tell_assessment(
    telling: Telling, episode: Thing, referral: Referral, assessment: Assessment
) -> None:
    """Tell that an assessment began, and that it was authorised."""
    start, authorised = assessment.start, assessment.authorised
    thing = telling.thing("assessment", start, place=assessment.place, episode=episode)
    internal = telling.said(thing, "AssessmentInternalReviewDate", assessment.internal_review)
    begun = {"internal_review_date": internal, "start_date": said(start)}
    if at := telling.at(AssessmentStarted, thing, field="AssessmentActualStartDate", day=start):
        telling.tell(at, begun)
    field = "AssessmentAuthorisationDate"
    if authorised is None:
        if assessment.factors:
            telling.note(Remark.FACTORS_TOO_EARLY, assessment.place, field)
        return
    if at := telling.at(AssessmentCompleted, thing, field=field, day=authorised):
        in_need, basis = _in_need(assessment, authorised, referral)
        facts = {
            **begun,
            "authorisation_date": said(authorised),
            "factors_complete": assessment.factors_complete,
        }
        shared = {
            "factors": tuple(sorted(assessment.factors)) or None,
            "in_need": in_need,
            "in_need_basis": basis,
        }
        telling.tell(at, facts, shared=shared)


def _in_need(
    assessment: Assessment, authorised: date, referral: Referral
) -> tuple[InNeed, InNeedBasis]:
    later = [
        each.authorised
        for each in referral.assessments
        if each.authorised is not None and each.authorised > authorised
    ]
    began = [plan.start for plan in referral.plans]
    began += [plan.start for plan in referral.cin_plans]
    followed = any(day >= authorised and all(day < other for other in later) for day in began)
    closed_so = (
        not later
        and referral.closure_reason in _CLOSED_AFTER_ASSESSMENT
        and referral.closed is not None
        and referral.closed >= authorised
    )
    nothing_found = assessment.factors == _NOTHING_FOUND and assessment.factors_complete
    if followed:
        return ("unknown", "not-stated") if closed_so or nothing_found else ("yes", "plan-followed")
    if closed_so:
        return "no", "closure-reason"
    return ("no", "no-factors") if nothing_found else ("unknown", "not-stated")
