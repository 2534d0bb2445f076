"""The true figures behind a release, as the views count them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.reference.factor_mapping import FactorMapping
from domain.reference.participants import Participant
from domain.reference.reference_figures import ReferenceFigures
from domain.reference.release_tables import ReleaseTables
from projections.measures import Unit
from projections.projection import Way
from services.periods import window_named
from services.releases.figures import Figures, Issued, Place, Tellings
from services.releases.pairs import Pairs, between_pairs, linked
from services.releases.plan import KINDS, Plan, countings_of
from services.releases.relations import Counting, apart, relations
from services.releases.rests import Rest, beside_quarters, rests
from services.releases.told import tellings, told_places
from services.theming.reports import Reports, reports
from services.views import Counted, Question, ViewReader

ANY_FACTOR = "factor:any"


@dataclass(frozen=True, slots=True)
class Published:
    """What others have published: the factor columns, and tables that single figures come from."""

    tables: Mapping[str, ReferenceFigures]
    """By name."""

    def count(self, figures: str, borough: Participant, year: str, column: str) -> int | None:
        """Give a number as it was published; None where there is none."""
        table = self.tables.get(figures)
        if table is None or borough.gss_code is None:
            return None
        return table.count(year, borough.gss_code, column=column)


class Counts:
    """Counts what a plan asks for, as of positions."""

    def __init__(
        self, store: ViewReader, boroughs: Sequence[Participant], published: Published
    ) -> None:
        """Count the rows of these boroughs; what is published beside them is held against it."""
        self._store = store
        self._boroughs = {one.ledger: one for one in boroughs if one.ledger}
        self._pairs = Pairs(store, boroughs)
        self._published = published

    def figures(
        self,
        plan: Plan,
        positions: Mapping[str, int],
        released: Collection[Place] | None = None,
        before: Sequence[tuple[Plan, Issued]] = (),
    ) -> Figures:
        """Give the figures of a plan; `released` are the places of one issued already.

        Without that a place is released where a live page would show it as of these positions.

        `before` are earlier releases of other tables or another mapping: what they have and stands
        as it was then adds up with what this one has, though no one of them has both.
        """
        plans = (plan, *(one for one, _ in before))
        mine = _all_counted([plan])
        every = {**_all_counted(plans[1:]), **mine}
        counts = self._values(plan, every, positions)
        standing = _standing(before, every, counts)
        read, reported = self._reported(plan, positions)
        values = {place: one for place, one in counts.items() if place.counted in mine}
        values |= {**self._pairs.values(plan, positions), **reported}
        told: Tellings = {}
        if released is None:
            told = tellings(self._store, [*self._boroughs.values()], plan, positions, read)
            released = _with_numbers(told_places(plan, told, linked(values)), plan, reported)
        places = set(released)
        known = self._known(plans, {**counts, **values})
        kept = {place: values.get(place, counts.get(place, 0)) for place in places | known}
        left = _left(plan, mine, kept, known)
        kept |= {place: counts.get(place, 0) for place in standing - kept.keys()}
        found = relations(
            every,
            [family for one in plans for family in one.families()],
            kept,
            shares=[share for one in plans for share in one.shares()],
        )
        return Figures(
            values={**kept, **{rest.place: rest.value for rest in left}},
            released=frozenset(places),
            relations=(
                *found, *between_pairs(every, kept), *(rest.relation for rest in left)
            ),
            known=frozenset(known),
            rests=frozenset(rest.place for rest in left),
            told=told,
        )  # fmt: skip

    def _values(
        self, plan: Plan, every: Mapping[str, Counting], positions: Mapping[str, int]
    ) -> dict[Place, int]:
        since, until = plan.days()
        by_way: dict[Way | None, dict[str, frozenset[str]]] = defaultdict(dict)
        for name, one in every.items():
            if not one.what:
                by_way[one.way][name] = one.cells
        values = {}
        for kind in KINDS:
            for way, groups in by_way.items():
                question = Question(
                    groups=groups, period=kind, ledgers=tuple(self._boroughs), as_of=positions,
                    occurred_from=since, occurred_to=until,
                )  # fmt: skip
                for row in self._store.count(question, way).rows:
                    place = Place(row.group, self._boroughs[row.ledger].code, kind, row.period)
                    values[place] = _of(row, every[row.group].unit)
        return values

    def _reported(
        self, plan: Plan, positions: Mapping[str, int]
    ) -> tuple[Reports | None, dict[Place, int]]:
        """Give what bodies report of the periods; what its source hides, or not all of, is none."""
        wanted = [one.counted for one in plan.figures() if one.counted.what == "reported"]
        told = reports(self._store, self._boroughs.values(), positions) if wanted else None
        values = {}
        for counting in wanted if told else ():
            (name,) = counting.cells
            for borough in self._boroughs.values():
                for kind, period in plan.periods():
                    total = told and told.total(borough.code, name, window_named(kind, period))
                    if total and total.numerator is not None:
                        place = Place(counting.name(), borough.code, kind, period)
                        values[place] = total.numerator
        return told, values

    def _known(self, plans: Sequence[Plan], values: Mapping[Place, int]) -> set[Place]:
        """Give the places of the first plan whose very value somebody has published as a number.

        What is published stands as the first of the plans that names it has it.
        """
        elsewhere = dict(
            pair for one in reversed(plans) for pair in _elsewhere(one.tables, one.mapping)
        )
        return {
            place
            for (figures, column), one in elsewhere.items()
            for borough in self._boroughs.values()
            for kind, year in plans[0].periods()
            if kind == "year-to-march"
            and self._published.count(figures, borough, year, column)
            == values.get(place := Place(one.name(), borough.code, kind, year), 0)
        }


def _with_numbers(places: set[Place], plan: Plan, reported: Collection[Place]) -> set[Place]:
    """Give places without those of reports that have no number, all months being told of or not."""
    names = {one.counted.name() for one in plan.figures() if one.counted.what == "reported"}
    return {one for one in places if one.counted not in names or one in reported}


def _left(
    plan: Plan,
    counted: Mapping[str, Counting],
    kept: Mapping[Place, int],
    known: Collection[Place],
) -> tuple[Rest, ...]:
    """Give the small numbers that parts leave of their whole, and quarters of their year."""
    groups = apart(counted, plan.families(), plan.shares())
    return *rests(groups, kept, known), *beside_quarters(counted, kept, known)


def _all_counted(plans: Sequence[Plan]) -> dict[str, Counting]:
    """Give all that plans count, and what others publish of it, by name."""
    return {
        name: one
        for plan in plans
        for name, one in (
            *((each.name(), each) for _, each in _elsewhere(plan.tables, plan.mapping)),
            *countings_of(plan.figures()).items(),
        )
    }


def _standing(
    before: Sequence[tuple[Plan, Issued]],
    every: Mapping[str, Counting],
    counts: Mapping[Place, int],
) -> set[Place]:
    """Give the places of earlier releases whose figures are the same now; those of cells alone."""
    return {
        place
        for _, issued in before
        for place in issued.figures.released
        if place.counted in every
        and not every[place.counted].what
        and counts.get(place, 0) == issued.figures.values[place]
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
