"""Assessments and the factors found at their end: what the DfE publishes, cell by cell.

- `assessment`, and `assessment:in-need`, `:not-in-need`, `:need-unknown`
- `assessment:timed` where the referral's day is known, and `assessment:within-45-days` where it was
  authorised within 45 working days of it
- `factor:any`: factors were recorded, code 21 ("no factors") included, as the published column
  `Episodes_with_assessment_factor` counts it
- `factor:<code>`
- of the youngest, `factor:any:<age band>`, and for neglect `factor:16A:<age band>`

The day is the day of authorisation, since an assessment is completed by being authorised.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.assessment import AssessmentCompleted
from projections.moments import within_working_days
from projections.people import YOUNGEST, children, episode_of
from projections.projection import Contribution, Counting

NEEDS = {"yes": "assessment:in-need", "no": "assessment:not-in-need"}
NEED_UNKNOWN = "assessment:need-unknown"
BY_AGE = frozenset({"16A"})
"""Factors that a theme asks for by the age of the youngest."""
WORKING_DAYS = 45
"""How long an assessment may take."""


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a completed assessment, for each child assessed."""
    facts = event.facts
    if not isinstance(facts, AssessmentCompleted.Facts):
        return
    episode = episode_of(event, facts)
    cells = ["assessment", *_timed(facts)]
    for child, shared in children(event, AssessmentCompleted.Shared):
        for cell in cells:
            yield Contribution(cell, child, episode)
        yield Contribution(NEEDS.get(shared.in_need or "", NEED_UNKNOWN), child, episode)
        for cell in _factors(shared):
            yield Contribution(cell, child, episode)


def _timed(facts: AssessmentCompleted.Facts) -> list[str]:
    in_time = within_working_days(facts.referral_date, facts.authorisation_date, WORKING_DAYS)
    if in_time is None:
        return []
    return ["assessment:timed", "assessment:within-45-days"] if in_time else ["assessment:timed"]


def _factors(shared: AssessmentCompleted.Shared) -> list[str]:
    if not shared.factors:
        return []
    cells = ["factor:any", *(f"factor:{factor}" for factor in shared.factors)]
    if shared.age_band in YOUNGEST:
        cells.append(f"factor:any:{shared.age_band}")
        cells += [f"factor:{one}:{shared.age_band}" for one in shared.factors if one in BY_AGE]
    return cells


ASSESSMENTS = Counting("assessments", 2, frozenset({AssessmentCompleted.name}), contribute)
