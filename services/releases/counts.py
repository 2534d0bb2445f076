"""The true figures behind a release, as the views count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping
from domain.reference.reference_figures import ReferenceFigures
from domain.reference.release_tables import ReleaseTables
from projections.measures import Unit
from projections.projection import Way
from services.releases.figures import Figures, PeriodKind, Place
from services.releases.plan import Plan, countings_of
from services.releases.relations import Counting, relations
from services.releases.rests import rests
from services.views import Counted, Question, ViewReader

KINDS: tuple[PeriodKind, ...] = ("year-to-march", "quarter")
ANY_FACTOR = "factor:any"


@dataclass(frozen=True, slots=True)
class Area:
    """A borough as figures know it: its ledger, its code, its code in published tables."""

    borough: str
    ledger: str
    gss_code: str | None


@dataclass(frozen=True, slots=True)
class Published:
    """What others have published: the factor columns, and tables that single figures come from."""

    tables: Mapping[str, ReferenceFigures]
    """By name."""

    def count(self, figures: str, area: Area, year: str, column: str) -> int | None:
        """Give a number as it was published; None where there is none."""
        table = self.tables.get(figures)
        if table is None or area.gss_code is None:
            return None
        return table.count(year, area.gss_code, column=column)


class Counts:
    """Counts what a plan asks for, as of positions."""

    def __init__(self, store: ViewReader, areas: Collection[Area], published: Published) -> None:
        """Count the rows of these areas; what is published beside them is held against it."""
        self._store = store
        self._areas = {area.ledger: area for area in areas}
        self._published = published

    def figures(
        self,
        plan: Plan,
        positions: Mapping[str, int],
        released: Collection[Place] | None = None,
    ) -> Figures:
        """Give the figures of a plan; `released` are the places of one issued already.

        Without that a place is released where its source has ever told of it, between the first
        and the last period in which the borough has anything: beyond, nothing was loaded.
        """
        counted = countings_of(plan.figures())
        elsewhere = dict(_elsewhere(plan.tables, plan.mapping))
        every = {**{one.name(): one for one in elsewhere.values()}, **counted}
        values = self._values(plan, every, positions)
        places = self._released(plan, values) if released is None else set(released)
        known = self._known(plan, elsewhere, values)
        kept = {place: values.get(place, 0) for place in places | known}
        found = relations(every, plan.families(), kept, shares=plan.shares())
        left = rests(plan.shares(), kept, known)
        return Figures(
            values={**kept, **{rest.place: rest.value for rest in left}},
            released=frozenset(places),
            relations=(*found, *(rest.relation for rest in left)),
            known=frozenset(known),
            rests=frozenset(rest.place for rest in left),
        )

    def _values(
        self, plan: Plan, every: Mapping[str, Counting], positions: Mapping[str, int]
    ) -> dict[Place, int]:
        since, until = plan.days()
        by_way: dict[Way | None, dict[str, frozenset[str]]] = defaultdict(dict)
        for name, one in every.items():
            by_way[one.way][name] = one.cells
        values = {}
        for kind in KINDS:
            for way, groups in by_way.items():
                question = Question(
                    groups=groups, period=kind, ledgers=tuple(self._areas), as_of=positions,
                    occurred_from=since, occurred_to=until,
                )  # fmt: skip
                for row in self._store.count(question, way).rows:
                    place = Place(row.group, self._areas[row.ledger].borough, kind, row.period)
                    values[place] = _of(row, every[row.group].unit)
        return values

    def _released(self, plan: Plan, values: Mapping[Place, int]) -> set[Place]:
        found = set()
        for area in self._areas.values():
            fed = self._fed(plan, area)
            for kind in KINDS:
                told = {
                    one.period for one in values if (one.borough, one.kind) == (area.borough, kind)
                }
                found |= {
                    Place(name, area.borough, kind, period)
                    for name in fed
                    for of, period in plan.periods()
                    if of == kind and told and min(told) <= period <= max(told)
                }
        return found

    def _fed(self, plan: Plan, area: Area) -> list[str]:
        """Name what a borough's events ever told of; a share and its whole are told of together.

        Where the whole is told of and the share never was, the share is zero.
        """
        together = (one.countings() for one in plan.figures())
        return sorted(
            {
                one.name()
                for countings in together
                if any(self._store.met(area.ledger, each.cells) for each in countings)
                for one in countings
            }
        )

    def _known(
        self,
        plan: Plan,
        elsewhere: Mapping[tuple[str, str], Counting],
        values: Mapping[Place, int],
    ) -> set[Place]:
        """Give the places whose very value somebody has published as a number."""
        return {
            place
            for (figures, column), one in elsewhere.items()
            for area in self._areas.values()
            for kind, year in plan.periods()
            if kind == "year-to-march"
            and self._published.count(figures, area, year, column)
            == values.get(place := Place(one.name(), area.borough, kind, year), 0)
        }


def _of(row: Counted, unit: Unit) -> int:
    return {"events": row.events, "episodes": row.episodes, "children": row.children}[unit]


def _elsewhere(
    tables: ReleaseTables, mapping: FactorMapping
) -> Iterable[tuple[tuple[str, str], Counting]]:
    """Give what each published column counts, in our words."""
    for column in mapping.columns():
        codes = mapping.codes_of_column(column)
        cells = frozenset(f"factor:{code}" for code in codes)
        if column == mapping.episodes_column:
            cells = frozenset({ANY_FACTOR})
        yield (tables.factor_figures, column), Counting("episodes", cells)
    for one in tables.published:
        yield (one.figures, one.column), Counting(one.counts, frozenset(one.cells))
