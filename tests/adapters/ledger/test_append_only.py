"""A ledger's file refuses what would change it, from a plain connection without code of ours."""

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from services.intake_ports import Advance
from tests.contracts.ledger_builders import (
    NOON,
    answer_to,
    batch,
    open_sqlite,
    sqlite_path,
    statements_of,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger of six entries, closed."""
    path = sqlite_path(tmp_path)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, 4))
    answer_to(ledger, batch(2, 4, 2))
    ledger.checkpoints.keep(6, ledger.tiles.root(6), b"note", now_ms=NOON)
    ledger.checkpoints.cosign(6, [b"line"], now_ms=NOON)
    ledger.checkpoints.publish(6, b"note and line", now_ms=NOON)
    ledger.offsets.advance(Advance(uuid.UUID(int=1), 0, 5))
    ledger.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        # As the 256th entry would write it: what it says does not matter to who refuses a change.
        plain.execute("INSERT INTO tile VALUES (0, 0, zeroblob(32), zeroblob(8192))")
    return path


@pytest.fixture
def plain(path: Path) -> Iterator[sqlite3.Connection]:
    """The same file through the standard library."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


OTHER_ROW = "randomblob(16), statement, state FROM record WHERE rowid = 2"
CHANGES = [
    "UPDATE record SET state = x'00' WHERE rowid = 2",
    "UPDATE record SET rowid = 99 WHERE rowid = 6",
    "DELETE FROM record WHERE rowid = 6",
    "DELETE FROM record",
    "UPDATE OR REPLACE record SET event_id = (SELECT event_id FROM record WHERE rowid = 1)",
    # an INSERT that replaces fires no trigger of DELETE
    f"INSERT OR REPLACE INTO record SELECT 2, 'tag', 1, 'topic', {OTHER_ROW}",
    f"INSERT OR REPLACE INTO record SELECT 7, 'tag', 6, 'topic', event_id{OTHER_ROW[14:]}",
    # a gap, and a place before the first
    f"INSERT INTO record SELECT 9, 'tag', 8, 'topic', {OTHER_ROW}",
    f"INSERT INTO record SELECT 0, 'tag', -1, 'topic', {OTHER_ROW}",
    "UPDATE submission SET answer = x'00'",
    "DELETE FROM submission WHERE number = 2",
    "INSERT OR REPLACE INTO submission SELECT * FROM submission WHERE number = 1",
    "INSERT OR REPLACE INTO submission SELECT 9, id, 's', 0, 0, x'', x'', x'' FROM submission",
    "UPDATE ledger SET origin = 'hub'",
    "DELETE FROM ledger",
    "INSERT OR REPLACE INTO ledger VALUES (1, 'redbridge', 'bhr-ledger/v1', 'demo')",
    "DELETE FROM head",
    "INSERT OR REPLACE INTO head VALUES (1, 2, 0, 0, zeroblob(32))",
    "UPDATE head SET size = 5",
    "UPDATE head SET recorded_ms = recorded_ms - 1",
    "UPDATE head SET fences = -1",
    "UPDATE head SET only_row = 2",
    "UPDATE head SET root = zeroblob(32)",
    "DELETE FROM queue_offset",
    "UPDATE queue_offset SET reached = 4",
    "UPDATE queue_offset SET queue = randomblob(16)",
    "INSERT OR REPLACE INTO queue_offset SELECT queue, 9 FROM queue_offset",
    "UPDATE tile SET top = randomblob(32)",
    "DELETE FROM tile",
    "INSERT OR REPLACE INTO tile VALUES (0, 0, randomblob(32), randomblob(8192))",
    # a gap, and the level above without its first
    "INSERT INTO tile VALUES (0, 2, zeroblob(32), zeroblob(8192))",
    "INSERT INTO tile VALUES (1, 1, zeroblob(32), zeroblob(8192))",
    "INSERT INTO tile VALUES (0, 1, zeroblob(32), zeroblob(8160))",
    "UPDATE checkpoint SET root = zeroblob(32)",
    "DELETE FROM checkpoint",
    "INSERT OR REPLACE INTO checkpoint VALUES (6, randomblob(32), x'00', 0)",
    # the same size with another root, whatever was checked before; and a size that is not there
    "INSERT INTO checkpoint VALUES (6, zeroblob(32), x'00', 0)",
    "INSERT INTO checkpoint VALUES (7, zeroblob(32), x'00', 0)",
    "INSERT INTO checkpoint VALUES (0, zeroblob(32), x'00', 0)",
    "UPDATE cosignature SET taken_ms = 0",
    "DELETE FROM cosignature",
    "INSERT OR REPLACE INTO cosignature VALUES (1, 6, x'00', 0)",
    "INSERT OR REPLACE INTO cosignature SELECT 9, size, line, 0 FROM cosignature",
    "UPDATE published SET note = x'00'",
    "DELETE FROM published",
    "INSERT OR REPLACE INTO published VALUES (1, 6, x'00', 0)",
]


@pytest.mark.parametrize("change", CHANGES)
def test_change_is_refused(path: Path, plain: sqlite3.Connection, change: str) -> None:
    """Nothing recorded is changed, removed, replaced or put out of order, even from outside."""
    before = list(plain.iterdump())
    with pytest.raises(sqlite3.IntegrityError):
        plain.execute(change)
    assert list(plain.iterdump()) == before


def test_vacuum_keeps_positions(path: Path, plain: sqlite3.Connection) -> None:
    """Rewriting the whole file renumbers nothing."""
    ledger = open_sqlite(path)
    before = ledger.read(0, 10)
    plain.execute("VACUUM")
    assert ledger.read(0, 10) == before
    answer_to(ledger, batch(3, 6, 1))
    assert len(statements_of(ledger)) == 7
    ledger.close()


def test_nothing_of_a_person_is_in_a_column(plain: sqlite3.Connection) -> None:
    """Columns hold positions, tags, digests and sealed bytes; no new one comes unnoticed."""
    columns = {
        table: [row[1] for row in plain.execute(f"PRAGMA table_info({table})")]
        for (table,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert columns == {
        "ledger": ["only_row", "name", "format", "origin"],
        "head": ["only_row", "size", "recorded_ms", "fences", "root"],
        "record": [
            *("rowid", "originator_id", "originator_version", "topic"),
            *("event_id", "statement", "state"),
        ],
        "submission": [
            *("number", "id", "source", "first", "count"),
            *("digests", "signature", "answer"),
        ],
        "tile": ["level", "number", "top", "hashes"],
        "checkpoint": ["size", "root", "note", "kept_ms"],
        "cosignature": ["number", "size", "line", "taken_ms"],
        "published": ["number", "size", "note", "published_ms"],
        "queue_offset": ["queue", "reached"],
    }


def test_rows_say_what_the_library_reads(plain: sqlite3.Connection) -> None:
    """Notification id is position + 1, the version is the position, the topic is the format."""
    rows = plain.execute("SELECT rowid, originator_version, topic FROM record").fetchall()
    assert rows == [(n + 1, n, "bhr-record/v1") for n in range(6)]
    assert plain.execute("SELECT size, recorded_ms FROM head").fetchall() == [(6, NOON)]
