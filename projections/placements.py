"""Children placed or moved, as far as it is away from their own borough.

- `placement-started` and `placement-moved`, each `:out-of-area` where the source says so
- `move-notified`: one authority told another that a child moves between them
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.across_borders import CrossBorderMoveNotified
from domain.vocabulary.missing_and_care import PlacementMoved, PlacementShared, PlacementStarted
from domain.vocabulary.parts import SharedPart
from projections.people import children
from projections.projection import Contribution, Counting

_KINDS = (CrossBorderMoveNotified, PlacementMoved, PlacementStarted)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a placement or a move, for each child."""
    moves = event.kind.name == CrossBorderMoveNotified.name
    cell = "move-notified" if moves else event.kind.name
    for child, shared in children(event, SharedPart):
        yield Contribution(cell, child)
        if isinstance(shared, PlacementShared) and shared.out_of_area:
            yield Contribution(f"{cell}:out-of-area", child)


PLACEMENTS = Counting("placements", 1, frozenset(kind.name for kind in _KINDS), contribute)
