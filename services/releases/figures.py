"""What a release is made of: figures, and what everybody knows to hold between them.

A *place* is where one figure stands: what is counted, for which borough, in which period. Two
tables that show one place show one figure, so it is hidden in both or in neither.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from services.periods import Window

PeriodKind = Literal["quarter", "year-to-march"]

SMALLEST_HIDDEN = 1
LARGEST_HIDDEN = 5
"""Counts from 1 to 5 are not shown; zero is."""

FEWEST_VALUES = 3
"""How many values a hidden figure must be able to have, whatever else is known."""


class Place(NamedTuple):
    """Where one figure stands. `counted` names what is counted; equal names count the same."""

    counted: str
    borough: str
    kind: PeriodKind
    period: str


Tellings: TypeAlias = Mapping[tuple[str, str], Window]
"""From which month to which a figure is told of, by its key in the plan and its area."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Low <= the sum of coefficient times figure <= high; None where there is no such bound."""

    terms: tuple[tuple[Place, int], ...]
    low: int | None = None
    high: int | None = None

    def holds(self, values: Mapping[Place, int]) -> bool:
        """Say whether these values keep it."""
        total = sum(coefficient * values[place] for place, coefficient in self.terms)
        return (self.low is None or self.low <= total) and (self.high is None or total <= self.high)


@dataclass(frozen=True, slots=True)
class Figures:
    """The true figures of one release, and what an attacker knows beside what is shown.

    `values` has every place that is shown or hidden, or that `relations` or `known` name. `known`
    are places whose true value somebody else has published: to hide them would protect nothing.
    `released` are the places that the release shows or hides; the others it does not have. `rests`
    are places that no release shows or has: what is left of a whole beside a share of it, where
    that is from 1 to 5. Whoever is shown both takes one from the other, so they are hidden as well.
    `told` is by what a release in the making has a place at all.
    """

    values: Mapping[Place, int]
    released: frozenset[Place]
    relations: tuple[Relation, ...]
    known: frozenset[Place] = frozenset()
    rests: frozenset[Place] = frozenset()
    told: Tellings = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issued:
    """An earlier release: its figures as they were then, and which of them it did not show.

    `erased`: somebody was erased since, so what it hid is counted without them now and may have
    been another figure then.
    """

    figures: Figures
    hidden: frozenset[Place]
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Hidden:
    """Which figures a release does not show, and why; `every` is three sets without overlap.

    The other two say what hiding could not reach, in this release and the earlier ones.
    """

    small: frozenset[Place] = field(default_factory=frozenset)
    """From 1 to 5."""
    changed: frozenset[Place] = field(default_factory=frozenset)
    """From 1 to 5 more or fewer than an earlier release shows."""
    beside: frozenset[Place] = field(default_factory=frozenset)
    """Further ones, without which one of the others could be worked out."""

    size_known: frozenset[Place] = field(default_factory=frozenset)
    """Who knew that these are small would find fewer than three values; others do not."""
    given_away: frozenset[Place] = field(default_factory=frozenset)
    """Of these anybody finds fewer, whatever is hidden here: others have published too much."""

    def every(self) -> frozenset[Place]:
        """Give all that is hidden."""
        return self.small | self.changed | self.beside


def is_small(value: int) -> bool:
    """Say whether a count is one that is not shown."""
    return SMALLEST_HIDDEN <= value <= LARGEST_HIDDEN
