"""A release as the document that is published: figures as text, hidden ones as `c`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from domain.reference.releases import (
    HIDDEN,
    NONE,
    RELEASE_PREFIX,
    Loss,
    Per,
    Position,
    Release,
    Series,
    Table,
    per_text,
)
from services.releases.figures import Figures, Hidden, Place
from services.releases.plan import Plan, Planned
from services.releases.relations import Counting

PER_THOUSAND: Final = 1000
PER_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Drafting:
    """What a release is written from."""

    plan: Plan
    boroughs: tuple[str, ...]
    figures: Figures
    hidden: Hidden

    def release(self, positions: Mapping[str, int], views_version: str) -> Release:
        """Write the release; the same figures give the same bytes."""
        plan = self.plan
        return Release(
            effective_from=f"{plan.month}-01",
            kind="release",
            loss=self._loss(),
            mapping=plan.mapping.reference(),
            month=plan.month,
            name=RELEASE_PREFIX + plan.month,
            origin="The hub's own views, as of the positions that it names.",
            policy=plan.tables.policy,
            positions=tuple(
                Position(ledger=ledger, position=position)
                for ledger, position in sorted(positions.items())
            ),
            rationale="Published once and fixed for ever; c is a figure that is not shown.",
            registered_tables=plan.tables.reference(),
            tables=tuple(self._tables()),
            version=1,
            views_version=views_version,
        )

    def _loss(self) -> Loss:
        hidden = self.hidden
        return Loss(
            beside=len(hidden.beside),
            changed=len(hidden.changed),
            given_away=len(hidden.given_away & hidden.every()),
            shown=len(self.figures.released - hidden.every()),
            size_known=len(hidden.size_known & hidden.every()),
            small=len(hidden.small),
        )

    def _tables(self) -> Iterator[Table]:
        for table in self.plan.tables.tables:
            yield Table(
                code=table.code,
                periods=tuple(period for _, period in self.plan.periods()),
                series=tuple(
                    series
                    for planned in self.plan.figures()
                    if planned.table is table
                    for borough in self.boroughs
                    if (series := self._series(planned, borough)) is not None
                ),
                theme=table.theme,
                title=table.title,
            )

    def _series(self, planned: Planned, borough: str) -> Series | None:
        numerators = self._cells(planned.numerator(), borough)
        of = planned.denominator()
        denominators = () if of is None else self._cells(of, borough)
        if not any(numerators):
            return None
        per: Per = PER_THOUSAND if planned.measure.unit == "per-1000-assessed" else PER_HUNDRED
        return Series(
            borough=borough,
            breakdown=planned.line.breakdown,
            counts=planned.line.unit,
            denominators=denominators,
            measure=planned.measure.code,
            numerators=numerators,
            per=None if of is None else per,
            rates=tuple(_rate(*pair, per) for pair in zip(numerators, denominators, strict=False)),
        )

    def _cells(self, counting: Counting, borough: str) -> tuple[str, ...]:
        places = places_of(counting, borough, self.plan)
        return tuple(self._cell(place) for place in places)

    def _cell(self, place: Place) -> str:
        if place not in self.figures.released:
            return NONE
        return HIDDEN if place in self.hidden.every() else str(self.figures.values[place])


def _rate(numerator: str, denominator: str, per: int) -> str:
    """Give a rate, hidden with whatever it is made of."""
    if NONE in {numerator, denominator}:
        return NONE
    if HIDDEN in {numerator, denominator}:
        return HIDDEN
    return per_text(int(numerator), int(denominator), per) or NONE


def places_of(counting: Counting, borough: str, plan: Plan) -> list[Place]:
    """Give where a figure stands, period by period."""
    return [Place(counting.name(), borough, kind, period) for kind, period in plan.periods()]


def read_back(release: Release, plan: Plan) -> tuple[dict[Place, int], frozenset[Place]]:
    """Give what a release shows, with the places that it hides: from its cells alone."""
    shown: dict[Place, int] = {}
    hidden: set[Place] = set()
    planned = {
        (one.table.code, one.measure.code, one.line.breakdown): one for one in plan.figures()
    }
    for table in release.tables:
        for series in table.series:
            one = planned[table.code, series.measure, series.breakdown]
            parts = (series.numerators, series.denominators)
            for counting, cells in zip(one.countings(), parts, strict=False):
                _sort(
                    zip(places_of(counting, series.borough, plan), cells, strict=True),
                    shown,
                    hidden,
                )
    return shown, frozenset(hidden)


def _sort(
    cells: Iterable[tuple[Place, str]],
    shown: dict[Place, int],
    hidden: set[Place],
) -> None:
    for place, text in cells:
        if text == HIDDEN:
            hidden.add(place)
        elif text != NONE:
            shown[place] = int(text)
