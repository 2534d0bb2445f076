"""Figures that bodies report of themselves: counts, not people, kept as they were said.

A register of reports: told under measure, area and period, so of two reports of one period the
later stands. What a measure reads from them the registered mapping says, by the report's own name.
"""

from __future__ import annotations

from domain.opened import OpenedEvent
from domain.values import Strict
from domain.vocabulary.figures import FigureReported
from projections.projection import Telling, Told


class ReportedFigure(Strict):
    """One report, every field of it set; days are London days, both included."""

    agency: str | None
    area: str
    denominator: int | None
    denominator_source: str | None
    measure: str
    note: str | None
    numerator: int | None
    """None: the source hides the count."""
    period_end: str
    period_start: str
    source: str
    """The sheet or publication that it is from."""
    status: str | None
    suppressed: bool


def tell(event: OpenedEvent) -> Told | None:
    """Give what a report says."""
    facts = event.facts
    if not isinstance(facts, FigureReported.Facts):
        return None
    figure = ReportedFigure(
        agency=facts.agency,
        area=facts.area,
        denominator=facts.denominator,
        denominator_source=facts.denominator_source,
        measure=facts.measure,
        note=facts.note,
        numerator=facts.numerator,
        period_end=facts.period_end,
        period_start=facts.period_start,
        source=facts.published_source,
        status=facts.status,
        suppressed=facts.suppressed,
    )
    period = f"{facts.period_start}/{facts.period_end}"
    return Told(f"{facts.measure}|{facts.area}|{period}", figure)


FIGURES = Telling("figures", 1, frozenset({FigureReported.name}), tell, ReportedFigure)
