"""What boroughs said of their figures, found for the figure and period that it is printed under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from domain.reference.participants import Participant
from projections.explanations import EXPLANATIONS, Explanation
from services.periods import Window
from services.theming.counting import CountedViews


def covers(one: Explanation, window: Window) -> bool:
    """Say whether an explanation is of all of a period: of another one it is no verdict."""
    first, last = window.days()
    return date.fromisoformat(one.period_start) <= first and last <= date.fromisoformat(
        one.period_end
    )


class Explanations:
    """Every explanation that stands, of the borough that said it, in the order of the ledger."""

    def __init__(self, found: Iterable[Explanation]) -> None:
        """Keep these."""
        self._found: dict[tuple[str, str], list[Explanation]] = {}
        for one in found:
            self._found.setdefault((one.borough, one.measure), []).append(one)

    def of(self, theme: str, measure: str, borough: str, window: Window) -> tuple[Explanation, ...]:
        """Give those whose period and the figure's have a day in common."""
        first, last = window.days()
        return tuple(
            one
            for one in self._found.get((borough, measure), ())
            if one.theme in {None, theme}
            and date.fromisoformat(one.period_start) <= last
            and first <= date.fromisoformat(one.period_end)
        )


def explanations(
    store: CountedViews, boroughs: Iterable[Participant], positions: Mapping[str, int]
) -> Explanations:
    """Read what each borough says of its own figures, in its own ledger, through its own source.

    Nobody else can say whether a change is real, so what another says is not printed.
    """
    owners = {one.ledger: one.code for one in boroughs}
    rows = store.told(EXPLANATIONS.name, tuple(positions), positions)
    told = ((owners.get(row.ledger), Explanation.model_validate_json(row.body)) for row in rows)
    return Explanations(one for owner, one in told if owner == one.borough == one.participant)
