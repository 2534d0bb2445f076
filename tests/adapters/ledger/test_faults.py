"""Whatever fails while an append runs, nothing of it is half there, and the next one works."""

import sqlite3
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_store import LedgerConnection
from domain.errors import HomeNotReady, Unavailable, Unforeseen
from domain.record import leaf_bytes_of
from domain.tree import Edge, leaf_hash
from services.ports import Answered, Head
from tests.adapters.ledger.faults import FOREIGN, Fault
from tests.contracts.ledger_builders import (
    NOON,
    answer_to,
    batch,
    open_sqlite,
    record,
    sqlite_path,
    statements_of,
    submission,
    submission_id,
)


class SteppingConnection(sqlite3.Connection):
    """A connection that is interrupted once, after so many instructions of SQLite's machine."""

    instructions = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Connect, and count from the first statement on."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed on as it came
        self.set_progress_handler(self.interrupts, 1)

    @classmethod
    def interrupts(cls) -> bool:
        """Count down; say once that it is time."""
        cls.instructions -= 1
        return cls.instructions == 0


class CrampedConnection(sqlite3.Connection):
    """A connection on a disk that is full after so many pages."""

    pages = 0

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Connect, and set the limit."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # handed on as it came
        self.execute(f"PRAGMA max_page_count = {self.pages}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger that holds submission 1: events 0 and 1."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 2))
    ledger.close()
    return path


def append_two(ledger: SqliteLedger) -> list[object]:
    """Append a resent submission, a new one, and one with an event that stands already."""
    three = submission(3, record(0), record(4))
    return list(ledger.append([batch(1, 0, 2), batch(2, 2, 2), three], now_ms=NOON, fences=0))


def calls_of_one_append(path: Path, fault: Fault) -> int:
    """Count what an append asks of SQLite, on a copy."""
    copy = path.with_name("copy.sqlite")
    copy.write_bytes(path.read_bytes())
    ledger = open_sqlite(copy)
    fault.calls = 0
    append_two(ledger)
    ledger.close()
    return fault.calls


def test_what_the_values_are_refused_for_is_no_outage(path: Path, fault: Fault) -> None:
    """It would come again with the same submission: whoever waits is told so, without a value."""
    ledger = open_sqlite(path)
    fault.error, fault.calls, fault.at = sqlite3.IntegrityError, 0, 3
    with pytest.raises(Unforeseen) as caught:
        append_two(ledger)
    assert FOREIGN not in str(caught.value)
    ledger.close()


def test_each_statement_may_fail(path: Path, fault: Fault) -> None:
    """Each statement and the commit, failing before or after it ran: all of it is there or none."""
    calls = calls_of_one_append(path, fault)
    assert calls == len(
        [
            *("BEGIN", "head", "answered", "standing"),
            *("root", "records", "head", "rows", "commit"),
        ]
    )
    for number in range(1, calls + 1):
        for after in (False, True):
            copy = path.with_name(f"{number}-{after}.sqlite")
            copy.write_bytes(path.read_bytes())
            ledger = open_sqlite(copy)
            fault.at, fault.after, fault.calls = number, after, 0
            with pytest.raises(Unavailable, match="the ledger is not available") as caught:
                append_two(ledger)
            assert FOREIGN not in str(caught.value)
            fault.at = 0
            stored = number == calls and after  # committed, but nobody was told
            assert ledger.head() == Head(5 if stored else 2, NOON, 0)
            assert (ledger.answered(submission_id(3)) is not None) is stored
            results = append_two(ledger)
            assert [isinstance(one, Answered) and one.again for one in results] == [
                *(True, stored, stored)
            ]
            assert statements_of(ledger) == [record(n).statement for n in range(5)]
            assert_root_of_entries(ledger)
            ledger.close()


def test_each_statement_may_fail_while_a_tile_fills(tmp_path: Path, fault: Fault) -> None:
    """The tile that an append fills is there with its records or not at all, and the root fits."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 254))
    fault.calls = 0
    ledger.close()
    for number, after in [(n, after) for n in range(1, 11) for after in (False, True)]:
        copy = path.with_name(f"{number}-{after}.sqlite")
        copy.write_bytes(path.read_bytes())
        ledger = open_sqlite(copy)
        fault.at, fault.after, fault.calls = number, after, 0
        with pytest.raises(Unavailable):
            answer_to(ledger, batch(2, 254, 5))
        fault.at = 0
        stored = (number, after) == (10, True)
        assert ledger.head().size == (259 if stored else 254)
        assert_root_of_entries(ledger)
        answer_to(ledger, batch(3, 259, 5))
        answer_to(ledger, batch(2, 254, 5))
        assert_root_of_entries(ledger)
        assert ledger.tiles.tile(0, 0, 256) == b"".join(map(leaf_hash, ledger.tiles.leaves(0, 256)))
        ledger.close()


def assert_root_of_entries(ledger: SqliteLedger) -> None:
    """See that the root is that of the entries that stand, also for who opens the file next."""
    leaves = [leaf_hash(leaf_bytes_of(entry.record)) for entry in ledger.read(0, 999)]
    assert ledger.tiles.size() == len(leaves) == ledger.head().size
    assert ledger.tiles.root(len(leaves)) == Edge().grown(leaves)[0].root()


def test_any_instruction_may_be_interrupted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at any instruction of SQLite's machine, an append is there wholly or not at all.

    It is there when only the commit's own last instruction was left.
    """
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=SteppingConnection))
    ledger = open_sqlite(path)
    stops = 0
    while len(statements_of(ledger)) == ledger.head().size == 2:
        assert ledger.answered(submission_id(2)) is None
        stops += 1
        SteppingConnection.instructions = stops
        with suppress(Unavailable):
            append_two(ledger)
        SteppingConnection.instructions = 0
    assert stops > 100
    results = append_two(ledger)
    assert all(isinstance(result, Answered) and result.again for result in results)
    assert statements_of(ledger) == [record(n).statement for n in range(5)]
    assert_root_of_entries(ledger)
    ledger.close()


def append_until_refused(ledger: SqliteLedger) -> int:
    """Append submissions 2, 3 … of thirty events; gives the first that is refused."""
    number = 2
    try:
        while True:
            answer_to(ledger, batch(number, 30 * number, 30))
            number += 1
    except Unavailable:
        return number


def test_full_disk_leaves_nothing_half(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk appends are refused whole, reading goes on, and room makes it work again."""
    monkeypatch.setattr(CrampedConnection, "pages", path.stat().st_size // 8192 + 6)
    with monkeypatch.context() as cramped:
        cramped.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=CrampedConnection))
        ledger = open_sqlite(path)
        number = append_until_refused(ledger)
        assert number > 2
        assert len(statements_of(ledger)) == 2 + 30 * (number - 2)
        assert ledger.answered(submission_id(number)) is None
        assert len(ledger.submitted(submission_id(number - 1))) == 30
        ledger.close()
    ledger = open_sqlite(path)
    answer_to(ledger, batch(number, 30 * number, 30))
    assert len(ledger.submitted(submission_id(number))) == 30
    ledger.close()


def test_connection_that_cannot_roll_back_is_closed(
    path: Path, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection stuck in a failed transaction is not lent to anybody again."""
    ledger = open_sqlite(path)
    fault.at, fault.calls = 5, 0
    with monkeypatch.context() as stuck:
        stuck.setattr(LedgerConnection, "rollback", lambda _: None)
        with pytest.raises(Unavailable):
            append_two(ledger)
    fault.at = 0
    assert ledger.datastore.pool.num_in_pool == 0
    assert len(append_two(ledger)) == 3
    ledger.close()


def test_broken_file_is_unavailable(path: Path) -> None:
    """Pages that are no longer a database's are said to be so without a word of SQLite's."""
    ledger = open_sqlite(path)
    ledger.close()
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (path.stat().st_size - 8192))
    with pytest.raises(HomeNotReady, match="cannot be read as a ledger"):
        open_sqlite(path)
