"""Attacking a release as a reader could: what can each hidden figure still be?

The attacker knows every figure that is shown, here, in earlier releases and by others; what holds
between figures; that zero is always shown, so that nothing hidden is zero; and of each small figure
that it attacks even that it is a small one, unless nothing could stand against that. A hidden
figure stands the attack when three different values of it are found, each with whole numbers for
all the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from services.releases.figures import (
    FEWEST_VALUES,
    LARGEST_HIDDEN,
    SMALLEST_HIDDEN,
    Place,
    Relation,
    is_small,
)
from services.releases.solver import Bounded, Problem, Solver

FARTHEST = 999
"""How far from the truth other values are looked for: three within that are enough."""


class Attack:
    """One attacker's knowledge; asked again and again while figures are hidden and shown.

    What is found of one group of figures that hang together depends on that group alone, so it is
    kept and never worked out twice.
    """

    def __init__(
        self, values: Mapping[Place, int], relations: Iterable[Relation], solver: Solver
    ) -> None:
        """Know these relations; those that do not hold of the true values are left out.

        What is not so, nobody knows: an attacker who believed it would be misled.
        """
        self._values = values
        self._solver = solver
        self._relations: list[Relation] = []
        self._of: dict[Place, list[int]] = defaultdict(list)
        for relation in sorted(set(relations), key=_order):
            if relation.holds(values):
                for place, _ in relation.terms:
                    self._of[place].append(len(self._relations))
                self._relations.append(relation)
        self._others = _Others()
        self._not_known_as_small: set[Place] = set()
        self._narrowed: dict[tuple[Place, ...], tuple[Place, ...]] = {}

    def groups(self, places: Iterable[Place], hidden: frozenset[Place]) -> list[tuple[Place, ...]]:
        """Give the groups of hidden figures that hang together, and that have one of these."""
        met: set[Place] = set()
        found = []
        for place in sorted(set(places) & hidden):
            if place not in met:
                group = self._group(place, hidden)
                met |= group
                found.append(tuple(sorted(group)))
        return found

    def _group(self, place: Place, hidden: frozenset[Place]) -> set[Place]:
        group, waiting = {place}, [place]
        while waiting:
            for neighbour in self.neighbours([waiting.pop()]):
                if neighbour in hidden and neighbour not in group:
                    group.add(neighbour)
                    waiting.append(neighbour)
        return group

    def forget_size(self, place: Place) -> None:
        """From here on, do not know of a small figure that it is one."""
        self._not_known_as_small.add(place)
        self._narrowed = {group: of for group, of in self._narrowed.items() if place not in group}

    def knows_size(self, place: Place) -> bool:
        """Say whether it is known of a figure that it is a small one."""
        return is_small(self._values[place]) and place not in self._not_known_as_small

    def possible(self, differing: Mapping[Place, int]) -> None:
        """Remember figures that can be so together: found elsewhere, and true to all relations."""
        self._others.add(differing)

    def neighbours(self, places: Iterable[Place]) -> set[Place]:
        """Give every figure that stands in a relation with one of these."""
        return {
            other
            for place in places
            for index in self._of.get(place, ())
            for other, _ in self._relations[index].terms
        }

    def narrowed(self, group: tuple[Place, ...]) -> tuple[Place, ...]:
        """Give those of a group of hidden figures that have fewer than three possible values."""
        if group not in self._narrowed:
            look = _Look(group, self._values, self.problem(group), self._others)
            self._narrowed[group] = tuple(
                place
                for index, place in enumerate(group)
                if not look.stands(index, self._solver, as_small=self.knows_size(place))
            )
        return self._narrowed[group]

    def problem(self, group: Sequence[Place]) -> Problem:
        """Give what is known of a group when all else is shown, by index in the group.

        The shown figures stand in every relation; one of a single figure is its bound.
        """
        index_of = {place: index for index, place in enumerate(group)}
        low = [max(SMALLEST_HIDDEN, self._values[place] - FARTHEST) for place in group]
        high = [self._values[place] + FARTHEST for place in group]
        constraints = []
        for number in sorted({number for place in group for number in self._of.get(place, ())}):
            one = self._bounded(self._relations[number], index_of)
            if len(one.terms) == 1 and one.terms[0][1] in {1, -1}:
                _tighten(one, low, high)
            else:
                constraints.append(one)
        return Problem(tuple(low), tuple(high), tuple(dict.fromkeys(constraints)))

    def _bounded(self, relation: Relation, index_of: Mapping[Place, int]) -> Bounded:
        shown = sum(
            coefficient * self._values[place]
            for place, coefficient in relation.terms
            if place not in index_of
        )
        return Bounded(
            tuple((index_of[place], by) for place, by in relation.terms if place in index_of),
            None if relation.low is None else relation.low - shown,
            None if relation.high is None else relation.high - shown,
        )


def _order(relation: Relation) -> tuple[tuple[tuple[Place, int], ...], str]:
    """Relations in a fixed order: what is found must not depend on how they came."""
    return relation.terms, f"{relation.low} {relation.high}"


def _tighten(one: Bounded, low: list[int], high: list[int]) -> None:
    index, coefficient = one.terms[0]
    least, most = (one.low, one.high) if coefficient == 1 else (one.high, one.low)
    if least is not None:
        low[index] = max(low[index], coefficient * least)
    if most is not None:
        high[index] = min(high[index], coefficient * most)


class _Others:
    """Other values that hidden figures can have, as they were found.

    Each is kept with all that differ from the truth together: it is possible wherever these are
    hidden, whatever else is.
    """

    def __init__(self) -> None:
        self._of: dict[Place, list[Mapping[Place, int]]] = defaultdict(list)

    def add(self, differing: Mapping[Place, int]) -> None:
        for place in differing:
            self._of[place].append(differing)

    def values(self, place: Place, hidden: frozenset[Place]) -> Iterator[int]:
        for differing in self._of[place]:
            if differing.keys() <= hidden:
                yield differing[place]


@dataclass(frozen=True, slots=True)
class _Span:
    """Between which values a figure is sought, and those it was seen to be able to have."""

    low: int
    high: int
    seen: set[int]

    def enough(self, more: Iterable[int] = ()) -> bool:
        for value in more:
            if self.low <= value <= self.high:
                self.seen.add(value)
            if len(self.seen) >= FEWEST_VALUES:
                return True
        return len(self.seen) >= FEWEST_VALUES


class _Look:
    """Looking for three values of each figure of one group."""

    def __init__(
        self,
        group: tuple[Place, ...],
        values: Mapping[Place, int],
        problem: Problem,
        others: _Others,
    ) -> None:
        self._group = group
        self._truth = tuple(values[place] for place in group)
        self._problem = problem
        self._others = others

    def stands(self, index: int, solver: Solver, *, as_small: bool) -> bool:
        """Say whether a figure can have three values: one known as small, three from 1 to 5."""
        low, high = self._problem.low[index], self._problem.high[index]
        if as_small:
            low, high = max(low, SMALLEST_HIDDEN), min(high, LARGEST_HIDDEN)
        span = _Span(low, high, {self._truth[index]})
        if span.enough(self._others.values(self._group[index], frozenset(self._group))):
            return True
        return any(
            span.enough([value])
            for aim in _aims(span)
            if (value := self._look(index, aim, solver)) is not None
        )

    def _look(self, index: int, aim: _Aim, solver: Solver) -> int | None:
        """Look for one more value, the nearest to those seen."""
        if aim.low > aim.high:
            return None
        costs = [0] * len(self._group)
        costs[index] = aim.cost
        found = solver.solve(self._problem.between(index, aim.low, aim.high), costs)
        if found is None or not self._problem.allows(found):
            return None
        pairs = zip(self._group, found, self._truth, strict=True)
        self._others.add({place: value for place, value, true in pairs if value != true})
        return found[index]


class _Aim(NamedTuple):
    """Between which values to look, and whether for the least (1) or the greatest (-1) there."""

    low: int
    high: int
    cost: int


def _aims(span: _Span) -> Iterator[_Aim]:
    """Give where to look: twice above what was seen and twice below, then in between."""
    for _ in range(FEWEST_VALUES - 1):
        yield _Aim(max(span.seen) + 1, span.high, 1)
    for _ in range(FEWEST_VALUES - 1):
        yield _Aim(span.low, min(span.seen) - 1, -1)
    seen = sorted(span.seen)
    for lower, upper in pairwise(seen):
        yield _Aim(lower + 1, upper - 1, 1)
