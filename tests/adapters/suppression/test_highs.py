"""The solver: whole numbers, as far as they go."""

from __future__ import annotations

from adapters.suppression.highs import Highs
from services.releases.solver import Bounded, Problem

TWO = Problem((1, 1), (99, 99), (Bounded(((0, 2), (1, 1)), 9, 9),))


def test_goes_as_far_as_it_can() -> None:
    """The least and the greatest value are found, with whole numbers for all others."""
    assert Highs().solve(TWO, [1, 0]) == (1, 7)
    assert Highs().solve(TWO, [-1, 0]) == (4, 1)


def test_says_where_there_is_nothing() -> None:
    """Where no whole numbers solve it, none are made up."""
    assert Highs().solve(TWO.between(1, 2, 2), [1, 0]) is None


def test_needs_no_constraint() -> None:
    """Figures that hang together with nothing are bounded alone."""
    assert Highs().solve(Problem((1,), (5,), ()), [-1]) == (5,)
