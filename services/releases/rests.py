"""What a share leaves of its whole, where that is a small number: 8 of 10 in time says 2 late.

No release has such a figure, and everybody can work it out who is shown the other two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from services.releases.figures import Place, Relation, is_small


class Rest(NamedTuple):
    """One such figure: where it would stand, its value, and what everybody knows of it."""

    place: Place
    value: int
    relation: Relation


def rests(
    shares: Iterable[tuple[str, str]], values: Mapping[Place, int], known: Collection[Place]
) -> tuple[Rest, ...]:
    """Give the small rests of shares, pairs of a part and its whole by what they count.

    Where others publish both, they publish the rest: to hide it here would protect nothing.
    """
    by_part: dict[str, list[Place]] = defaultdict(list)
    for place in sorted(values):
        by_part[place.counted].append(place)
    found = []
    for part, whole in dict.fromkeys(shares):
        for place in by_part[part]:
            of = place._replace(counted=whole)
            if of not in values or (place in known and of in known):
                continue
            left = values[of] - values[place]
            if is_small(left):
                rest = place._replace(counted=f"{whole} but {part}")
                terms = tuple(sorted([(place, 1), (rest, 1), (of, -1)]))
                found.append(Rest(rest, left, Relation(terms, 0, 0)))
    return tuple(found)
