"""A release as the document that is published: figures as text, hidden ones as `c`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from domain.canonical import JsonValue, canonical
from domain.reference.participants import Participant
from domain.reference.releases import (
    HIDDEN,
    NONE,
    RELEASE_PREFIX,
    Loss,
    Per,
    Position,
    Release,
    Series,
    SourceState,
    Table,
    per_text,
)
from services.periods import Window, label, window_named
from services.releases.comparing import Comparing
from services.releases.figures import Figures, Hidden, PeriodKind, Place
from services.releases.pairs import JOINED, pair_of
from services.releases.plan import Plan, Planned
from services.releases.told import meets, whole
from services.theming.explanations import Explanations
from services.theming.numbers import Number

_FEED = frozenset(SourceState.model_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a release is made in beside its figures: it goes with them, and is as fixed."""

    explained: Explanations
    feeds: Sequence[JsonValue]
    positions: Mapping[str, int]
    rule_packs: tuple[str, ...]
    views_version: str


@dataclass(frozen=True, slots=True)
class Drafting:
    """What a release is written from."""

    plan: Plan
    boroughs: tuple[Participant, ...]
    figures: Figures
    hidden: Hidden

    def release(self, made_in: Circumstances) -> Release:
        """Write the release; the same figures give the same bytes."""
        plan = self.plan
        return Release(
            effective_from=f"{plan.month}-01",
            feeds=tuple(map(_feed, made_in.feeds)),
            kind="release",
            loss=self._loss(),
            mapping=plan.mapping.reference(),
            month=plan.month,
            name=RELEASE_PREFIX + plan.month,
            origin="The hub's own views, as of the positions that it names.",
            policy=plan.tables.policy,
            positions=tuple(
                Position(ledger=ledger, position=position)
                for ledger, position in sorted(made_in.positions.items())
            ),
            rationale="Published once and fixed for ever; c is a figure that is not shown.",
            registered_tables=plan.tables.reference(),
            rule_packs=made_in.rule_packs,
            tables=tuple(self._tables(made_in.explained)),
            version=1,
            views_version=made_in.views_version,
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

    def _tables(self, explained: Explanations) -> Iterator[Table]:
        names = {one.code: one.name for one in self.boroughs}
        comparing = Comparing(self.plan.mapping, explained, names, self.shown)
        figures = self.plan.figures()
        for code, title, theme in self.plan.tables.listed():
            yield Table(
                code=code,
                periods=tuple(period for _, period in self.plan.periods_of(code)),
                series=tuple(
                    series
                    for planned in figures
                    if planned.table == code
                    for area in self._areas(planned)
                    if (series := self._series(planned, area, comparing)) is not None
                ),
                theme=theme,
                title=title,
            )

    def _areas(self, planned: Planned) -> list[str]:
        codes = [one.code for one in self.boroughs]
        return [pair_of(*pair) for pair in combinations(codes, 2)] if planned.pairs else codes

    def _series(self, planned: Planned, area: str, comparing: Comparing) -> Series | None:
        periods = self.plan.periods(planned.kinds)
        numerators, *of = (
            tuple(self._cell(planned, Place(one.name(), area, *period)) for period in periods)
            for one in planned.countings()
        )
        if not any(numerators):
            return None
        told = self._told(planned, area)
        borough, _, other = area.partition(JOINED)
        return Series(
            borough=borough,
            breakdown=planned.breakdown,
            changes=tuple(
                self._change(planned, Place(planned.counted.name(), area, *period))
                for period in periods
            ),
            counts=planned.counts,
            denominators=of[0] if of else (),
            flags=comparing.found(planned, area, periods),
            measure=planned.measure,
            numerators=numerators,
            other=other or None,
            part_told=tuple(
                period
                for kind, period in periods
                if meets(kind, period, told) and not whole(kind, period, told)
            ),
            per=planned.per,
            rates=tuple(
                _rate(*pair, planned.per)
                for pair in zip(numerators, of[0] if of else (), strict=False)
                if planned.per
            ),
        )

    def _told(self, planned: Planned, area: str) -> Window | None:
        """Give from which month to which a figure is told of there."""
        return self.figures.told.get((planned.key, area))

    def _cell(self, planned: Planned, place: Place) -> str:
        """Give what is shown at a place in the series of a figure.

        Two figures may count the same, one of them since a later month.
        """
        told = self._told(planned, place.borough)
        if place not in self.figures.released or not meets(place.kind, place.period, told):
            return NONE
        return HIDDEN if place in self.hidden.every() else str(self.figures.values[place])

    def _change(self, planned: Planned, place: Place) -> str:
        """Give the change on a year where both figures are shown, so that it tells nothing new.

        Of a period that is told of in part nothing is compared.
        """
        told = self._told(planned, place.borough)
        window = window_named(place.kind, place.period)
        earlier = place._replace(period=label(place.kind, window.year_before()))
        now, before = self._cell(planned, place), self._cell(planned, earlier)
        wholes = [whole(one.kind, one.period, told) for one in (place, earlier)]
        if NONE in {now, before} or not all(wholes):
            return NONE
        return HIDDEN if HIDDEN in {now, before} else str(int(now) - int(before))

    def shown(self, planned: Planned, area: str, kind: PeriodKind, period: str) -> Number | None:
        """Give what the release shows of a figure, its rate only where both numbers are shown.

        What is told of in part is not to be compared, and so is none.
        """
        numerator, *of = (
            self._cell(planned, Place(one.name(), area, kind, period))
            for one in planned.countings()
        )
        told = self._told(planned, area)
        if numerator in {NONE, HIDDEN} or not whole(kind, period, told):
            return None
        shares = bool(of) and of[0] not in {NONE, HIDDEN}
        return Number(
            "events",
            int(numerator),
            int(of[0]) if shares else None,
            per=planned.per if shares else None,
        )


def _feed(row: JsonValue) -> SourceState:
    """Give a source's state without what counts its events."""
    told = row if isinstance(row, Mapping) else {}
    kept = {name: value for name, value in told.items() if name in _FEED}
    return SourceState.model_validate_json(canonical(kept))


def _rate(numerator: str, denominator: str, per: Per) -> str:
    """Give a rate, hidden with whatever it is made of."""
    if NONE in {numerator, denominator}:
        return NONE
    if HIDDEN in {numerator, denominator}:
        return HIDDEN
    return per_text(int(numerator), int(denominator), per) or NONE


def read_back(release: Release, plan: Plan) -> tuple[dict[Place, int], frozenset[Place]]:
    """Give what a release shows, with the places that it hides: from its cells alone."""
    shown: dict[Place, int] = {}
    hidden: set[Place] = set()
    planned = {
        (one.table, one.measure, one.breakdown, one.counts == "reported"): one
        for one in plan.figures()
    }
    for table in release.tables:
        for series in table.series:
            one = planned[table.code, series.measure, series.breakdown, series.counts == "reported"]
            area = pair_of(series.borough, series.other) if series.other else series.borough
            parts = (series.numerators, series.denominators)
            for counting, cells in zip(one.countings(), parts, strict=False):
                places = [
                    Place(counting.name(), area, *period) for period in plan.periods(one.kinds)
                ]
                _sort(zip(places, cells, strict=True), shown, hidden)
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
