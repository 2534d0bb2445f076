"""Making, opening, sharing and closing a ledger's file."""

import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.ledger.sqlite_store import LedgerPool, address_to_write
from domain.errors import HomeNotReady, Unavailable
from services.ports import Head
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    open_sqlite,
    spelt,
    sqlite_path,
    submission_id,
)


def impatient(path: Path) -> SqliteLedger:
    """Open a ledger that hardly waits for its lock."""
    watch = SteppedClock().watch()
    return SqliteLedger(path, NAME, origin="demo", watch=watch, lock_timeout_s=0.01)


def test_everything_is_there_after_reopening(tmp_path: Path) -> None:
    """What was acknowledged is read again by whoever opens the file next."""
    path = sqlite_path(tmp_path)
    first = open_sqlite(path)
    answer = answer_to(first, batch(1, 0, 3))
    entries = first.read(0, 9)
    first.close()
    second = open_sqlite(path)
    assert (second.head(), second.read(0, 9)) == (Head(3, NOON, 0), entries)
    assert answer_to(second, batch(1, 0, 3)) == answer
    second.close()


def test_commits_are_durable(tmp_path: Path) -> None:
    """Every connection flushes a commit to disk before it returns: WAL, synchronous=FULL."""
    ledger = open_sqlite(sqlite_path(tmp_path))
    with ledger.datastore.transaction(commit=True) as cursor:
        found = {}
        for pragma in ("journal_mode", "synchronous", "page_size", "foreign_keys", "temp_store"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "page_size": 8192,
        "foreign_keys": 1,
        "temp_store": 0,
    }
    ledger.close()


def test_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Nobody else on the machine may read a ledger, whatever the umask was."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 1))
    modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}
    ledger.close()


def test_missing_file_is_refused(tmp_path: Path) -> None:
    """Opening makes nothing: a wrong path must not look like an empty ledger."""
    with pytest.raises(HomeNotReady, match="bhr ledger init"):
        open_sqlite(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 99], ids=["empty", "something-else"]
)
def test_file_that_is_no_ledger_is_refused(tmp_path: Path, content: bytes) -> None:
    """A file that is something else is refused and left as it was."""
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    with pytest.raises(HomeNotReady):
        open_sqlite(path)
    assert path.read_bytes() == content


def test_another_ledgers_file_is_refused(tmp_path: Path) -> None:
    """A ledger is opened under its own name and origin alone."""
    path = sqlite_path(tmp_path)
    with pytest.raises(HomeNotReady):
        SqliteLedger(path, "redbridge", origin="demo")
    with pytest.raises(HomeNotReady):
        SqliteLedger(path, NAME, origin="hub")


def test_another_format_is_refused(tmp_path: Path) -> None:
    """A ledger written by a later release is not guessed at."""
    path = sqlite_path(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("DROP TRIGGER ledger_no_update")
        plain.execute("UPDATE ledger SET format = 'bhr-ledger/v2'")
    with pytest.raises(HomeNotReady):
        open_sqlite(path)


def test_head_that_differs_from_the_records_is_refused(tmp_path: Path) -> None:
    """A head that was moved by hand would leave a gap, so nothing is appended to it."""
    path = sqlite_path(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("UPDATE head SET size = 4")
    with pytest.raises(HomeNotReady, match="differ"):
        open_sqlite(path)


def test_ledger_is_made_once(tmp_path: Path) -> None:
    """Making a ledger where one stands is refused, and the one there is untouched."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 3))
    with pytest.raises(HomeNotReady, match="already"):
        create_ledger(path, "redbridge", origin="hub")
    assert ledger.head().size == 3
    ledger.close()


def test_making_goes_on_after_a_crash(tmp_path: Path) -> None:
    """A file left empty by an interrupted making is made into a ledger by the next."""
    path = tmp_path / f"{NAME}.sqlite"
    path.touch()
    create_ledger(path, NAME, origin="demo")
    open_sqlite(path).close()


def test_ledger_cannot_be_made_over_something_else(tmp_path: Path) -> None:
    """A file that is no database, or a folder that is not there, is refused in our own words."""
    path = tmp_path / "notes.txt"
    path.write_text("not a database at all" * 99)
    for place in (path, tmp_path / "nowhere" / "ledger.sqlite"):
        with pytest.raises(HomeNotReady, match="no ledger can be made"):
            create_ledger(place, NAME, origin="demo")
    assert path.read_text() == "not a database at all" * 99


def test_paths_may_hold_anything(tmp_path: Path) -> None:
    """A folder's name with signs that mean something in an address is still a folder's name."""
    folder = tmp_path / "a b?mode=memory#c%20"
    folder.mkdir()
    ledger = open_sqlite(sqlite_path(folder))
    answer_to(ledger, batch(1, 0, 1))
    ledger.close()
    again = open_sqlite(folder / f"{NAME}.sqlite")
    assert again.head().size == 1
    again.close()


def test_reading_goes_on_while_somebody_writes(tmp_path: Path) -> None:
    """A writer, in whichever process, holds up no reader; readers see what is committed."""
    path = sqlite_path(tmp_path)
    writer, reader = open_sqlite(path), open_sqlite(path)
    answer_to(writer, batch(1, 0, 2))
    sizes = []

    def look(_: object) -> bytes:
        sizes.extend([reader.head().size, len(writer.read(0, 9))])
        return b"answer"

    answer_to(writer, replace(batch(2, 2, 1), answer=look))
    assert (sizes, reader.head().size) == ([2, 2], 3)
    writer.close()
    reader.close()


def test_lock_held_too_long_is_unavailable(tmp_path: Path) -> None:
    """A writer that waited in vain says so in a constant sentence, and works once it may."""
    path = sqlite_path(tmp_path)
    ledger = impatient(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        plain.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match=r"^the ledger is not available; nothing was"):
            answer_to(ledger, batch(1, 0, 1))
        assert ledger.head().size == 0
    assert answer_to(ledger, batch(1, 0, 1))
    ledger.close()


def test_writers_of_one_process_wait_in_vain_too(tmp_path: Path) -> None:
    """A thread that cannot have its turn in time is told so, and holds up no reader meanwhile."""
    ledger = impatient(sqlite_path(tmp_path))
    with (
        ledger.datastore.get_connection(commit=True),
        ThreadPoolExecutor(1) as thread,
        pytest.raises(Unavailable),
    ):
        thread.submit(answer_to, ledger, batch(1, 0, 1)).result()
    assert answer_to(ledger, batch(1, 0, 1))
    ledger.close()


def test_file_that_cannot_be_opened_loses_no_turn(tmp_path: Path) -> None:
    """While the file is away every append is refused; once it is back the next one works."""
    path = sqlite_path(tmp_path)
    ledger = impatient(path)
    ledger.datastore.pool.close()  # nothing pooled: each use opens the file
    ledger.datastore.pool = LedgerPool(address_to_write(path), lock_timeout_s=0.01)
    away = path.rename(tmp_path / "away")
    for _ in range(2):
        with pytest.raises(Unavailable):
            answer_to(ledger, batch(1, 0, 1))
    away.rename(path)
    assert answer_to(ledger, batch(1, 0, 1))
    ledger.close()


def test_closing_waits_for_who_is_in_it(tmp_path: Path) -> None:
    """An append that has begun ends well; closing waits for it, and later calls are refused."""
    ledger = open_sqlite(sqlite_path(tmp_path))
    closer = threading.Thread(target=ledger.close)

    def close_meanwhile(outcomes: object) -> bytes:
        closer.start()
        closer.join(0.05)
        assert closer.is_alive()
        return spelt([])

    assert answer_to(ledger, replace(batch(1, 0, 1), answer=close_meanwhile)) == spelt([])
    closer.join()
    with pytest.raises(Unavailable):
        ledger.answered(submission_id(1))
    ledger.close()
