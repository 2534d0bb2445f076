"""Child protection plans: those that start and end, reviews, and how each child stands in between.

- `plan-started`, `plan-started:<category>`, and `plan-started:<category>:<age band>` of the
  youngest; `plan-started:by-28-days` of birth, those before birth among them
  (`plan-started:before-birth`); `plan-started:previous-said` where it is said whether there was
  one before, and `plan-started:not-the-first` where there was
- `plan-ended`; `plan-ended:timed` where its first day is known, and `plan-ended:after-2-years`
  where it lasted so long
- `plan-review`; `plan-review:within-3-months` of the plan's start, or `plan-review:later`: whether
  that was in time depends on the review before, and is asked as a recurrence when it is read
- `plan` for every event after which a child stands differently: with it `plan:<category>` and
  `plan:<category>:<age band>` while the child has a plan, `plan:ended` when it has none. Who has
  one at the end of a month is asked of each child's latest.

Categories are EMO, MUL, NEG, PHY, SAB, or `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.values import day_of
from domain.vocabulary.child_protection import (
    PlanFacts,
    PlanShared,
    ProtectionPlanCategoryChanged,
    ProtectionPlanEnded,
    ProtectionPlanReviewed,
    ProtectionPlanStarted,
)
from projections.moments import months_after, within_months
from projections.people import YOUNGEST, children, episode_of
from projections.projection import Contribution, Counting

FIRST_REVIEW_MONTHS = 3
LONG_MONTHS = 24
_KINDS = (
    ProtectionPlanStarted,
    ProtectionPlanCategoryChanged,
    ProtectionPlanReviewed,
    ProtectionPlanEnded,
)
_FROM_BIRTH = {
    "before-birth": ("plan-started:by-28-days", "plan-started:before-birth"),
    "within-28-days": ("plan-started:by-28-days",),
}


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a plan's start, change of category, review or end, for each child."""
    facts = event.facts
    if not isinstance(facts, PlanFacts):
        return
    episode = episode_of(event, facts)
    for child, shared in children(event, PlanShared):
        for cell in (
            *_starts(facts, shared),
            *_reviewed(facts),
            *_ends(facts),
            *_stands(facts, shared),
        ):
            yield Contribution(cell, child, episode)


def _starts(facts: PlanFacts, shared: PlanShared) -> Iterator[str]:
    if isinstance(facts, ProtectionPlanStarted.Facts):
        yield "plan-started"
        yield from _by_category("plan-started", shared)
        yield from _FROM_BIRTH.get(shared.days_from_birth or "", ())
        if shared.previous_plans is not None:
            yield "plan-started:previous-said"
        if shared.previous_plans:
            yield "plan-started:not-the-first"


def _reviewed(facts: PlanFacts) -> Iterator[str]:
    if isinstance(facts, ProtectionPlanReviewed.Facts):
        yield "plan-review"
        early = within_months(facts.start_date, facts.review_date, FIRST_REVIEW_MONTHS)
        if early is not None:
            yield f"plan-review:{'within-3-months' if early else 'later'}"


def _ends(facts: PlanFacts) -> Iterator[str]:
    if isinstance(facts, ProtectionPlanEnded.Facts):
        yield "plan-ended"
        if facts.start_date is None:
            return
        yield "plan-ended:timed"
        if day_of(facts.end_date) >= months_after(day_of(facts.start_date), LONG_MONTHS):
            yield "plan-ended:after-2-years"


def _stands(facts: PlanFacts, shared: PlanShared) -> Iterator[str]:
    if isinstance(facts, ProtectionPlanReviewed.Facts):
        return  # a return does not say which category the plan had on that day
    yield "plan"
    if isinstance(facts, ProtectionPlanEnded.Facts):
        yield "plan:ended"
    else:
        yield from _by_category("plan", shared)


def _by_category(cell: str, shared: PlanShared) -> Iterator[str]:
    yield f"{cell}:{shared.category or 'unknown'}"
    if shared.age_band in YOUNGEST:
        yield f"{cell}:{shared.category or 'unknown'}:{shared.age_band}"


PROTECTION_PLANS = Counting(
    "protection-plans", 2, frozenset(kind.name for kind in _KINDS), contribute
)
