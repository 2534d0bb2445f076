"""Ratings against the threshold document, and steps between levels of service.

- `rating-final:<rating>`, and `rating-final:<rating>:by-<agency>` where it is known who rated
- `rating-first-not:<rating>`: the first one, for each rating that it was not
- `case-stepped:up`, `case-stepped:down`

That a rating changed, or that a case went down and soon up again, is a matter of two events of one
child: it is asked as a recurrence when it is read. Of ratings, the episode is the stream *and* the
rating: a final one meets the first one of its stream exactly where that was another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from domain.opened import OpenedEvent
from domain.vocabulary.front_door import CaseStepped, ThresholdRatingSet
from domain.vocabulary.parts import SharedPart
from projections.people import children, episode_of
from projections.projection import Contribution, Counting, Recurrence

RATINGS: Final = ("blue", "green", "amber", "red")
FINAL: Final = frozenset(f"rating-final:{one}" for one in RATINGS)
CHANGED: Final = Recurrence(
    frozenset(f"rating-first-not:{one}" for one in RATINGS), within_days=366, joined_by="episode"
)
"""Of final ratings, those that were another one at first."""


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a rating or step, for each child."""
    facts = event.facts
    if isinstance(facts, CaseStepped.Facts):
        cells = [(f"case-stepped:{facts.direction}", episode_of(event, facts))]
    elif isinstance(facts, ThresholdRatingSet.Facts):
        stream = event.header.subject
        cells = [(cell, f"{stream}|{rating}") for cell, rating in _rated(facts)]
    else:
        return
    for child, _ in children(event, SharedPart):
        for cell, episode in cells:
            yield Contribution(cell, child, episode)


def _rated(facts: ThresholdRatingSet.Facts) -> Iterator[tuple[str, str]]:
    """Give the cells of a rating, each with the rating that it is to be met by."""
    if facts.stage == "first":
        for other in RATINGS:
            if other != facts.rating:
                yield f"rating-first-not:{other}", other
    else:
        yield f"rating-final:{facts.rating}", facts.rating
        if facts.agency is not None:
            yield f"rating-final:{facts.rating}:by-{facts.agency}", facts.rating


THRESHOLDS = Counting(
    "thresholds", 2, frozenset({CaseStepped.name, ThresholdRatingSet.name}), contribute
)
