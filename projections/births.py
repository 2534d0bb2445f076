"""Before and at birth.

- `pre-birth-assessment`; `:on-time` or `:late` where it has a target
- `child-born`; `child-born:plan-in-place` where a protection plan began before birth
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.persons import EpisodeFacts
from domain.vocabulary.pre_birth import ChildBorn, PreBirthAssessmentCompleted
from projections.moments import in_time
from projections.people import children, episode_of
from projections.projection import Contribution, Counting


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of an assessment before birth or of a birth, for each child."""
    facts = event.facts
    if isinstance(facts, EpisodeFacts):
        episode = episode_of(event, facts)
        for child, shared in children(event, SharedPart):
            for cell in _cells(facts, shared):
                yield Contribution(cell, child, episode)


def _cells(facts: EpisodeFacts, shared: SharedPart) -> Iterator[str]:
    if isinstance(facts, PreBirthAssessmentCompleted.Facts):
        yield "pre-birth-assessment"
        on_time = in_time(facts.completion_date, facts.target_date)
        if on_time is not None:
            yield f"pre-birth-assessment:{'on-time' if on_time else 'late'}"
    if isinstance(shared, ChildBorn.Shared):
        yield "child-born"
        if shared.plan_in_place:
            yield "child-born:plan-in-place"


BIRTHS = Counting(
    "births", 1, frozenset({ChildBorn.name, PreBirthAssessmentCompleted.name}), contribute
)
