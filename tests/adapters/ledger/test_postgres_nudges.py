"""Nudges through a server: heard at once, few, and never relied upon."""

from collections.abc import Iterator
from contextlib import closing
from threading import Event, Semaphore
from time import monotonic

import psycopg
import pytest

from adapters.ledger.postgres_nudges import AT_MOST_ONCE_IN_S, Listening, Nudges
from tests.postgres_server import AUDITOR, HUB, as_user, cut, database

pytestmark = pytest.mark.postgres
LONG_S = 60


@pytest.fixture
def nudges() -> Iterator[Nudges]:
    """Who nudges, in the hub's role."""
    with closing(Nudges(as_user(database(), HUB))) as nudges:
        yield nudges


def test_who_listens_hears_at_once(nudges: Nudges) -> None:
    """Every ring is followed by a nudge, however soon after another it comes."""
    heard = Semaphore(0)
    with closing(Listening(as_user(database(), AUDITOR), heard.release)):
        assert heard.acquire(timeout=LONG_S)  # it listens now
        for _ in range(5):
            nudges.ring()
            assert heard.acquire(timeout=LONG_S)


def test_many_rings_are_few_nudges(nudges: Nudges) -> None:
    """A flood of commits is at most one nudge in 10 ms, and the last ring is not lost in it."""
    with psycopg.connect(database(), autocommit=True) as listening:
        listening.execute("LISTEN bhr_appended")
        began = monotonic()
        for _ in range(50_000):
            nudges.ring()
        took = monotonic() - began
        nudges.close()
        heard = list(listening.notifies(timeout=0))
    assert 1 <= len(heard) <= took / AT_MOST_ONCE_IN_S + 2


def test_a_connection_that_is_cut_is_made_again(nudges: Nudges) -> None:
    """Who listens looks once more when it hears again, since it may have missed something."""
    told = Event()
    with closing(Listening(as_user(database(), HUB), told.set)):
        assert told.wait(LONG_S)
        told.clear()
        nudges.ring()
        assert told.wait(LONG_S)
        told.clear()
        cut()
        assert told.wait(LONG_S)
        told.clear()
        nudges.ring()
        assert told.wait(LONG_S)


def test_a_server_that_is_away_holds_nobody_up() -> None:
    """Neither ringing nor closing waits for it, and nothing is raised."""
    nowhere = "host=/nowhere dbname=none"
    told = Event()
    with closing(Nudges(nowhere)) as nudges, closing(Listening(nowhere, told.set)):
        nudges.ring()
    assert not told.is_set()
