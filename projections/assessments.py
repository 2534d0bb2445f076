"""Assessments and the factors found at their end: what the DfE publishes, cell by cell.

- `assessment`, and `assessment:in-need`, `:not-in-need`, `:need-unknown`
- `factor:any`: factors were recorded, code 21 ("no factors") included, as the published column
  `Episodes_with_assessment_factor` counts it
- `factor:<code>`, and for neglect `factor:16A:<age band>` of the youngest

The day is the day of authorisation, since an assessment is completed by being authorised.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.assessment import AssessmentCompleted
from projections.people import YOUNGEST, children, episode_of
from projections.projection import Contribution, Counting

NEEDS = {"yes": "assessment:in-need", "no": "assessment:not-in-need"}
NEED_UNKNOWN = "assessment:need-unknown"
BY_AGE = frozenset({"16A"})
"""Factors that a theme asks for by the age of the youngest."""


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a completed assessment, for each child assessed."""
    facts = event.facts
    if not isinstance(facts, AssessmentCompleted.Facts):
        return
    episode = episode_of(event, facts)
    for child, shared in children(event, AssessmentCompleted.Shared):
        yield Contribution("assessment", child, episode)
        yield Contribution(NEEDS.get(shared.in_need or "", NEED_UNKNOWN), child, episode)
        if shared.factors:
            yield Contribution("factor:any", child, episode)
        for factor in shared.factors or ():
            yield Contribution(f"factor:{factor}", child, episode)
            if factor in BY_AGE and shared.age_band in YOUNGEST:
                yield Contribution(f"factor:{factor}:{shared.age_band}", child, episode)


ASSESSMENTS = Counting("assessments", 1, frozenset({AssessmentCompleted.name}), contribute)
