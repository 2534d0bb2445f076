"""Whatever fails while a checkpoint is kept, cosigned, published or appended: all or nothing."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.ledger.sqlite import SqliteLedger
from domain.errors import Unavailable
from domain.logged_checkpoint import LoggedCheckpoint
from domain.record import leaf_bytes_of
from domain.tree import Edge, leaf_hash
from services.ports import Recorded
from tests.adapters.ledger.faults import FOREIGN, Fault
from tests.contracts.ledger_builders import NOON, answer_to, batch, digest, open_sqlite, sqlite_path

ROOT = digest("root")
SIZE = 255  # the next entry fills a tile
Do = Callable[[SqliteLedger], object]


def keep(ledger: SqliteLedger) -> object:
    """Keep a checkpoint."""
    return ledger.checkpoints.keep(SIZE, ROOT, b"note", now_ms=NOON)


def cosign(ledger: SqliteLedger) -> None:
    """Keep two lines for the one that stands."""
    ledger.checkpoints.cosign(9, [b"one", b"two"], now_ms=NOON)


def publish(ledger: SqliteLedger) -> None:
    """Publish the one that stands."""
    ledger.checkpoints.publish(9, b"note and lines", now_ms=NOON)


def log(ledger: SqliteLedger) -> object:
    """Append a checkpoint as an entry, which fills a tile."""
    return ledger.append_checkpoint(LoggedCheckpoint(SIZE, b"note"), now_ms=NOON)


def standing(path: Path) -> list[str]:
    """Give all that a file holds, through a connection that knows nothing of ledgers."""
    with sqlite3.connect(path) as plain:
        found = list(plain.iterdump())
    plain.close()
    return found


def whole(ledger: SqliteLedger) -> bool:
    """Say whether the tree is that of the entries."""
    leaves = [leaf_hash(leaf_bytes_of(entry.record)) for entry in ledger.read(0, 999)]
    return ledger.tiles.root(ledger.head().size) == Edge().grown(leaves)[0].root()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of entries, with one checkpoint kept."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, SIZE))
    ledger.checkpoints.keep(9, ROOT, b"note", now_ms=NOON)
    ledger.close()
    return path


def calls_of(path: Path, fault: Fault, do: Do) -> tuple[int, list[str]]:
    """Count what this asks of SQLite, and give what stands afterwards, on a copy."""
    copy = path.with_name("copy.sqlite")
    copy.write_bytes(path.read_bytes())
    ledger = open_sqlite(copy)
    fault.calls = 0
    do(ledger)
    calls = fault.calls
    ledger.close()
    return calls, standing(copy)


@pytest.mark.parametrize("do", [keep, cosign, publish, log])
def test_each_statement_may_fail(path: Path, fault: Fault, do: Do) -> None:
    """Each statement and the commit, failing before or after it ran: all of it is there or none.

    Whoever tries again is told what stands, where the commit stood and nobody was told.
    """
    before = standing(path)
    calls, done = calls_of(path, fault, do)
    assert calls >= 4
    for number, after in [(n, after) for n in range(1, calls + 1) for after in (False, True)]:
        copy = path.with_name(f"{number}-{after}.sqlite")
        copy.write_bytes(path.read_bytes())
        ledger = open_sqlite(copy)
        fault.at, fault.after, fault.calls = number, after, 0
        with pytest.raises(Unavailable) as caught:
            do(ledger)
        assert FOREIGN not in str(caught.value)
        fault.at = 0
        stored = (number, after) == (calls, True)
        assert standing(copy) == (done if stored else before)
        assert whole(ledger)
        again = do(ledger)
        if do is not publish or not stored:  # what is handed out twice is kept twice
            assert standing(copy) == done
        if isinstance(again, Recorded):
            assert again == Recorded(SIZE, NOON, again=stored)
        assert whole(ledger)
        ledger.close()
