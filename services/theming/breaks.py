"""Days after which a theme's figures are not to be compared with those before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.reference.factor_mapping import Factor, FactorMapping, Theme
from domain.reference.participants import Participant
from projections.breaks import BREAKS, Break
from services.theming.counting import CountedViews


@dataclass(frozen=True, slots=True, order=True)
class Marked:
    """A day, the borough where it counts (empty: in all), and why."""

    day: str
    borough: str
    reason: str


def breaks(
    store: CountedViews,
    theme: Theme,
    mapping: FactorMapping,
    *,
    boroughs: Iterable[Participant],
    positions: Mapping[str, int],
) -> list[Marked]:
    """Give the days that events and the code list mark, in order."""
    codes = {one.code for one in boroughs}
    found = set(_listed(theme, mapping))
    for row in store.told(BREAKS.name, tuple(positions), positions):
        told = Break.model_validate_json(row.body)
        if told.kind in theme.breaks_marked_by:
            found |= {Marked(told.day, one, told.reason) for one in told.boroughs if one in codes}
    return sorted(found)


def _listed(theme: Theme, mapping: FactorMapping) -> Iterator[Marked]:
    """Give when the list of codes changed for a theme's factors."""
    codes = mapping.codes_of_theme(theme.code)
    earliest = min((factor.first_year for factor in mapping.factors), default=0)
    for factor in mapping.factors:
        if factor.code in codes and factor.first_year > earliest:
            yield Marked(f"{factor.first_year - 1}-04-01", "", _reason(factor, "joined"))
    for factor in mapping.retired_for(codes):
        yield Marked(f"{factor.last_year}-04-01", "", _reason(factor, "left"))


def _reason(factor: Factor, verb: str) -> str:
    return f"{factor.code} ({factor.title}) {verb} the code list on this day."
