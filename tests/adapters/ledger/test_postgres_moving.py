"""A ledger that moves from its file into PostgreSQL is the same ledger there."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

import pytest

from adapters.ledger import sqlite_leaving
from adapters.ledger.postgres_arriving import take_over
from adapters.ledger.postgres_schema import ledger_stands
from adapters.ledger.sqlite_leaving import LeavingFile
from adapters.postgres_connections import Place
from domain.errors import HomeNotReady
from domain.logged_checkpoint import LoggedCheckpoint
from services.intake_ports import Advance
from services.log_ports import ProvenLedger
from tests.contracts.ledger_builders import (
    NOON,
    answer_to,
    batch,
    open_postgres,
    open_sqlite,
    record,
    sqlite_path,
    submission,
    submission_id,
)
from tests.postgres_server import HUB, database, seen_by

pytestmark = pytest.mark.postgres
SIZE = 601


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger's file with something of everything in it, closed."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 300))
    answer_to(ledger, submission(2, record(0, saying="that")))  # refused, and kept all the same
    answer_to(ledger, batch(3, 300, 300))
    keep(ledger, 300, b"one")
    ledger.append_checkpoint(LoggedCheckpoint(300, b"note"), now_ms=NOON)
    keep(ledger, SIZE, b"two")
    ledger.offsets.advance(Advance(uuid.UUID(int=1), 0, 5))
    ledger.close()
    return path


def keep(ledger: ProvenLedger, size: int, line: bytes) -> None:
    """Keep, cosign and publish a checkpoint."""
    book = ledger.checkpoints
    book.keep(size, ledger.tiles.root(size), b"note", now_ms=NOON)
    book.cosign(size, [line, b"another"], now_ms=NOON)
    book.publish(size, b"published", now_ms=NOON)


def somewhere() -> Place:
    """Give a schema that is not there."""
    return Place(database(), f"a-moved-ledger-{uuid.uuid4().hex[:12]}")


def everything(ledger: ProvenLedger) -> list[object]:
    """Give all that can be read of a ledger."""
    book, tiles = ledger.checkpoints, ledger.tiles
    return [
        ledger.head(),
        ledger.read(0, 9999),
        [tiles.root(size) for size in (0, 1, 256, 300, SIZE)],
        [tiles.tile(0, number, 256) for number in (0, 1)] + [tiles.tile(0, 2, SIZE - 512)],
        [ledger.answered(submission_id(number)) for number in (1, 2, 3, 4)],
        [ledger.signed(submission_id(number)) for number in (1, 2, 3, 4)],
        [ledger.submitted(submission_id(number)) for number in (1, 2, 3)],
        book.kept(0, 99),
        [book.cosignatures(size) for size in (300, SIZE)],
        [book.published(size) for size in (300, SIZE)],
        ledger.offsets.reached(uuid.UUID(int=1)),
    ]


def test_everything_is_the_same_and_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Positions, entries, tiles, checkpoints, answers; and the next of each follows."""
    monkeypatch.setattr(sqlite_leaving, "AT_ONCE", 130)
    there = open_sqlite(path)
    expected = everything(there)
    there.close()
    place = somewhere()
    with closing(LeavingFile(path)) as leaving:
        take_over(place, leaving)
    ledger = open_postgres(seen_by(place, HUB))
    assert everything(ledger) == expected
    assert answer_to(ledger, batch(1, 0, 300)) == ledger.answered(submission_id(1))[1]  # type: ignore[index]  # it was answered
    answer_to(ledger, batch(4, 1000, 200))
    keep(ledger, SIZE + 200, b"three")
    assert len(ledger.submitted(submission_id(4))) == 200
    ledger.close()


def test_an_empty_ledger_moves_too(tmp_path: Path) -> None:
    """A borough that has published nothing may move before it does."""
    place = somewhere()
    with closing(LeavingFile(sqlite_path(tmp_path))) as leaving:
        take_over(place, leaving)
    ledger = open_postgres(seen_by(place, HUB))
    answer_to(ledger, batch(1, 0, 3))
    assert ledger.head().size == 3
    ledger.close()


@pytest.mark.parametrize(
    "spoilt",
    [
        "UPDATE record SET state = CAST('x' || substr(state, 2) AS BLOB) WHERE rowid = 300",
        "UPDATE tile SET hashes = randomblob(8192) WHERE number = 1",
        "UPDATE tile SET top = zeroblob(32)",
        "DELETE FROM record WHERE rowid = 601",
        "DELETE FROM record WHERE rowid = 20",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE record SET event_id = x'00' WHERE rowid = 20",
    ],
)
def test_what_does_not_hold_together_is_not_moved(path: Path, spoilt: str) -> None:
    """A file that was changed by hand leaves nothing on the server, and stays as it is."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        triggers = plain.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (trigger,) in triggers.fetchall():
            plain.execute(f"DROP TRIGGER {trigger}")
        plain.execute("PRAGMA ignore_check_constraints = ON")
        plain.execute(spoilt)
    place = somewhere()
    with closing(LeavingFile(path)) as leaving, pytest.raises(HomeNotReady):
        take_over(place, leaving)
    assert not ledger_stands(place)
