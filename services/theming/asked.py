"""The figures of a measure: its lines as events answer them, and as bodies report them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.reference.factor_mapping import Breakdown, FactorMapping, Measure, Theme
from projections.beside import BESIDE, COULD_FEED
from projections.measures import WHOLE, Line, lines


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a measure: what events count for it, and under which name it is reported.

    At least one of `line` and `reported_as` is there. `population` names the registered table that
    it is given per 10,000 of.
    """

    measure: Measure
    breakdown: str
    title: str
    line: Line | None
    reported_as: str | None
    population: str | None

    @property
    def key(self) -> str:
        """Give the name that no other figure of a theme has."""
        return f"{self.measure.code} {self.breakdown}"


def figures_of(measure: Measure) -> tuple[Figure, ...]:
    """Give the figures of a measure: the whole, its breakdowns in their order, then other lines."""
    beside = BESIDE.get(measure.code)
    told = (beside.line,) if beside else lines(measure)
    counted = {line.breakdown: line for line in told}
    parts = {part.code: part for part in measure.breakdown}
    return tuple(
        figure
        for breakdown in dict.fromkeys((WHOLE, *parts, *counted))
        if (figure := _figure(measure, parts.get(breakdown), breakdown, counted.get(breakdown)))
    )


def _figure(
    measure: Measure, part: Breakdown | None, breakdown: str, line: Line | None
) -> Figure | None:
    said = measure if breakdown == WHOLE else part
    reported_as = said.reported_as if said else None
    if line is None and reported_as is None:
        return None
    title = "" if breakdown == WHOLE else part.title if part else _spelt(breakdown)
    return Figure(measure, breakdown, title, line, reported_as, said.population if said else None)


def _spelt(breakdown: str) -> str:
    return breakdown.replace("-", " ").capitalize()


def supporting(mapping: FactorMapping, theme: Theme) -> Iterator[Measure]:
    """Give a measure for whatever also feeds a theme, and is no headline: factors, then events."""
    headlines = {code for measure in theme.measures for code in measure.factors}
    for code in mapping.codes_of_theme(theme.code, "supporting"):
        factor = mapping.factor(code)
        if factor is not None and code not in headlines:
            yield Measure(
                code=f"factor-{code.lower()}",
                could_be_fed_by="each borough's CIN Census return",
                factors=(code,),
                fed_by=("assessment-completed",),
                title=f"{factor.title} ({code}), per 1,000 assessed",
                unit="per-1000-assessed",
            )
    for event in theme.also_fed_by:
        title = BESIDE[event].title if event in BESIDE else _spelt(event)
        yield Measure(code=event, could_be_fed_by=COULD_FEED, fed_by=(event,), title=title)
