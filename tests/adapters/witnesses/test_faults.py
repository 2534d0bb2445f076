"""Whatever fails while a witness cosigns, and wherever it is killed: it never signs two pasts."""

from __future__ import annotations

import functools
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.witnesses.book import SqliteWitnessBook
from domain.errors import Unavailable
from services.witness_ports import Tree
from services.witnessing import Witnessing
from tests.adapters.witnesses.conftest import SIGNER
from tests.fakes_witness import SetClock
from tests.log_rig import SmallLog
from tests.note_rig import ORIGIN

HERE, OTHER = SmallLog(), SmallLog(history="two", since=4)
STATEMENTS = 6
"""That one cosignature takes: two of reading, a transaction of four."""
COMMIT = STATEMENTS
Happens = Callable[[], None]


class WatchedConnection(sqlite3.Connection):
    """A connection in which something happens before or after the `at`-th statement."""

    at, after, calls = 0, False, 0
    happens: Happens = staticmethod(lambda: None)

    def execute(self, *args: object) -> sqlite3.Cursor:
        """Count, and let it happen."""
        watched = type(self)
        watched.calls += 1
        due = watched.calls == watched.at
        if due and not watched.after:
            watched.happens()
        cursor = super().execute(*args)  # type: ignore[arg-type]  # handed on as it came
        if due and watched.after:
            watched.happens()
        return cursor


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> type[WatchedConnection]:
    """Let every book that is opened from here on be watched."""

    class Watched(WatchedConnection):
        """The test's own counters."""

    connect = functools.partial(sqlite3.connect, factory=Watched)
    monkeypatch.setattr("adapters.witnesses.book_file.sqlite3.connect", connect)
    return Watched


def begun(book: SqliteWitnessBook) -> Witnessing:
    """Give a witness that has cosigned five entries."""
    book.add_log(HERE.signers[0].key)
    witness = Witnessing(book, SIGNER, ALGORITHMS, SetClock())
    assert witness.add_checkpoint(HERE.request(0, 5)).status == 200
    return witness


def held(path: Path) -> Tree:
    """Give what a book says when it is opened anew."""
    with SqliteWitnessBook(path, SIGNER.key.vkey()) as again:
        known = again.log(ORIGIN)
        assert known is not None
        return known.tree


def tree_of(size: int) -> Tree:
    """Give the log's tree of a size."""
    return Tree(size, HERE.checkpoint(size).root)


def fails() -> None:
    """Fail as a disk does."""
    raise sqlite3.OperationalError("disk I/O error in /secret/place")


AT = [(at, after) for at in range(1, STATEMENTS + 1) for after in (False, True)]


@pytest.mark.parametrize(("at", "after"), AT)
def test_each_statement_may_fail(
    path: Path, watched: type[WatchedConnection], at: int, *, after: bool
) -> None:
    """Failed before or after it was carried out: nothing leaves, and the log only goes on."""
    with SqliteWitnessBook(path, SIGNER.key.vkey()) as book:
        witness = begun(book)
        watched.at, watched.after, watched.happens = at, after, staticmethod(fails)
        watched.calls = 0
        with pytest.raises(Unavailable) as told:
            witness.add_checkpoint(HERE.request(5, 9))
        assert "secret" not in str(told.value)
        stored = (at, after) == (COMMIT, True)
        assert held(path) == tree_of(9 if stored else 5)
        expected = 409 if stored else 200
        assert witness.add_checkpoint(HERE.request(5, 9)).status == expected
        assert witness.add_checkpoint(OTHER.request(5, 9)).status == 409
        assert witness.add_checkpoint(OTHER.request(9, 9)).status == 422
        assert witness.add_checkpoint(HERE.request(9, 12)).status == 200


@pytest.mark.parametrize(("at", "after"), AT)
def test_it_may_be_killed_between_any_two(
    path: Path, tmp_path: Path, watched: type[WatchedConnection], at: int, *, after: bool
) -> None:
    """What a kill leaves on the disk is the old tree or the new, and once answered, the new.

    The files as they stand at that moment are what the next process finds.
    """
    left = tmp_path / "left"

    def killed() -> None:
        left.mkdir()
        for file in path.parent.glob(f"{path.name}*"):
            if not file.name.endswith("-shm"):
                shutil.copyfile(file, left / file.name)

    with SqliteWitnessBook(path, SIGNER.key.vkey()) as book:
        witness = begun(book)
        watched.at, watched.after, watched.happens = at, after, staticmethod(killed)
        watched.calls = 0
        assert witness.add_checkpoint(HERE.request(5, 9)).status == 200
        assert watched.calls == STATEMENTS
    watched.at = 0
    assert sorted(file.name for file in left.iterdir()) == [path.name, f"{path.name}-wal"]
    assert held(left / path.name) == tree_of(9 if (at, after) == (COMMIT, True) else 5)
    assert held(path) == tree_of(9)
