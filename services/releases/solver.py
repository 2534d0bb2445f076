"""What an attack needs from outside: a solver of integer linear problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Bounded:
    """Low <= the sum of coefficient times variable <= high; variables go by their index."""

    terms: tuple[tuple[int, int], ...]
    low: int | None
    high: int | None

    def holds(self, values: tuple[int, ...]) -> bool:
        """Say whether these values of the variables keep it."""
        total = sum(coefficient * values[index] for index, coefficient in self.terms)
        return (self.low is None or self.low <= total) and (self.high is None or total <= self.high)


@dataclass(frozen=True, slots=True)
class Problem:
    """Whole numbers from `low` to `high`, one pair a variable, under constraints."""

    low: tuple[int, ...]
    high: tuple[int, ...]
    constraints: tuple[Bounded, ...]

    def between(self, variable: int, low: int, high: int) -> Problem:
        """Give the same problem with other bounds of one variable."""
        lows, highs = list(self.low), list(self.high)
        lows[variable], highs[variable] = low, high
        return Problem(tuple(lows), tuple(highs), self.constraints)

    def allows(self, values: tuple[int, ...]) -> bool:
        """Say whether values solve it: decided in whole numbers, whatever a solver calculates in.

        So an answer that a solver has rounded wrongly is never taken for one.
        """
        inside = all(
            low <= value <= high
            for low, value, high in zip(self.low, values, self.high, strict=True)
        )
        return inside and all(constraint.holds(values) for constraint in self.constraints)


class Solver(Protocol):
    """Solves such problems."""

    def solve(self, problem: Problem, costs: Sequence[int]) -> tuple[int, ...] | None:
        """Give the solution of least cost, one cost a variable; None where there is none.

        The same question gets the same answer. None too where the solver gave up: whoever asks
        must take that for the worse of the two.
        """
        ...
