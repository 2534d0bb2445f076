"""Deciding what a release does not show: what is small, and no more beside it than it takes.

Small figures are hidden, and figures that moved by a small number since an earlier release showed
them: two releases are two as-of dates, and a difference between those is a figure too. So is what a
share leaves of its whole: 8 of 10 says 2, and where that is small not both are shown. Then further
ones, one by one, until the attack narrows none; then every one of those that turns out to be
needless is shown again. The same figures always give the same choice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.releases.attack import Attack
from services.releases.figures import Figures, Hidden, Issued, Place, Relation, is_small
from services.releases.partners import Region, partners
from services.releases.solver import Solver


def hide(figures: Figures, earlier: Sequence[Issued], solver: Solver) -> Hidden:
    """Choose what is hidden of a release, given those before it, the oldest first.

    Where all that may be hidden does not keep a figure from being worked out from what others
    publish, nothing further is hidden for its sake, and it is named as given away.
    """
    places = figures.released - figures.known
    small = frozenset(place for place in places if is_small(figures.values[place]))
    changed = frozenset(
        place for place in places - small if _moved_a_little(place, figures, earlier)
    )
    kept = frozenset(
        place for place in places - small - changed if _hidden_before(place, figures, earlier)
    )
    choice = _Choice(figures, _Known.of(figures, earlier), solver)
    beside = choice.beside(small | changed | kept) | kept
    return Hidden(small, changed, beside, *choice.out_of_reach())


def exposed(
    figures: Figures, hidden: Hidden, earlier: Sequence[Issued], solver: Solver
) -> frozenset[Place]:
    """Attack a release and those before it; gives the places whose figure can be narrowed.

    Those of an earlier release whose figure is another one now are given as its own. What hiding
    could not reach is left out.
    """
    known = _Known.of(figures, earlier)
    attack = Attack(known.values, known.relations, solver)
    for place in sorted(hidden.size_known):
        attack.forget_size(place)
    shown = figures.released - hidden.every()
    every = (known.hidden - shown) | hidden.every()
    groups = attack.groups(every, every)
    narrowed = frozenset(place for group in groups for place in attack.narrowed(group))
    return (narrowed | (known.hidden & shown)) - hidden.given_away


def _moved_a_little(place: Place, figures: Figures, earlier: Sequence[Issued]) -> bool:
    """Say whether an earlier release shows another value, less than six away; zero is shown."""
    value = figures.values[place]
    return value > 0 and any(
        place in one.figures.released
        and place not in one.hidden
        and is_small(abs(one.figures.values[place] - value))
        for one in earlier
    )


def _hidden_before(place: Place, figures: Figures, earlier: Sequence[Issued]) -> bool:
    """Say whether an earlier release hid this very value: to show it now would tell it.

    After an erasure nobody can say which value it hid: it may have been this one.
    """
    value = figures.values[place]
    return value > 0 and any(
        place in one.hidden and (one.erased or one.figures.values[place] == value)
        for one in earlier
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """All releases as one: a figure that did not change is one figure, however often it is shown.

    Whoever attacks is taken to know which ones did not. A figure of an earlier release that is
    another one now goes by a place of its own, the others by that of the release being made.
    """

    values: Mapping[Place, int]
    relations: tuple[Relation, ...]
    hidden: frozenset[Place]
    """Those hidden in an earlier release and shown in none, and the small rests of shares."""
    shown: frozenset[Place]
    """Those that an earlier release or somebody else shows: to hide them now would be no use."""

    @classmethod
    def of(cls, figures: Figures, earlier: Sequence[Issued]) -> _Known:
        names = {(place, value): place for place, value in figures.values.items()}
        every = [*(one.figures for one in earlier), figures]
        for index, one in enumerate(every):
            for place, value in one.values.items():
                named = place._replace(counted=f"{place.counted} @{index}")
                names.setdefault((place, value), named)
        relations = [
            _renamed(relation, one.values, names) for one in every for relation in one.relations
        ]
        hidden = {
            names[place, one.figures.values[place]] for one in earlier for place in one.hidden
        }
        hidden |= {names[place, one.values[place]] for one in every for place in one.rests}
        shown = {
            names[place, one.figures.values[place]]
            for one in earlier
            for place in one.figures.released - one.hidden
        }
        shown |= {names[place, one.values[place]] for one in every for place in one.known}
        values = {named: value for (_, value), named in names.items()}
        return cls(values, tuple(relations), frozenset(hidden - shown), frozenset(shown))


def _renamed(
    relation: Relation, values: Mapping[Place, int], names: Mapping[tuple[Place, int], Place]
) -> Relation:
    terms = tuple((names[place, values[place]], by) for place, by in relation.terms)
    return Relation(terms, relation.low, relation.high)


class _Choice:
    """The search for what else must be hidden."""

    def __init__(self, figures: Figures, known: _Known, solver: Solver) -> None:
        self._known = known
        self._attack = Attack(known.values, known.relations, solver)
        self._solver = solver
        self._size_known: set[Place] = set()
        self._given_away: set[Place] = set()
        may_be_hidden = figures.released - known.shown
        self._hideable = frozenset(place for place in may_be_hidden if figures.values[place] > 0)

    def beside(self, first: Iterable[Place]) -> frozenset[Place]:
        """Give what must be hidden beside what is hidden first."""
        start = self._known.hidden | frozenset(first)
        hidden = start
        waiting = self._attack.groups(hidden, hidden)
        while waiting:
            group = waiting.pop()
            while narrowed := self._narrowed(group):
                hidden |= self._partners(narrowed[0], group, hidden)
                group = self._attack.groups([narrowed[0]], hidden)[0]
            # What has grown together is one group now; the others are as they were.
            waiting = [other for other in waiting if not set(other) <= set(group)]
        return self._without_needless(hidden, start) - start

    def out_of_reach(self) -> tuple[frozenset[Place], frozenset[Place]]:
        """Give what could be hidden only from who does not know its size, and what from nobody."""
        return frozenset(self._size_known), frozenset(self._given_away)

    def _narrowed(self, group: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple(
            place for place in self._attack.narrowed(group) if place not in self._given_away
        )

    def _partners(
        self, place: Place, group: tuple[Place, ...], hidden: frozenset[Place]
    ) -> frozenset[Place]:
        """Give the cheapest figures to hide so that one has three values; none where none help."""
        places = frozenset(group)
        size_known = self._attack.knows_size(place)
        while True:
            wider = places | self._attack.neighbours(places) & (self._hideable | hidden)
            found = partners(
                self._region(wider, hidden), place, self._solver, size_known=size_known
            )
            if found is not None:
                for way in found.ways:
                    self._attack.possible(way)
                return found.places
            if wider == places:
                break
            places = wider
        if size_known:
            self._size_known.add(place)
            self._attack.forget_size(place)
        else:
            self._given_away.add(place)
        return frozenset()

    def _region(self, places: frozenset[Place], hidden: frozenset[Place]) -> Region:
        ordered = tuple(sorted(places))
        truth = tuple(self._known.values[place] for place in ordered)
        return Region(ordered, truth, hidden, self._attack.problem(ordered))

    def _cost(self, place: Place) -> tuple[bool, int, Place]:
        """Say what hiding costs: years are read more than quarters, large figures than small."""
        return place.kind == "year-to-march", self._known.values[place], place

    def _without_needless(
        self, hidden: frozenset[Place], start: frozenset[Place]
    ) -> frozenset[Place]:
        """Show again whatever need not be hidden, the dearest first."""
        for place in sorted(hidden - start, key=self._cost, reverse=True):
            fewer = hidden - {place}
            groups = self._attack.groups(self._attack.neighbours([place]), fewer)
            if not any(self._narrowed(group) for group in groups):
                hidden = fewer
        return hidden
