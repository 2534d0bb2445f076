"""The solver: whole numbers, as far as they go."""

from __future__ import annotations

import ctypes
import math
import os

import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from adapters.suppression.highs import Highs
from adapters.suppression.quiet import quiet
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


NOISY = Problem(
    (1, 0, 3, 0),
    (642, 725, 4, 1),
    (
        Bounded(((0, -1), (1, 1), (2, 6), (3, 1)), 3, 3),
        Bounded(((0, 1), (1, -1), (2, 1), (3, 6)), None, 21),
        Bounded(((1, 1), (2, 1), (3, -6)), 4, 4),
        Bounded(((0, 1), (1, 6), (2, -6), (3, 6)), 13, None),
        Bounded(((0, 1), (2, 1), (3, -1)), None, 20),
    ),
)
"""One over which HiGHS prints a line of its own, whatever its options say."""
COSTS = [0, 20, 1, 20]
C = ctypes.CDLL(None)


def bare() -> None:
    """Solve it as SciPy does, told to be quiet."""
    rows = [[dict(one.terms).get(at, 0) for at in range(4)] for one in NOISY.constraints]
    low = [-math.inf if one.low is None else one.low for one in NOISY.constraints]
    high = [math.inf if one.high is None else one.high for one in NOISY.constraints]
    milp(
        COSTS,
        integrality=[1] * 4,
        bounds=Bounds(list(NOISY.low), list(NOISY.high)),
        constraints=[LinearConstraint(rows, low, high)],
        options={"disp": False},
    )


def test_solver_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing reaches the descriptor of the standard output, now or from C's buffers later."""
    bare()
    C.fflush(None)
    assert capfd.readouterr().out.startswith("Highs")  # so there is something to be kept quiet
    Highs().solve(NOISY, COSTS)
    C.fflush(None)
    assert capfd.readouterr() == ("", "")


def test_what_others_print_meanwhile_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    """What Python or C wrote before, within and after comes out, but for the solver's lines."""
    C.puts(b"before")
    with quiet():
        os.write(1, b"within\n")
        C.puts(b"Highs says something")
        C.puts(b"within C")
    os.write(1, b"after\n")
    assert capfd.readouterr().out.splitlines() == ["before", "within", "within C", "after"]


def test_a_closed_output_is_no_fault() -> None:
    """Where nothing can be printed, it is solved all the same, and stays closed."""
    kept = os.dup(1)
    os.close(1)
    try:
        assert Highs().solve(TWO, [1, 0]) == (1, 7)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(1)
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def test_what_fails_within_leaves_the_output_as_it_was(capfd: pytest.CaptureFixture[str]) -> None:
    """The descriptor leads where it led, whatever the solver raised."""
    with pytest.raises(ZeroDivisionError), quiet():
        raise ZeroDivisionError
    os.write(1, b"here\n")
    assert capfd.readouterr().out == "here\n"
