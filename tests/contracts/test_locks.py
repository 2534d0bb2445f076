"""What every keeper of locks promises to workers that share a store."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from adapters.postgres_connections import Place
from adapters.views.file_locks import FileLocks
from adapters.views.postgres_locks import PostgresLocks
from domain.errors import Unavailable
from services.lease_ports import Locks
from tests.postgres_server import HUB, cut, database, seen_by

Worker = Callable[[], Locks]


def _on_server(space: str) -> PostgresLocks:
    return PostgresLocks(seen_by(Place(database(), "pg_catalog"), HUB), space)


@pytest.fixture(params=["files", pytest.param("server", marks=pytest.mark.postgres)])
def worker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Worker]:
    """Give what begins one more worker of a store."""
    with ExitStack() as ending:
        space = uuid.uuid4().hex

        def begin() -> Locks:
            on_server = request.param == "server"
            locks: Locks = _on_server(space) if on_server else FileLocks(tmp_path / "locks")
            return ending.enter_context(closing(locks))

        yield begin


def test_one_has_it_at_a_time(worker: Worker) -> None:
    """What one worker took no other takes, until it is let go."""
    one, other = worker(), worker()
    assert one.take("a")
    assert not other.take("a")
    assert one.take("a")
    assert other.take("b")
    one.let_go("a")
    assert other.take("a")
    assert not one.take("a")
    one.let_go("a")
    one.let_go("never-taken")
    assert not one.take("a")


def test_it_goes_with_its_holder(worker: Worker) -> None:
    """What a worker held that ended, another takes at once."""
    one, other = worker(), worker()
    assert all(one.take(name) for name in "abc")
    one.close()
    assert all(other.take(name) for name in "abc")


def test_how_many_are_taken(worker: Worker) -> None:
    """A worker sees how many locks are taken, its own and others'."""
    one, other = worker(), worker()
    assert one.taken(["a", "b", "c"]) == 0
    assert one.take("a")
    assert other.take("b")
    assert one.taken(["a", "b", "c"]) == other.taken(["a", "b", "c"]) == 2
    assert one.taken(["c"]) == 0
    one.check()
    assert not other.take("a")


@pytest.mark.postgres
def test_a_session_that_was_cut_holds_nothing() -> None:
    """Whoever lost its connection is told so before it goes on, and may take again what is free."""
    with closing(_on_server("cut")) as one, closing(_on_server("cut")) as other:
        assert one.take("a")
        cut()
        assert other.take("a")
        with pytest.raises(Unavailable, match="keeps locks"):
            one.check()
        one.check()
        assert not one.take("a")


@pytest.mark.postgres
def test_two_hubs_of_one_server_share_no_locks() -> None:
    """A worker of another hub takes a lock of the same name."""
    with closing(_on_server("one")) as one, closing(_on_server("other")) as other:
        assert one.take("a")
        assert other.take("a")
        assert (one.taken(["a", "b"]), other.taken(["a", "b"])) == (1, 1)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """Where no lock can be taken nothing is folded, and it is said that the store is away."""
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="view store"):
        FileLocks(tmp_path / "file" / "locks").take("a")
