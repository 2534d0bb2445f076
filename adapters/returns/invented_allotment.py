"""Which factors each invented episode holds, so that every column comes to its published figure.

Ages and families are laid out first, then each column is placed on as many episodes as it has:
household factors family by family, a child's own factors where the child is of an age for them.
What nothing fell on holds code 21. Exact by construction: a column never meets an episode twice.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.returns.invented_codes import (
    ANY_AGE,
    HOUSEHOLD,
    SCHOOL_AGE,
    TEENAGE,
    Age,
    chance_of,
)
from adapters.returns.published_figures import Authority, PublishedTable, factor_columns

USUAL_FACTORS = 2.5  # an episode, on average; used where the number of episodes is suppressed
_FAMILY_SIZES, _FAMILY_EDGES = (1, 2, 3), (82, 95, 100)
_AGE_EDGES = (2, 30, 58, 100)
_EPISODES_PER_RETURN = 30  # one child in so many comes back within the year
_BY_PREFERENCE: Mapping[str, tuple[tuple[Age, ...], ...]] = {
    "teenage": ((Age.OLDER,), (Age.UNDER_TEN,), (Age.UNDER_FIVE,), (Age.UNBORN,)),
    "school": ((Age.UNDER_TEN, Age.OLDER), (Age.UNDER_FIVE,), (Age.UNBORN,)),
    "born": ((Age.UNDER_FIVE, Age.UNDER_TEN, Age.OLDER), (Age.UNBORN,)),
    "any": (tuple(Age),),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many episodes there shall be, and in how many of them each column stands."""

    episodes: int
    counts: Mapping[str, int]


def wanted(figures: PublishedTable, *, year: int, authority: Authority, seed: int) -> Wanted:
    """Take the published numbers; where a cell was suppressed, one that it may have hidden."""
    columns = factor_columns()
    whole = figures.cell(year, authority.code, column=columns.episodes).value
    counts = {}
    for column in columns.codes:
        cell = figures.cell(year, authority.code, column=column)
        hidden = 0
        if cell.mark == "c":
            hidden = chance_of(seed, year, authority.code, column).randint(1, 5)
        counts[column] = cell.value if cell.value is not None else hidden
    if whole is None:
        whole = max(round(sum(counts.values()) / USUAL_FACTORS), *counts.values())
    return Wanted(whole, {column: min(count, whole) for column, count in counts.items()})


@dataclass(frozen=True, slots=True)
class Layout:
    """Who the episodes belong to, before anything is known about them.

    Episodes 0 to `children` - 1 are one child each, in families that stand together; the others
    are second episodes, of every `stride`-th child. `firsts` gives each family's first episode and
    closes with `children`; `ages` holds an `Age` an episode.
    """

    children: int
    stride: int
    firsts: array[int]
    ages: bytearray

    def second_of(self, child: int) -> int | None:
        """Give the index of this child's second episode, or None."""
        if child % self.stride:
            return None
        second = self.children + child // self.stride
        return second if second < len(self.ages) else None

    def comes_back(self, family: range) -> bool:
        """Say whether any child of a family has a second episode."""
        return any(self.second_of(child) is not None for child in family)

    def set_age(self, child: int, age: Age) -> None:
        """Change a child's age group, in its second episode too."""
        for at in (child, self.second_of(child)):
            if at is not None:
                self.ages[at] = age

    def families(self) -> Iterator[range]:
        """Give each family as the range of its children."""
        for at in range(len(self.firsts) - 1):
            yield range(self.firsts[at], self.firsts[at + 1])


def lay_out(episodes: int, chance: random.Random) -> Layout:
    """Make families, ages and second episodes."""
    seconds = episodes // _EPISODES_PER_RETURN
    children = episodes - seconds
    stride = children // seconds if seconds else episodes + 1
    firsts = array("L", [0])
    while firsts[-1] < children:
        (size,) = chance.choices(_FAMILY_SIZES, cum_weights=_FAMILY_EDGES)
        firsts.append(min(firsts[-1] + size, children))
    ages = bytearray(chance.choices(tuple(Age), cum_weights=_AGE_EDGES, k=episodes))
    layout = Layout(children, stride, firsts, ages)
    for family in layout.families():
        if layout.comes_back(family):  # early in the year: too early for who is yet to be born
            for child in family:
                layout.set_age(child, Age(ages[child]) or Age.UNDER_FIVE)
    return layout


def place_factors(layout: Layout, counts: Sequence[int], *, chance: random.Random) -> array[int]:
    """Give every episode its columns, as bits in the order of publication.

    Takes time in proportion to columns x families + factors placed, and eight bytes an episode.
    """
    masks = array("Q", bytes(8 * len(layout.ages)))
    families = array("L", range(len(layout.firsts) - 1 + len(layout.ages) - layout.children))
    pools = {
        ages: array("L", (at for at, age in enumerate(layout.ages) if age in ages))
        for choices in _BY_PREFERENCE.values()
        for ages in choices
    }
    for place, (codes, count) in enumerate(
        zip(factor_columns().codes.values(), counts, strict=True)
    ):
        if HOUSEHOLD.issuperset(codes):
            chance.shuffle(families)
            holders = _by_family(layout, families)
        else:
            choices = [pools[ages] for ages in _BY_PREFERENCE[_kind(codes)]]
            holders = _by_choice(choices, count, chance=chance)
        for _, at in zip(range(count), holders, strict=False):
            masks[at] |= 1 << place
    return masks


def _kind(codes: tuple[str, ...]) -> str:
    named = {"teenage": TEENAGE, "school": SCHOOL_AGE, "any": ANY_AGE}
    return next((kind for kind, members in named.items() if members.issuperset(codes)), "born")


def _by_family(layout: Layout, order: array[int]) -> Iterator[int]:
    """Give all episodes, a family at a time; each second episode is a family of its own."""
    families = len(layout.firsts) - 1
    for at in order:
        if at < families:
            yield from range(layout.firsts[at], layout.firsts[at + 1])
        else:
            yield layout.children + at - families


def _by_choice(
    choices: Sequence[array[int]], count: int, *, chance: random.Random
) -> Iterator[int]:
    """Give `count` different episodes, from the first choice as far as it reaches."""
    left = count
    for pool in choices:
        taken = min(left, len(pool))
        yield from (pool[at] for at in chance.sample(range(len(pool)), taken))
        left -= taken
