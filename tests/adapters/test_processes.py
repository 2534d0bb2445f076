"""Work in processes of its own: what comes back, what is told, how it ends when it goes wrong."""

from __future__ import annotations

import os
import signal

import pytest

from adapters.assembly.processes import at_work, tell_on
from domain.errors import OpeningsRefused, Unavailable

MANY = 20_000
"""More tellings than a pipe has room for."""


def counted(size: int) -> int:
    """Tell of each step; gives how many there were."""
    for done in range(size):
        tell_on("havering", done + 1, size)
    return size


def refused(position: int) -> None:
    """Refuse, as a pack of openings is refused."""
    raise OpeningsRefused("havering", "part-withheld", position)


def ended_from_outside() -> None:
    """End as a process does that the machine has no memory for."""
    os.kill(os.getpid(), signal.SIGKILL)


def without_end() -> None:
    """Go on until it is enough."""
    while True:
        tell_on("havering", 0, 1)


def silent(ledger: str, done: int, size: int) -> None:
    """Show nobody how far it is."""


def test_what_is_told_is_passed_on_in_order() -> None:
    """Results come back, and every step that was told of before."""
    told: list[int] = []
    with at_work(1, lambda _, done, __: told.append(done)) as work:
        assert work.ended(work.begin(counted, MANY)) == MANY
    assert told == list(range(1, MANY + 1))


def test_an_error_of_ours_crosses_with_all_that_it_says() -> None:
    """What was refused in another process is refused here: same class, same words, same place."""
    with at_work(1, silent) as work, pytest.raises(OpeningsRefused) as fault:
        work.ended(work.begin(refused, 7))
    assert str(fault.value) == str(OpeningsRefused("havering", "part-withheld", 7))
    assert (fault.value.code, fault.value.position) == ("part-withheld", 7)


def test_a_process_that_was_ended_is_no_hang() -> None:
    """Whoever waits for a process that was killed is told that it is not available."""
    with at_work(2, silent) as work:
        work.begin(without_end)
        with pytest.raises(Unavailable):
            work.ended(work.begin(ended_from_outside))


def test_who_leaves_early_does_not_wait_for_the_end() -> None:
    """What nobody waits for any more is told to stop, however much there was left of it."""
    with at_work(1, silent) as work:
        endless = work.begin(without_end)
    with pytest.raises(Unavailable):
        work.ended(endless)
