"""The mirror of the key store: complete at every crash, and nothing acknowledged without it."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_file import StoreFile, create_file
from domain.errors import HomeNotReady, Unavailable
from tests.adapters.keys.store_rows import Opener, ids, made, row


def test_refuses_itself_as_its_mirror(primary: Path) -> None:
    """A mirror that is the store itself would be none."""
    made(primary)
    with pytest.raises(HomeNotReady, match="not a mirror"):
        SqliteKeyStore(primary, primary)


def test_new_mirror_gets_everything(primary: Path, mirror: Path, opener: Opener) -> None:
    """A mirror configured later holds, from the first opening, all that the store held before."""
    made(primary)
    store = opener(primary)
    store.add([row(number, number) for number in range(100)])
    store.index_key(lambda: b"index")
    create_file(mirror)
    opener(primary, mirror)
    assert ids(mirror) == ids(primary) == {number: number for number in range(100)}
    assert opener(mirror).index_key(lambda: b"other") == b"index"


def test_mirror_lags_and_catches_up(primary: Path, mirror: Path, opener: Opener) -> None:
    """What was added while no mirror was configured is copied when it is configured again."""
    made(primary, mirror)
    opener(primary, mirror).add([row(1, 1)])
    opener(primary).add([row(2, 2)])
    opener(primary, mirror).add([row(3, 3)])
    assert ids(mirror) == ids(primary) == {1: 1, 2: 2, 3: 3}


class Killed(BaseException):
    """Stands for the process's death: no handler of ours catches it."""


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that makes the primary die just before one of its steps."""

    def at(step: str) -> None:
        real = getattr(StoreFile, step)

        def dies(self: StoreFile, *args: object) -> object:
            if self._name == "key store":
                raise Killed
            return real(self, *args)

        monkeypatch.setattr(StoreFile, step, dies)

    return at


def test_orphan_of_a_crash_is_adopted(
    primary: Path,
    mirror: Path,
    opener: Opener,
    dying: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dead between mirror and primary: the mirror's key is the one that then stands for its tag."""
    made(primary, mirror)
    dying("insert")
    with pytest.raises(Killed):
        opener(primary, mirror).add([row(1, 1), row(2, 2)])
    monkeypatch.undo()
    assert (ids(primary), ids(mirror)) == ({}, {1: 1, 2: 2})
    after = opener(primary, mirror)
    assert after.find([bytes([1]) * 32]) == []
    assert after.add([row(3, 3), row(1, 9)]) == [row(3, 3), row(1, 1)]
    assert after.find([bytes([1]) * 32]) == [row(1, 1)]
    assert (ids(primary), ids(mirror)) == ({1: 1, 3: 3}, {1: 1, 2: 2, 3: 3})


def test_orphaned_index_key_is_adopted(
    primary: Path,
    mirror: Path,
    opener: Opener,
    dying: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Dead between mirror and primary: the mirror's index key is the one, and none is made."""
    made(primary, mirror)
    dying("set_index_key")
    with pytest.raises(Killed):
        opener(primary, mirror).index_key(lambda: b"first")
    monkeypatch.undo()
    assert opener(primary, mirror).index_key(lambda: b"second") == b"first"


def test_mirror_of_another_store(primary: Path, mirror: Path, opener: Opener) -> None:
    """A mirror with another index key belongs to another store: refused and left as it is."""
    made(primary)
    made(mirror)
    opener(primary).index_key(lambda: b"ours")
    opener(primary).add([row(1, 1)])
    opener(mirror).index_key(lambda: b"theirs")
    with pytest.raises(HomeNotReady, match="mirror of another key store"):
        SqliteKeyStore(primary, mirror)
    assert ids(mirror) == {}


def test_mirror_with_another_key_for_a_tag(primary: Path, mirror: Path, opener: Opener) -> None:
    """Two keys for one tag: neither is thrown away, and the operator is told what to do."""
    made(primary)
    made(mirror)
    opener(primary).add([row(1, 1), row(2, 2)])
    opener(mirror).add([row(2, 9)])
    with pytest.raises(HomeNotReady, match="set it aside unchanged"):
        SqliteKeyStore(primary, mirror)
    assert (ids(primary), ids(mirror)) == ({1: 1, 2: 2}, {2: 9})


@pytest.mark.parametrize("gone", ["deleted", "replaced", "unmounted"])
def test_mirror_gone_while_open(primary: Path, mirror: Path, opener: Opener, gone: str) -> None:
    """With its mirror gone nothing is acknowledged, not even in the file that is still open."""
    made(primary, mirror)
    store = opener(primary, mirror)
    store.add([row(1, 1)])
    if gone == "deleted":
        mirror.unlink()
    elif gone == "replaced":
        mirror.rename(mirror.with_name("away"))
        made(mirror)
    else:
        mirror.parent.rename(mirror.parent.with_name("away"))
    with pytest.raises(Unavailable, match="mirror of the key store"):
        store.add([row(2, 2)])
    with pytest.raises(Unavailable, match="mirror of the key store"):
        store.index_key(lambda: b"index")
    assert ids(primary) == {1: 1}
    assert store.find([bytes([1]) * 32]) == [row(1, 1)]


def test_mirror_that_cannot_be_written(
    primary: Path, mirror: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its mirror held by another nothing is acknowledged; when it is free again, all is."""
    monkeypatch.setattr("adapters.keys.store_file._WAIT_SECONDS", 0.05)
    made(primary, mirror)
    store = opener(primary, mirror)
    with closing(sqlite3.connect(mirror, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="mirror of the key store"):
            store.add([row(1, 1)])
    assert ids(primary) == ids(mirror) == {}
    assert store.add([row(1, 1)]) == [row(1, 1)]
    assert ids(primary) == ids(mirror) == {1: 1}
