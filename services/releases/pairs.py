"""Children whom two boroughs know, as figures of a release: what they are, and what hangs together.

A pair of boroughs stands where a borough stands elsewhere, spelt `havering+redbridge`. Beside the
pairs stands of each borough how many of its children could have been met at all: without that share
no count of a pair can be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import permutations

from domain.reference.participants import Participant
from services.periods import window_named
from services.releases.figures import Place, Relation
from services.releases.plan import YEARS, Plan
from services.releases.relations import Counting
from services.views import Linkable, Shared, ViewReader

JOINED = "+"


def pair_of(first: str, second: str) -> str:
    """Spell a pair of boroughs, the same whichever comes first."""
    return JOINED.join(sorted((first, second)))


class Pairs:
    """Counts what a plan asks of pairs, as of positions."""

    def __init__(self, store: ViewReader, boroughs: Sequence[Participant]) -> None:
        """Count the children of these boroughs."""
        self._store = store
        self._codes = {one.ledger: one.code for one in boroughs if one.ledger}

    def values(self, plan: Plan, positions: Mapping[str, int]) -> dict[Place, int]:
        """Give every figure of every year, those that are zero as well."""
        across = [one for one in plan.figures() if one.pairs]
        values: dict[Place, int] = {}
        for kind, year in plan.periods(YEARS) if across else ():
            first, last = window_named(kind, year).days()
            found = self._store.shared(
                Shared(
                    groups={one.breakdown: one.counted.cells for one in across},
                    ledgers=tuple(self._codes),
                    as_of=positions,
                    occurred_from=first,
                    occurred_to=last,
                )
            )
            counted = {one.breakdown: one for one in across}
            for row in found.pairs:
                pair = pair_of(self._codes[row.first], self._codes[row.second])
                for one, number in zip(
                    counted[row.group].countings(), (row.both, row.either), strict=True
                ):
                    values[Place(one.name(), pair, kind, year)] = number
            values |= self._coverage(found.linkable, year)
        return values

    def _coverage(self, rows: Collection[Linkable], year: str) -> dict[Place, int]:
        found: defaultdict[Place, int] = defaultdict(int)
        for code in self._codes.values():
            for name in (_LINKABLE.name(), _MET.name()):
                found[Place(name, code, "year-to-march", year)] = 0
        for row in rows:
            for name, number in ((_LINKABLE.name(), row.linkable), (_MET.name(), row.children)):
                found[Place(name, self._codes[row.ledger], "year-to-march", year)] += number
        return dict(found)


def linked(values: Mapping[Place, int]) -> frozenset[str]:
    """Give the boroughs that ever sent a token of a child that was met."""
    return frozenset(
        place.borough
        for place, number in values.items()
        if place.counted == _LINKABLE.name() and number
    )


_LINKABLE = Counting("children", frozenset(), what="linkable")
_MET = Counting("children", frozenset(), what="met")


def between_pairs(
    counted: Mapping[str, Counting], values: Mapping[Place, int]
) -> tuple[Relation, ...]:
    """Give what holds between pairs and boroughs; a relation stands where its figures are.

    Of the children of two boroughs, those in both are among the linkable ones of each, and among
    the children of each whom the theme counts; those in both and in either together are no more
    than both boroughs' together; and of three boroughs, two pairs overlap no more than the third.
    """
    found: list[Relation] = []
    boroughs = {place.borough for place in values if JOINED not in place.borough}
    for place in sorted(values):
        one = counted.get(place.counted)
        if one is None or one.what != "both":
            continue
        either = place._replace(counted=Counting(one.unit, one.cells, what="either").name())
        first, second = place.borough.split(JOINED)
        for name in _wider(one, counted):
            here = [place._replace(counted=name, borough=code) for code in (first, second)]
            found += [bound for own in here for bound in _at_most({place: 1, own: -1}, values)]
            found += _at_most({place: 1, either: 1, here[0]: -1, here[1]: -1}, values)
            found += _overlaps(place, here, boroughs, values)
    found += _children(counted, values)
    return tuple(dict.fromkeys(found))


def _wider(one: Counting, counted: Mapping[str, Counting]) -> Iterator[str]:
    """Name what counts, of one borough, all the children of a theme: the linkable among them."""
    for name, other in counted.items():
        if other.what == "linkable" or (
            other.kind() == ("children", None, "") and one.cells <= other.cells
        ):
            yield name


def _overlaps(
    place: Place, here: Sequence[Place], boroughs: Collection[str], values: Mapping[Place, int]
) -> list[Relation]:
    """Of A: the children in A and B, and in A and C, but for those in B and C, are no more."""
    found: list[Relation] = []
    for own, other in permutations(here, 2):
        for third in sorted({*boroughs} - {own.borough, other.borough}):
            beside = place._replace(borough=pair_of(own.borough, third))
            apart = place._replace(borough=pair_of(other.borough, third))
            found += _at_most({place: 1, beside: 1, apart: -1, own: -1}, values)
    return found


def _children(counted: Mapping[str, Counting], values: Mapping[Place, int]) -> list[Relation]:
    """Whatever children a figure of a borough counts are among those that were met in the year."""
    found: list[Relation] = []
    for place in sorted(values):
        one = counted.get(place.counted)
        if one is not None and one.kind() == ("children", None, ""):
            found += _at_most({place: 1, place._replace(counted=_MET.name()): -1}, values)
    return found


def _at_most(terms: Mapping[Place, int], values: Mapping[Place, int]) -> list[Relation]:
    if not terms.keys() <= values.keys():
        return []
    return [Relation(tuple(sorted(terms.items())), None, 0)]
