"""`services.releases.solver.Solver` by HiGHS, as SciPy brings it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from adapters.suppression.quiet import quiet
from services.releases.solver import Problem


class Highs:
    """Solves by branch and bound, in one thread and without chance."""

    def solve(self, problem: Problem, costs: Sequence[int]) -> tuple[int, ...] | None:
        """Give a solution of least cost, rounded to whole numbers; None where none was found."""
        with quiet():
            found = milp(
                list(costs),
                integrality=[1] * len(costs),
                bounds=Bounds(list(problem.low), list(problem.high)),
                constraints=_constraints(problem),
                options={"mip_rel_gap": 0.0},
            )
        return None if found.x is None else tuple(round(value) for value in found.x)


def _constraints(problem: Problem) -> list[LinearConstraint]:
    """Give all constraints as one sparse matrix, or none at all."""
    if not problem.constraints:
        return []
    entries = [
        (row, column, coefficient)
        for row, one in enumerate(problem.constraints)
        for column, coefficient in one.terms
    ]
    rows, columns, coefficients = zip(*entries, strict=True)
    shape = (len(problem.constraints), len(problem.low))
    low = [-math.inf if one.low is None else one.low for one in problem.constraints]
    high = [math.inf if one.high is None else one.high for one in problem.constraints]
    matrix = csr_array((coefficients, (rows, columns)), shape=shape)
    return [LinearConstraint(matrix, low, high)]
