"""Child protection plans: those that start, and how each child stands from one event to the next.

- `plan-started`, `plan-started:<category>`, and `plan-started:<category>:<age band>` of the
  youngest; `plan-started:by-28-days` of birth, those before birth among them
  (`plan-started:before-birth`); `plan-started:not-the-first`
- `plan` for every event after which a child stands differently: with it `plan:<category>` and
  `plan:<category>:<age band>` while the child has a plan, `plan:ended` when it has none. Who has
  one at the end of a month is asked of each child's latest.

Categories are EMO, MUL, NEG, PHY, SAB, or `unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.child_protection import (
    PlanFacts,
    PlanShared,
    ProtectionPlanCategoryChanged,
    ProtectionPlanEnded,
    ProtectionPlanStarted,
)
from projections.people import YOUNGEST, children, episode_of
from projections.projection import Contribution, Counting

_KINDS = (ProtectionPlanStarted, ProtectionPlanCategoryChanged, ProtectionPlanEnded)
_FROM_BIRTH = {
    "before-birth": ("plan-started:by-28-days", "plan-started:before-birth"),
    "within-28-days": ("plan-started:by-28-days",),
}


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a plan's start, change of category or end, for each child."""
    facts = event.facts
    if not isinstance(facts, PlanFacts):
        return
    episode = episode_of(event, facts)
    for child, shared in children(event, PlanShared):
        for cell in (*_starts(facts, shared), *_stands(facts, shared)):
            yield Contribution(cell, child, episode)


def _starts(facts: PlanFacts, shared: PlanShared) -> Iterator[str]:
    if isinstance(facts, ProtectionPlanStarted.Facts):
        yield "plan-started"
        yield from _by_category("plan-started", shared)
        yield from _FROM_BIRTH.get(shared.days_from_birth or "", ())
        if shared.previous_plans:
            yield "plan-started:not-the-first"


def _stands(facts: PlanFacts, shared: PlanShared) -> Iterator[str]:
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
    "protection-plans", 1, frozenset(kind.name for kind in _KINDS), contribute
)
