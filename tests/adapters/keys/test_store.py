"""The key store on SQLite: its files, its settings, and two processes at once."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from adapters.keys.store import SqliteKeyStore
from domain.errors import HomeNotReady, HubError, Unavailable
from services.ports import WrappedKey
from tests.adapters.keys.store_rows import Opener, ids, made, row


def test_survives_closing(primary: Path, opener: Opener) -> None:
    """What was added is there after closing and opening."""
    made(primary)
    store = opener(primary)
    store.add([row(1, 1)])
    store.index_key(lambda: b"index")
    store.close()
    again = opener(primary)
    assert again.find([bytes([1]) * 32]) == [row(1, 1)]
    assert again.index_key(lambda: b"other") == b"index"


def test_files_are_for_their_owner(primary: Path, mirror: Path, opener: Opener) -> None:
    """Every file of the store and its mirror is 0600, in folders of 0700, whatever the umask."""
    before = os.umask(0)
    try:
        made(primary, mirror)
        opener(primary, mirror).add([row(1, 1)])
        files = [*primary.parent.iterdir(), *mirror.parent.iterdir()]
        # Each with its write-ahead log and shared memory, and the mark of the store.
        assert len(files) == 7
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert stat.S_IMODE(primary.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


def test_settings_hold_on_every_opening(primary: Path, opener: Opener) -> None:
    """Also over a copy that SQLite made without them: WAL, full synchrony, deletion overwrites."""
    made(primary)
    copy = primary.with_name("copy.db")
    with closing(sqlite3.connect(primary)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    copy.chmod(0o600)
    connection = opener(copy)._primary._connection
    settings = ("journal_mode", "synchronous", "secure_delete")
    held = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in settings]
    assert held == ["wal", 2, 1]


def test_opening_makes_nothing(primary: Path, mirror: Path) -> None:
    """A store or a mirror that is not there is never made by opening."""
    with pytest.raises(HomeNotReady, match="no key store here"):
        SqliteKeyStore(primary)
    made(primary)
    with pytest.raises(Unavailable, match="mirror of the key store"):
        SqliteKeyStore(primary, mirror)
    assert not mirror.parent.exists()


def test_creating_again_keeps_what_stands(primary: Path, mirror: Path, opener: Opener) -> None:
    """Creating is safe to repeat, as after a crash in the middle of it."""
    primary.parent.mkdir(mode=0o700)
    primary.touch(0o600)
    made(primary)
    opener(primary).add([row(1, 1)])
    made(primary, mirror)
    assert ids(primary) == ids(mirror) == {1: 1}


def test_refuses_other_files(primary: Path, tmp_path: Path) -> None:
    """Another database, no database, a folder, a file open to others: refused and left alone."""
    made(primary)
    other, text, folder = tmp_path / "other.db", tmp_path / "text", tmp_path / "folder"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE other (a)")
    other.chmod(0o600)
    text.write_bytes(b"MARKER, and no database at all" * 100)
    text.chmod(0o600)
    folder.mkdir()
    content = other.read_bytes()
    for file in (other, text, folder):
        with pytest.raises(HomeNotReady) as refused:
            SqliteKeyStore(file)
        assert "MARKER" not in repr(refused.value)
        with pytest.raises(HomeNotReady):
            SqliteKeyStore.create(file)
    assert other.read_bytes() == content
    primary.chmod(0o640)
    with pytest.raises(HomeNotReady, match="chmod 600"):
        SqliteKeyStore(primary)


def test_store_that_cannot_be_written(
    primary: Path, opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held by another beyond patience, or closed: Unavailable, in our own words."""
    monkeypatch.setattr("adapters.keys.store_file._WAIT_SECONDS", 0.05)
    made(primary)
    store = opener(primary)
    with closing(sqlite3.connect(primary, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="key store"):
            store.add([row(1, 1)])
    store.close()
    uses: list[Callable[[], object]] = [
        lambda: store.add([row(1, 1)]),
        lambda: store.find([bytes(32)]),
    ]
    for use in uses:
        with pytest.raises(Unavailable, match="key store"):
            use()


ADDS = """
import sys, pathlib
from adapters.keys.store import SqliteKeyStore
from services.ports import WrappedKey

store = SqliteKeyStore(*map(pathlib.Path, sys.argv[2:]))
who = int(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
index_key = store.index_key(lambda: bytes([who]) * 32)
given = [index_key]
for start in range(0, 200, 5):
    tags = [number.to_bytes(32, "big") for number in range(start, start + 10)]
    rows = [WrappedKey(t, bytes([who]) + t[1:], b"w", "havering", "stream") for t in tags]
    given += [row.key_id for row in store.add(rows)]
print(b"".join(given).hex())
"""


@pytest.mark.parametrize("mirrored", [False, True])
def test_processes_agree(primary: Path, mirror: Path, *, mirrored: bool) -> None:
    """Two processes that add keys for the same tags at once are given the same keys."""
    paths = [primary, mirror] if mirrored else [primary]
    made(*paths)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", ADDS, str(who), *map(str, paths)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[3],
        )
        for who in (1, 2)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert answers[0] == answers[1]
    assert len(answers[0]) > 64 * 400
    if mirrored:
        with closing(sqlite3.connect(primary)) as one, closing(sqlite3.connect(mirror)) as two:
            every = "SELECT tag, key_id FROM key ORDER BY tag"
            assert one.execute(every).fetchall() == two.execute(every).fetchall()


def test_shows_no_row(primary: Path, opener: Opener) -> None:
    """A refusal holds nothing of the rows that were refused."""
    made(primary)
    wrong = WrappedKey(b"MARKER", b"MARKER", b"MARKER", "MARKER", "subject")
    with pytest.raises(HubError) as refused:
        opener(primary).add([wrong])
    assert "MARKER" not in f"{refused.value!r}{refused.value.__cause__!r}"
