"""Why a released figure is not to be compared without asking: (a) to (d) of the catalogue.

A flag must give nothing away. So jumps and figures near zero are looked for among the figures that
the release shows, and no others; a code that left the list is said of the period alone; and of what
a borough says of its own figure only its judgement is repeated, since its words may hold numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping
from domain.reference.releases import Flagged
from services.periods import MARCH, YEAR, Window, label, window_named
from services.releases.figures import PeriodKind
from services.releases.plan import Planned
from services.theming import flags
from services.theming.explanations import Explanations
from services.theming.numbers import Number

Shown = Callable[[Planned, str, PeriodKind, str], Number | None]
"""Gives what a release shows of a figure, a borough and a whole period; None where nothing."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """Finds the flags of a release's figures. `names` are the boroughs' by their codes."""

    mapping: FactorMapping
    explained: Explanations
    names: dict[str, str]
    shown: Shown

    def found(
        self, planned: Planned, borough: str, periods: Sequence[tuple[PeriodKind, str]]
    ) -> tuple[Flagged, ...]:
        """Give every flag of one figure of one borough, in the order of the periods."""
        return tuple(
            Flagged(code=one.code, letter=one.letter, period=period, reason=one.reason)
            for kind, period in periods
            for one in self._flags(planned, borough, kind, period)
        )

    def _flags(
        self, planned: Planned, borough: str, kind: PeriodKind, period: str
    ) -> Iterator[flags.Flag]:
        now = self.shown(planned, borough, kind, period)
        window = window_named(kind, period)
        rule = self.mapping.comparability
        if now is not None:
            earlier = label(kind, window.year_before())
            yield from flags.jump(now, self.shown(planned, borough, kind, earlier), rule)
            peers = [
                flags.Peer(name, number)
                for code, name in self.names.items()
                if code != borough
                and not planned.pairs
                and (number := self.shown(planned, code, kind, period)) is not None
            ]
            yield from flags.near_zero(now, peers, rule)
        yield from self._left(planned, window)
        if planned.theme is not None:
            said = self.explained.of(planned.theme, planned.measure, borough, window)
            yield from flags.noted(Number("events", None), said)

    def _left(self, planned: Planned, window: Window) -> Iterator[flags.Flag]:
        for factor in self.mapping.retired_for(planned.factors):
            if window.first >= (factor.last_year or 0) * YEAR + MARCH:
                yield flags.Flag(
                    "retired-code",
                    "c",
                    f"{factor.code} left the code list after {factor.last_year} and may be filed "
                    "still. What belongs to one code may stand under another.",
                )
