"""Figures that bodies report: the later of two for one period, and sums where none is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.reference.participants import Participant
from projections.figures import FIGURES, ReportedFigure
from services.periods import Window, stretch
from services.theming.counting import CountedViews

_PARTS = (3, 1)
"""Months of the reports that may add up to a longer period: quarters, and months."""


@dataclass(frozen=True, slots=True)
class Sum:
    """What was reported of a period; no number where the source hides a part of it.

    `denominator` is that of a single report, or the sum of those of `parts`: a sum of shares has
    one, a count set beside a population has not.
    """

    numerator: int | None
    denominator: int | None
    denominator_source: str | None
    notes: tuple[str, ...]
    parts: int


class Reports:
    """Every report that stands, by the borough that it is of, its name and its months."""

    def __init__(self, found: Mapping[tuple[str, str], Mapping[Window, ReportedFigure]]) -> None:
        """Keep reports by borough and name, then by period."""
        self._found = found

    def span(self, borough: str, name: str) -> Window | None:
        """Give from which month to which anything is reported."""
        periods = self._found.get((borough, name))
        if not periods:
            return None
        return Window(max(one.last for one in periods), min(one.first for one in periods))

    def spans(self) -> list[Window]:
        """Give the months of every report."""
        return [period for periods in self._found.values() for period in periods]

    def total(self, borough: str, name: str, window: Window) -> Sum | None:
        """Give what is reported of a period; None where any part of it is missing."""
        periods = self._found.get((borough, name), {})
        if window in periods:
            return _sum((periods[window],))
        for months in _PARTS:
            starts = range(window.first, window.last + 1, months)
            parts = [periods.get(Window(one + months - 1, one)) for one in starts]
            whole = [part for part in parts if part is not None]
            if len(whole) == len(parts) and starts[-1] + months - 1 == window.last:
                return _sum(whole)
        return None


def reports(
    store: CountedViews, boroughs: Iterable[Participant], positions: Mapping[str, int]
) -> Reports:
    """Read what is reported of each borough's own area, in its own ledger, as of positions.

    Reports of other areas and of periods that are not whole months are not read.
    """
    found: dict[tuple[str, str], dict[Window, ReportedFigure]] = {}
    owners = {one.ledger: one for one in boroughs}
    for row in store.told(FIGURES.name, tuple(positions), positions):
        figure = ReportedFigure.model_validate_json(row.body)
        borough = owners.get(row.ledger)
        period = stretch(figure.period_start, figure.period_end)
        if borough and period and figure.area in {borough.gss_code, borough.la_code}:
            found.setdefault((borough.code, figure.measure), {})[period] = figure
    return Reports(found)


def _sum(parts: Sequence[ReportedFigure]) -> Sum:
    numbers = [part.numerator for part in parts]
    known = [number for number in numbers if number is not None]
    of = [part.denominator for part in parts if part.denominator is not None]
    return Sum(
        numerator=sum(known) if len(known) == len(numbers) else None,
        denominator=sum(of) if len(of) == len(parts) else None,
        denominator_source=parts[-1].denominator_source,
        notes=tuple(dict.fromkeys(part.note for part in parts if part.note)),
        parts=len(parts),
    )
