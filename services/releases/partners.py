"""Finding the cheapest figures to hide so that one hidden figure has three values.

One integer problem: two ways in which the figure is another one, side by side; whatever differs
from the truth in either of them must be hidden, and hiding what is shown so far costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from services.releases.figures import LARGEST_HIDDEN, SMALLEST_HIDDEN, Place
from services.releases.solver import Bounded, Problem, Solver

FARTHEST = 6
"""How far from the truth other values are sought: near ones take the fewest others with them."""

COST_OF_ONE = 20
"""Each figure hidden costs this, and a little more the larger it is."""
YEARS_COST = 2
"""How many quarters a year's figure is worth: years are what is read."""


@dataclass(frozen=True, slots=True)
class Region:
    """Figures among which partners are sought; `problem` goes by their index, all being hidden."""

    places: tuple[Place, ...]
    truth: tuple[int, ...]
    hidden: frozenset[Place]
    problem: Problem


@dataclass(frozen=True, slots=True)
class Partners:
    """Figures to hide, and the two ways in which they then can be otherwise."""

    places: frozenset[Place]
    ways: tuple[Mapping[Place, int], ...]


def partners(region: Region, place: Place, solver: Solver, *, size_known: bool) -> Partners | None:
    """Give the cheapest partners of a hidden figure of the region; None where there are none.

    Where it is known that the figure is small, all its values must be.
    """
    at = region.places.index(place)
    shown = [index for index, one in enumerate(region.places) if one not in region.hidden]
    costs = [0] * (2 * len(region.places)) + [_cost(region, index) for index in shown]
    for first, second in _elsewhere(region, at, as_small=size_known):
        problem = _side_by_side(region, shown)
        problem = problem.between(at, *first).between(at + len(region.places), *second)
        found = solver.solve(problem, costs)
        if found is not None and problem.allows(found):
            return _partners(region, found)
    return None


def _cost(region: Region, index: int) -> int:
    one = COST_OF_ONE + min(COST_OF_ONE // 2, region.truth[index] // COST_OF_ONE)
    return one * (YEARS_COST if region.places[index].kind == "year-to-march" else 1)


def _elsewhere(
    region: Region, at: int, *, as_small: bool
) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Give where two further values of a figure may lie: around the truth, above it, below it."""
    true = region.truth[at]
    low, high = _window(region, at)
    if as_small:
        low, high = max(low, SMALLEST_HIDDEN), min(high, LARGEST_HIDDEN)
    if low < true < high:
        yield (low, true - 1), (true + 1, high)
    for split in range(true + 1, high):
        yield (true + 1, split), (split + 1, high)
    for split in range(true - 1, low, -1):
        yield (low, split - 1), (split, true - 1)


def _window(region: Region, index: int) -> tuple[int, int]:
    true = region.truth[index]
    low, high = region.problem.low[index], region.problem.high[index]
    return max(low, true - FARTHEST), min(high, true + FARTHEST)


def _side_by_side(region: Region, shown: list[int]) -> Problem:
    """Put both ways into one problem, with a switch for each figure that is shown so far."""
    count = len(region.places)
    windows = [_window(region, index) for index in range(count)]
    constraints = [
        Bounded(tuple((index + copy, by) for index, by in one.terms), one.low, one.high)
        for copy in (0, count)
        for one in region.problem.constraints
    ]
    for number, index in enumerate(shown):
        true, switch = region.truth[index], 2 * count + number
        for copy in (0, count):
            constraints.append(Bounded(((index + copy, 1), (switch, -FARTHEST)), None, true))
            constraints.append(Bounded(((index + copy, 1), (switch, FARTHEST)), true, None))
    switches = len(shown)
    lows = [low for low, _ in windows] * 2 + [0] * switches
    highs = [high for _, high in windows] * 2 + [1] * switches
    return Problem(tuple(lows), tuple(highs), tuple(constraints))


def _partners(region: Region, found: tuple[int, ...]) -> Partners:
    count = len(region.places)
    ways = [
        {
            place: value
            for place, value, true in zip(region.places, one, region.truth, strict=True)
            if value != true
        }
        for one in (found[:count], found[count : 2 * count])
    ]
    moved = frozenset(place for way in ways for place in way)
    return Partners(moved - region.hidden, tuple(ways))
