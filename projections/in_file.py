"""How much a return held, as its borough's client reports it after a load: `cin-in-file-<kind>`."""

from __future__ import annotations

from typing import Final

from domain.opened import OpenedEvent
from domain.values import Strict
from domain.vocabulary.figures import FigureReported
from projections.projection import Telling, Told

PREFIX: Final = "cin-in-file-"


class InFile(Strict):
    """How many records of one kind a return of one source held; every field is set."""

    count: int
    kind: str
    recorded_ms: int
    source: str
    """The system that told it."""
    year: str
    """The year to 31 March, by the year it ends in."""


def tell(event: OpenedEvent) -> Told | None:
    """Give what a report of a return's contents says."""
    facts = event.facts
    if not isinstance(facts, FigureReported.Facts) or facts.numerator is None:
        return None
    if not facts.measure.startswith(PREFIX):
        return None
    held = InFile(
        count=facts.numerator,
        kind=facts.measure.removeprefix(PREFIX),
        recorded_ms=event.recorded_ms,
        source=event.header.source,
        year=facts.period_end[:4],
    )
    return Told(f"{held.source}|{held.kind}", held)


IN_FILE = Telling("in-file", 1, frozenset({FigureReported.name}), tell, InFile)
