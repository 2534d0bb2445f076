"""What also feeds a theme beside its factors: a line for each event that the mapping names so.

The registered mapping says which events these are (`Theme.also_fed_by`). One that is not here is
counted by nothing: "no source yet". `gang-risk-identified` stays so: it must not be used after a
day that each event names, and no figure of a period can heed that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from projections.measures import WHOLE, Line, Unit

COULD_FEED: Final = "each borough's case system, where it publishes these events"


@dataclass(frozen=True, slots=True)
class Beside:
    """What an event counts for, and how that is called."""

    title: str
    line: Line


def _beside(title: str, unit: Unit, cell: str, *fed: str) -> Beside:
    return Beside(title, Line(WHOLE, unit, frozenset({cell}), fed=frozenset(fed)))


BESIDE: Final[Mapping[str, Beside]] = {
    "cross-border-move-notified": _beside(
        "Children of whom another authority was told that they move", "children", "move-notified"
    ),
    "missing-episode-ended": _beside("Missing episodes that ended", "events", "missing-ended"),
    "missing-episode-started": _beside("Missing episodes", "events", "missing"),
    "placement-moved": _beside(
        "Children moved to a placement out of area",
        "children",
        "placement-moved:out-of-area",
        "placement-moved",
    ),
    "placement-started": _beside(
        "Children placed out of area",
        "children",
        "placement-started:out-of-area",
        "placement-started",
    ),
}
