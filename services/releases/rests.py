"""What parts leave of their whole, where that is a small number: 8 of 10 in time says 2 late.

No release has such a figure, and everybody can work it out who is shown the others: a whole and a
share or part of it, or a whole and parts of it of which no two count the same. So can what a year
has beside those of its quarters that are told of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from projections.projection import AtEnd
from services.releases.figures import Place, Relation, is_small
from services.releases.relations import Counting, Family, quarters_of


class Rest(NamedTuple):
    """One such figure: where it would stand, its value, and what everybody knows of it."""

    place: Place
    value: int
    relation: Relation


def rests(
    families: Iterable[Family], values: Mapping[Place, int], known: Collection[Place]
) -> tuple[Rest, ...]:
    """Give the small rests of families, each a whole with parts apart, by what they count.

    Of several parts some may be small, and so are hidden: what is left beside the others is a rest
    too. Where others publish all the numbers they publish the rest: to hide it here would protect
    nothing.
    """
    by_whole: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(values):
        by_whole[place.counted].append(place)
    found: dict[Place, Rest] = {}
    for whole, parts in dict.fromkeys(families):
        for place in by_whole[whole]:
            here = [other for part in parts if (other := place._replace(counted=part)) in values]
            large = [part for part in here if not is_small(values[part])]
            for some in dict.fromkeys((tuple(here), tuple(large))):
                for rest in _rest(place, some, values, known):
                    found.setdefault(rest.place, rest)
    return tuple(found.values())


def beside_quarters(
    counted: Mapping[str, Counting], values: Mapping[Place, int], known: Collection[Place]
) -> tuple[Rest, ...]:
    """Give the small rests of years of which not every quarter has a place.

    A return lists what came before it began: the year counts that, and no quarter is told of then.
    """
    found: list[Rest] = []
    for year in sorted(place for place in values if place.kind == "year-to-march"):
        one = counted.get(year.counted)
        if one is None or isinstance(one.way, AtEnd):
            continue
        quarters = [
            place
            for period in quarters_of(year.period)
            if (place := year._replace(kind="quarter", period=period)) in values
        ]
        if len(quarters) < len(quarters_of(year.period)):
            found += _rest(year, quarters, values, known)
    return tuple(found)


def _rest(
    whole: Place, parts: Sequence[Place], values: Mapping[Place, int], known: Collection[Place]
) -> Iterator[Rest]:
    if not parts or all(place in known for place in (whole, *parts)):
        return
    left = values[whole] - sum(values[part] for part in parts)
    if is_small(left):
        names = " and ".join(f"{part.counted} in {part.period}" for part in parts)
        rest = whole._replace(counted=f"{whole.counted} but {names}")
        terms = tuple(sorted([*((part, 1) for part in parts), (rest, 1), (whole, -1)]))
        yield Rest(rest, left, Relation(terms, 0, 0))
