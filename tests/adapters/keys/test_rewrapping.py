"""Wrapping a key store anew: complete at the end, and whole wherever it is cut off."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.keys import rewrapping, store_file
from adapters.keys.key_encryption import KeyEncryptionFile, KeyEncryptionRing
from adapters.keys.rewrapping import rewrap_store
from adapters.keys.store import SqliteKeyStore
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.custody import DataKey, KeyCustody, KeyName
from services.rewrapping import Change, Rewrapped
from tests.adapters.keys.store_rows import made

OLD, NEW = b"o" * 32, b"n" * 32
CHANGE = Change(KeyEncryptionFile(OLD), KeyEncryptionFile(NEW))
BOTH = KeyEncryptionRing([KeyEncryptionFile(NEW), KeyEncryptionFile(OLD)])
NAMES = [KeyName("havering", "subject", f"child {number}") for number in range(7)]
Paths = tuple[Path, ...]


@pytest.fixture(params=["alone", "mirrored"])
def paths(request: pytest.FixtureRequest, primary: Path, mirror: Path) -> Paths:
    """Give the files of a store, without a mirror and with one."""
    return (primary,) if request.param == "alone" else (primary, mirror)


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows take several transactions."""
    monkeypatch.setattr(rewrapping, "ROWS_AT_ONCE", 3)


def filled(paths: Paths) -> dict[KeyName, DataKey]:
    """Make a store with some keys in it; gives them."""
    made(*paths)
    return opened(paths, KeyEncryptionFile(OLD))


def opened(
    paths: Paths, encryption: KeyEncryptionFile | KeyEncryptionRing
) -> dict[KeyName, DataKey]:
    """Open every key of a store, making those that are not there."""
    store = SqliteKeyStore(*paths)
    try:
        return KeyCustody(store, encryption).keys_for(NAMES)
    finally:
        store.close()


def rewrapped(paths: Paths) -> Rewrapped:
    """Wrap a store's keys anew."""
    return rewrap_store(paths[0], paths[1] if len(paths) > 1 else None, CHANGE)


def wrapped_in(path: Path) -> list[bytes]:
    """Read every wrapping of a file, the index key's last."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT wrapped FROM key UNION ALL SELECT index_key FROM meta")
    found = [row[0] for row in rows]
    connection.close()
    return found


def test_every_key_opens_under_the_new_one_alone(paths: Paths) -> None:
    """Store and mirror hold the same keys, wrapped anew; the old key opens nothing any more."""
    before = filled(paths)
    assert rewrapped(paths) == Rewrapped(len(NAMES), 0)
    for path in paths:
        assert opened((path,), KeyEncryptionFile(NEW)) == before
        with pytest.raises(NotOpened):
            opened((path,), KeyEncryptionFile(OLD))
    assert opened(paths, KeyEncryptionFile(NEW)) == before
    assert rewrapped(paths) == Rewrapped(0, 0)


def test_no_old_wrapping_is_left_in_the_files(paths: Paths) -> None:
    """Not in the store, not in its mirror, not in a write-ahead log beside them."""
    filled(paths)
    old = [one for path in paths for one in wrapped_in(path)]
    rewrapped(paths)
    beside = [file for path in paths for file in path.parent.iterdir()]
    found = b"".join(file.read_bytes() for file in beside)
    assert not [one for one in old if one in found]
    assert all(one in found for path in paths for one in wrapped_in(path))


class Killed(BaseException):
    """Stands for the process's death: no handler of ours catches it."""


@dataclass
class Dying:
    """A connection whose process dies before one of its statements."""

    connection: sqlite3.Connection
    lives: list[int]

    def _live(self) -> None:
        self.lives[0] -= 1
        if self.lives[0] < 0:
            raise Killed

    def execute(self, statement: str, given: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run a statement, or die before it."""
        self._live()
        return self.connection.execute(statement, given)

    def executemany(self, statement: str, given: Sequence[Sequence[object]]) -> sqlite3.Cursor:
        """Run a statement for many rows, or die before it."""
        self._live()
        return self.connection.executemany(statement, given)

    def close(self) -> None:
        """Close; what was not committed is gone."""
        self.connection.close()


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give how many statements are run before the process dies."""
    left = [1_000_000]
    monkeypatch.setattr(rewrapping, "connect", lambda path: Dying(store_file.connect(path), left))
    return left


def test_cut_off_before_any_statement(paths: Paths, lives: list[int]) -> None:
    """Dead before any statement of the work: both keys together open everything, and it goes on."""
    before = filled(paths)
    for steps in range(1_000):
        lives[0] = steps
        try:
            rewrapped(paths)
        except Killed:
            for path in paths:
                assert opened((path,), BOTH) == before
            continue
        break
    assert steps > 10 * len(paths), "the work was never cut off"
    lives[0] = 1_000_000
    assert opened(paths, KeyEncryptionFile(NEW)) == before
    assert len({wrapped_in(path)[-1] for path in paths}) == 1


@pytest.mark.parametrize("steps", range(0, 60, 7))
def test_cut_off_once_and_begun_again(paths: Paths, lives: list[int], steps: int) -> None:
    """After a death at some statement, the second run alone finishes what the first began."""
    before = filled(paths)
    lives[0] = steps
    try:
        rewrapped(paths)
    except Killed:
        lives[0] = 1_000_000
        rewrapped(paths)
    for path in paths:
        assert opened((path,), KeyEncryptionFile(NEW)) == before
    assert opened(paths, KeyEncryptionFile(NEW)) == before


def test_a_row_that_was_lost_stays_as_it_is(paths: Paths) -> None:
    """A row that neither key opens is counted and left, and all others are wrapped anew."""
    before = filled(paths)
    lost = before[NAMES[2]].key_id
    connection = sqlite3.connect(paths[0])
    with connection:
        connection.execute("UPDATE key SET wrapped = x'00' WHERE key_id = ?", (lost,))
    connection.close()
    assert rewrapped(paths) == Rewrapped(len(NAMES) - 1, 1)
    assert bytes(1) in wrapped_in(paths[0])


def test_what_is_in_the_mirror_alone_is_wrapped_too(primary: Path, mirror: Path) -> None:
    """A key that stands in the mirror alone may be the only copy: it goes along."""
    before = filled((primary, mirror))
    connection = sqlite3.connect(primary)
    with connection:
        connection.execute("DELETE FROM key WHERE key_id = ?", (before[NAMES[0]].key_id,))
    connection.close()
    rewrapped((primary, mirror))
    assert opened((mirror,), KeyEncryptionFile(NEW)) == before


def test_nothing_begins_with_a_wrong_key(primary: Path) -> None:
    """A key-encryption key that does not open the index key moves not one row."""
    filled((primary,))
    before = wrapped_in(primary)
    wrong = Change(KeyEncryptionFile(b"w" * 32), KeyEncryptionFile(NEW))
    with pytest.raises(HomeNotReady, match="opens with no key file"):
        rewrap_store(primary, None, wrong)
    assert wrapped_in(primary) == before


def test_nothing_begins_with_a_strange_mirror(primary: Path, mirror: Path) -> None:
    """The mirror of another store, or none where one was named, moves not one row."""
    filled((primary,))
    filled((mirror,))
    before = wrapped_in(primary)
    with pytest.raises(HomeNotReady, match="mirror of another key store"):
        rewrap_store(primary, mirror, CHANGE)
    mirror.unlink()
    with pytest.raises(Unavailable, match="mirror"):
        rewrap_store(primary, mirror, CHANGE)
    assert wrapped_in(primary) == before
