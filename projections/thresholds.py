"""Ratings against the threshold document, and steps between levels of service.

- `rating-first:<rating>` and `rating-final:<rating>`; the final one also
  `rating-final:<rating>:by-<agency>` where it is known who rated
- `case-stepped:up`, `case-stepped:down`

That a rating changed, or that a case went down and soon up again, is a matter of two events of one
child: it is asked as a recurrence when it is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.front_door import CaseStepped, ThresholdRatingSet
from domain.vocabulary.parts import SharedPart
from projections.people import children, episode_of
from projections.projection import Contribution, Counting


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a rating or step, for each child."""
    facts = event.facts
    if isinstance(facts, CaseStepped.Facts):
        cells = [f"case-stepped:{facts.direction}"]
        episode = episode_of(event, facts)
    elif isinstance(facts, ThresholdRatingSet.Facts):
        cells = [f"rating-{facts.stage}:{facts.rating}"]
        cells += [f"{cells[0]}:by-{facts.agency}"] if _says_who_changed(facts) else []
        episode = event.header.subject
    else:
        return
    for child, _ in children(event, SharedPart):
        for cell in cells:
            yield Contribution(cell, child, episode)


def _says_who_changed(facts: ThresholdRatingSet.Facts) -> bool:
    return facts.stage == "final" and facts.agency is not None


THRESHOLDS = Counting(
    "thresholds", 1, frozenset({CaseStepped.name, ThresholdRatingSet.name}), contribute
)
