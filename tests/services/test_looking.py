"""Looks at what grows: fresh for every caller, and no more of them than that takes."""

from __future__ import annotations

import threading

import pytest

from domain.errors import Unavailable
from services.looking import Looks
from tests.journeys.machines import PATIENCE_S


class Grown:
    """Something that grows, and counts how often it is looked at."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.size = 0
        self.known = 0
        self.looked = 0
        self.let = threading.Event()
        self.let.set()

    def look(self) -> None:
        """Learn how much there is."""
        self.looked += 1
        assert self.let.wait(PATIENCE_S)
        self.known = self.size


def test_a_caller_knows_what_stood_when_it_called() -> None:
    """One caller after another: each looks, since nobody looked since it called."""
    grown = Grown()
    looks = Looks(grown.look)
    for size in (1, 2, 3):
        grown.size = size
        looks.fresh()
        assert grown.known == size
    assert grown.looked == 3


def test_callers_that_wait_share_one_look() -> None:
    """Of any number that came while somebody looked, the first looks for all: they learn it all."""
    grown = Grown()
    looks = Looks(grown.look)
    grown.let.clear()
    first = threading.Thread(target=looks.fresh)
    first.start()
    while grown.looked == 0:
        pass
    grown.size = 7
    called = threading.Barrier(9)
    seen: list[int] = []

    def call() -> None:
        called.wait(PATIENCE_S)
        looks.fresh()
        seen.append(grown.known)

    others = [threading.Thread(target=call) for _ in range(8)]
    for one in others:
        one.start()
    called.wait(PATIENCE_S)
    grown.let.set()
    for one in (first, *others):
        one.join(PATIENCE_S)
    assert seen == [7] * 8
    assert grown.looked <= 9


def test_a_look_that_failed_counts_for_nobody() -> None:
    """The next caller looks again, though it called before that look began."""
    grown = Grown()

    def fails_once() -> None:
        grown.look()
        if grown.looked == 1:
            raise Unavailable("the ledger")

    looks = Looks(fails_once)
    with pytest.raises(Unavailable):
        looks.fresh()
    grown.size = 5
    looks.fresh()
    assert grown.known == 5


def test_within_a_steady_stretch_nothing_changes() -> None:
    """One look at its beginning, for this thread alone; afterwards every caller looks again."""
    grown = Grown()
    looks = Looks(grown.look)
    with looks.steady():
        grown.size = 4
        with looks.steady():
            looks.fresh()
        looks.fresh()
        assert (grown.known, grown.looked) == (0, 1)
        other = threading.Thread(target=looks.fresh)
        other.start()
        other.join(PATIENCE_S)
        assert grown.known == 4
    grown.size = 5
    looks.fresh()
    assert grown.known == 5
