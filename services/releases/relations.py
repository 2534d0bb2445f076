"""What everybody knows to hold between figures, from what they count.

Quarters add up to their year, parts stay below their whole, a union below the sum of what it is
made of. Some of this follows from what is counted; some is only what a reader would guess: that no
child came twice in the year, that the parts shown are all there are. An attack is given all of it
where it is true of the figures (what is not true misleads whoever believes it), so that a guess
that happens to be right gives nothing away.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from domain.vocabulary.codes import Agency
from projections.measures import Unit
from projections.people import YOUNGEST
from projections.projection import AtEnd, Way
from services.releases.figures import Place, Relation

What = Literal["", "both", "either", "linkable", "met", "reported"]
"""Of a pair of boroughs, the children in both or in either; of one, those with a linkage token or
all that were met; and what is reported by a name. Empty: what stands in the cells."""


@dataclass(frozen=True, slots=True)
class Counting:
    """What one figure counts: distinct events, episodes or children over a set of cells."""

    unit: Unit
    cells: frozenset[str]
    way: Way | None = None
    what: What = ""

    def name(self) -> str:
        """Spell it, the same for what counts the same."""
        said = [self.what] if self.what else []
        return " ".join([*said, self.unit, *sorted(self.cells), *_spelt(self.way)])

    def kind(self) -> tuple[Unit, Way | None, What]:
        """Give all but the cells: what must be the same of figures that add up."""
        return self.unit, self.way, self.what

    def within(self, other: Counting) -> bool:
        """Say whether the other counts all that this does, as the names of their cells have it."""
        return (
            (self.unit, self.what) == (other.unit, other.what)
            and other.way in {None, self.way}
            and all(any(_refines(cell, wider) for wider in other.cells) for cell in self.cells)
        )


def _spelt(way: Way | None) -> list[str]:
    if way is None:
        return []
    if isinstance(way, AtEnd):
        return ["at-end", way.cell]
    return [
        f"after-{way.at_least}-in-{way.within_days}-by-{way.joined_by}",
        *sorted(way.after),
    ]


def _refines(cell: str, wider: str) -> bool:
    """Say whether a cell is another one or a part of it: `plan-started:NEG` of `plan-started`."""
    return cell == wider or cell.startswith(f"{wider}:")


ONE_OF: Final = (
    frozenset(YOUNGEST),
    frozenset({"EMO", "MUL", "NEG", "PHY", "SAB", "unknown"}),
    frozenset({"high", "medium", "low", "unknown"}),
    frozenset({"blue", "green", "amber", "red"}),
    frozenset({"possession", "threat", "use"}),
    frozenset({"permanent", "suspension"}),
    frozenset(f"by-{agency}" for agency in get_args(Agency)),
)
"""Values of which one event has one: ages, categories, levels, ratings, offences, exclusions, and
who rated."""

Family = tuple[str, tuple[str, ...]]
"""A whole and its parts, by the names of what they count."""


def relations(
    counted: Mapping[str, Counting],
    families: Iterable[Family],
    places: Collection[Place],
    *,
    shares: Iterable[tuple[str, str]] = (),
) -> tuple[Relation, ...]:
    """Give all that may be known to hold between the figures at these places.

    `shares` are pairs of a part and what it is a share of.
    """
    found = [*_over_time(counted, places)]
    shown = list(families)
    wider, wholes = [*_within(counted, shown, shares)], [*_unions(counted), *shown]
    exclusive = _exclusive(counted, wider)
    at: dict[tuple[str, str, str], dict[str, Place]] = defaultdict(dict)
    for place in sorted(places):
        at[place.borough, place.kind, place.period][place.counted] = place
    for here in at.values():
        found += [
            _at_most({here[part]: 1, here[whole]: -1})
            for part, whole in wider
            if part in here and whole in here
        ]
        found += _sums(here, wholes, exclusive)
    for whole, parts in _unions(counted):
        found += [
            _at_most({here[whole]: 1, **{here[part]: -1 for part in parts}})
            for here in at.values()
            if {whole, *parts} <= here.keys()
        ]
    return tuple(dict.fromkeys(found))


def _sums(
    here: Mapping[str, Place], wholes: Iterable[Family], exclusive: Iterable[Family]
) -> Iterator[Relation]:
    """Give wholes that their parts may add up to, in one borough and period.

    Of parts that exclude each other, those that are told of nowhere have no place: they are none.
    """
    for whole, parts in wholes:
        if {whole, *parts} <= here.keys():
            yield _adds_up([here[part] for part in parts], here[whole])
    for whole, parts in exclusive:
        told = [here[part] for part in parts if part in here]
        if whole in here and told:
            yield _adds_up(told, here[whole])


def quarters_of(year: str) -> tuple[str, str, str, str]:
    """Give the quarters of a year to 31 March, each by its first month."""
    before, last = int(year) - 1, int(year)
    return f"{before:04}-04", f"{before:04}-07", f"{before:04}-10", f"{last:04}-01"


def _over_time(counted: Mapping[str, Counting], places: Collection[Place]) -> Iterator[Relation]:
    for year in sorted(place for place in places if place.kind == "year-to-march"):
        quarters = [
            place
            for period in quarters_of(year.period)
            if (place := Place(year.counted, year.borough, "quarter", period)) in places
        ]
        if isinstance(counted[year.counted].way, AtEnd):
            # The year ends on the day on which its last quarter does.
            yield from (_adds_up([one], year) for one in quarters[3:])
            continue
        yield from (_at_most({one: 1, year: -1}) for one in quarters)
        if len(quarters) == len(quarters_of(year.period)):
            yield _adds_up(quarters, year)
            yield _at_most({year: 1, **dict.fromkeys(quarters, -1)})


def apart(
    counted: Mapping[str, Counting],
    families: Iterable[Family],
    shares: Iterable[tuple[str, str]],
) -> tuple[Family, ...]:
    """Give wholes with parts that do not overlap, as far as names say it: one part, or several.

    What is left of a whole beside them is a figure that everybody can work out.
    """
    shown = list(families)
    within = [*_within(counted, shown, shares)]
    found: list[Family] = [(whole, (part,)) for part, whole in within]
    found += _exclusive(counted, within)
    found += [(whole, tuple(part for part in parts if part != whole)) for whole, parts in shown]
    return tuple(dict.fromkeys(one for one in found if one[1]))


def _exclusive(counted: Mapping[str, Counting], within: Iterable[tuple[str, str]]) -> list[Family]:
    """Give wholes with all their parts of which one event is in one at most, by their names."""
    by_kind: dict[tuple[str, tuple[object, ...]], list[str]] = defaultdict(list)
    for part, whole in within:
        if part in counted:
            for kind in _exclusive_kinds(counted[part]):
                by_kind[whole, kind].append(part)
    return [(whole, tuple(sorted({*parts}))) for (whole, _), parts in by_kind.items()]


def _exclusive_kinds(one: Counting) -> Iterator[tuple[object, ...]]:
    """Give what must be the same of parts that exclude each other: all but which value it is."""
    cells = [cell.rpartition(":") for cell in one.cells]
    values = {value for _, _, value in cells}
    if len(values) == 1:
        bases = frozenset(base for base, *_ in cells)
        yield from ((one.kind(), bases, among) for among in ONE_OF if values <= among)


def _within(
    counted: Mapping[str, Counting],
    families: Iterable[Family],
    shares: Iterable[tuple[str, str]],
) -> Iterator[tuple[str, str]]:
    """Give pairs of a part and its whole: by their cells, as a share, or as they are shown."""
    yield from _wider(counted)
    yield from shares
    yield from ((part, whole) for whole, parts in families for part in parts if part != whole)


def _wider(counted: Mapping[str, Counting]) -> Iterator[tuple[str, str]]:
    for (part, one), (whole, other) in itertools.permutations(sorted(counted.items()), 2):
        if one.within(other):
            yield part, whole


def _unions(counted: Mapping[str, Counting]) -> Iterator[Family]:
    """Give what is made of others: the largest that are parts of it, where they are all of it."""
    for whole, union in sorted(counted.items()):
        parts = {
            name: one.cells
            for name, one in sorted(counted.items())
            if one.cells < union.cells and one.kind() == union.kind()
        }
        largest = {
            name: cells
            for name, cells in parts.items()
            if not any(cells < other for other in parts.values())
        }
        if largest and frozenset().union(*largest.values()) == union.cells:
            yield whole, tuple(largest)


def _at_most(terms: Mapping[Place, int]) -> Relation:
    return Relation(tuple(sorted(terms.items())), None, 0)


def _adds_up(parts: Collection[Place], whole: Place) -> Relation:
    return Relation(tuple(sorted([*((part, 1) for part in parts), (whole, -1)])), 0, 0)
