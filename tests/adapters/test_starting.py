"""A worker that is started before its servers are there waits for them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from adapters.starting import REST_S, TRIES, entered
from domain.errors import HomeNotReady, Unavailable


class Opening:
    """What is opened: away for so many tries, then there, or refused."""

    def __init__(self, *before: Exception) -> None:
        """Raise these first."""
        self._before = list(before)
        self.opened = self.closed = 0
        self.rested: list[float] = []

    @contextmanager
    def __call__(self) -> Iterator[str]:
        """Open, or raise what comes next."""
        if self._before:
            raise self._before.pop(0)
        self.opened += 1
        yield "open"
        self.closed += 1

    def entered(self) -> str:
        """Enter it as a worker does, and leave again."""
        with ExitStack() as closing:
            return entered(closing, self, self.rested.append)


def test_a_worker_waits_for_servers_that_are_away() -> None:
    """It tries again after a rest each time, is opened once, and closed once."""
    opening = Opening(Unavailable("the ledger's server"), Unavailable("the key store"))
    assert opening.entered() == "open"
    assert opening.rested == [REST_S, REST_S]
    assert (opening.opened, opening.closed) == (1, 1)


def test_a_worker_says_so_where_servers_stay_away() -> None:
    """After its last try it ends with what was unavailable, and has opened nothing."""
    opening = Opening(*(Unavailable("the ledger's server") for _ in range(TRIES)))
    with pytest.raises(Unavailable, match="the ledger's server"):
        opening.entered()
    assert (len(opening.rested), opening.opened) == (TRIES - 1, 0)


def test_a_worker_does_not_wait_for_what_somebody_has_to_see_to() -> None:
    """A home that is not ready is told at once."""
    opening = Opening(HomeNotReady("there is no home here"))
    with pytest.raises(HomeNotReady):
        opening.entered()
    assert opening.rested == []
