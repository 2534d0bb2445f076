"""The tree in a ledger's file: made again, followed, and held against the head."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from eventsourcing.persistence import StoredEvent

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_reading import ReadOnlySqliteLedger
from adapters.ledger.sqlite_store import LedgerConnection
from domain.errors import HomeNotReady, TreeDiffers, Unavailable
from domain.record import leaf_bytes_of
from domain.tree import Edge, leaf_hash
from services.ports import Head
from tests.contracts.ledger_builders import NAME, NOON, answer_to, batch, open_sqlite, sqlite_path


def root_of_leaves(ledger: SqliteLedger) -> bytes:
    """Give the root, from the entries alone."""
    leaves = ledger.tiles.leaves(0, 1_000_000)
    return Edge().grown(map(leaf_hash, leaves))[0].root()


def of_entries(folder: Path, count: int) -> Path:
    """Make a ledger of so many entries, and close it."""
    path = sqlite_path(folder)
    ledger = open_sqlite(path)
    answer_to(ledger, batch(1, 0, count))
    ledger.close()
    return path


def altered(path: Path, *statements: str) -> None:
    """Change a ledger's file by hand, the triggers out of the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        for (trigger,) in plain.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            plain.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            plain.execute(statement)


@pytest.mark.parametrize("count", [0, 1, 255, 256, 257, 600])
def test_the_root_is_the_same_after_reopening(tmp_path: Path, count: int) -> None:
    """Made again from full tiles and later entries, the edge goes on where it was."""
    path = of_entries(tmp_path, count)
    ledger = open_sqlite(path)
    assert ledger.tiles.root(count) == root_of_leaves(ledger)
    answer_to(ledger, batch(2, count, 300))
    assert ledger.tiles.root(count + 300) == root_of_leaves(ledger)
    ledger.close()


def test_a_tree_of_three_levels(tmp_path: Path) -> None:
    """Beyond 65 536 entries the edge is made again from every level, and every tile is there."""
    path = sqlite_path(tmp_path)
    first = open_sqlite(path)
    # The library's own door is the quickest way to many entries; their states are their own leaves.
    states = [(4).to_bytes(2, "big") + n.to_bytes(4, "big") for n in range(66_200)]
    first.insert_events([StoredEvent("s", n, "opaque", state) for n, state in enumerate(states)])
    first.close()
    leaves = [leaf_hash(leaf_bytes_of(state)) for state in states]
    ledger = open_sqlite(path)
    edge, full = Edge().grown(leaves)
    assert ledger.tiles.root(66_200) == edge.root()
    for tile in full[::50] + full[-3:]:
        assert ledger.tiles.tile(tile.level, tile.number, 256) == tile.hashes
    for level, hashes in enumerate(edge.tiles):
        number = 66_200 >> 8 * (level + 1)
        assert ledger.tiles.tile(level, number, len(hashes) // 32) == hashes
    answer_to(ledger, batch(1, 0, 3))
    leaves += [leaf_hash(leaf_bytes_of(entry.record)) for entry in ledger.read(66_200, 9)]
    assert ledger.tiles.root(66_203) == Edge().grown(leaves)[0].root()
    ledger.close()


def test_two_openings_follow_each_other(tmp_path: Path) -> None:
    """Another process appends in between, a little or much: the tree goes on from what stands."""
    path = sqlite_path(tmp_path)
    one, other = open_sqlite(path), open_sqlite(path)
    first = 0
    for number, count in enumerate([1, 1, 300, 2, 255, 1, 513, 7]):
        ledger = (one, other)[number % 2]
        answer_to(ledger, batch(number, first, count))
        first += count
        assert one.tiles.root(first) == other.tiles.root(first) == root_of_leaves(one)
        assert other.tiles.tile(0, first >> 8, first % 256) == one.tiles.tile(
            0, first >> 8, first % 256
        )
    one.close()
    other.close()


def test_nothing_is_remembered_of_what_was_rolled_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edge in memory is that of the last commit, whatever was grown for one that failed."""
    ledger = open_sqlite(sqlite_path(tmp_path))
    answer_to(ledger, batch(1, 0, 255))
    before = ledger.tiles._edge
    with monkeypatch.context() as broken:
        broken.setattr(LedgerConnection, "commit", no_commit)
        with pytest.raises(Unavailable):
            answer_to(ledger, batch(2, 255, 2))
    assert ledger.tiles._edge is before
    answer_to(ledger, batch(2, 255, 2))
    assert ledger.tiles.root(257) == root_of_leaves(ledger)
    ledger.close()


def no_commit(_: LedgerConnection) -> None:
    """Fail as a disk does."""
    raise sqlite3.OperationalError


SPOILT: list[tuple[str, str]] = [
    (
        "an edited entry",
        "UPDATE record SET state = CAST('x' || substr(state, 2) AS BLOB) WHERE rowid = 300",
    ),
    ("an entry of another type", "UPDATE record SET state = 'text' WHERE rowid = 300"),
    ("another root", "UPDATE head SET root = zeroblob(32)"),
    ("a tile's own hash", "UPDATE tile SET top = zeroblob(32)"),
    ("a missing tile", "DELETE FROM tile"),
]


@pytest.mark.parametrize(("what", "statement"), SPOILT, ids=[what for what, _ in SPOILT])
def test_a_head_that_is_not_that_of_the_tree_is_refused(
    tmp_path: Path, what: str, statement: str
) -> None:
    """A ledger whose tree is not the one that its head has the root of is not opened to append."""
    path = of_entries(tmp_path, 300)
    altered(path, statement)
    with pytest.raises(HomeNotReady, match="head and tree"):
        open_sqlite(path)
    reader = ReadOnlySqliteLedger(path, NAME, origin="demo")  # for the audit to say what is wrong
    assert reader.head() == Head(300, NOON, 0)
    with pytest.raises(TreeDiffers):
        reader.tiles.tile(0, 1, 44)
    reader.close()


def test_a_head_that_is_moved_while_open_stops_appending(tmp_path: Path) -> None:
    """A file that is changed by hand under a running hub is not appended to."""
    path = of_entries(tmp_path, 3)
    ledger = open_sqlite(path)
    altered(path, "UPDATE head SET root = zeroblob(32)")
    with pytest.raises(TreeDiffers):
        answer_to(ledger, batch(2, 3, 1))
    assert ledger.head().size == 3
    ledger.close()


def test_an_audit_reads_the_tree_and_changes_nothing(tmp_path: Path) -> None:
    """Root, tiles, entries and checkpoints are read from a file that cannot be written."""
    path = of_entries(tmp_path, 300)
    ledger = open_sqlite(path)
    ledger.checkpoints.keep(300, ledger.tiles.root(300), b"note", now_ms=NOON)
    expected = read_from(ledger)
    ledger.close()
    before = path.read_bytes()
    reader = ReadOnlySqliteLedger(path, NAME, origin="demo")
    assert read_from(reader) == expected
    reader.close()
    assert path.read_bytes() == before


def read_from(ledger: SqliteLedger) -> list[object]:
    """Read something of everything."""
    tiles = ledger.tiles
    asking: list[Callable[[], object]] = [
        lambda: tiles.root(300),
        lambda: tiles.root(257),
        lambda: tiles.tile(0, 0, 256),
        lambda: tiles.tile(0, 1, 44),
        lambda: tiles.tile(1, 0, 1),
        lambda: tiles.leaves(290, 99),
        ledger.checkpoints.latest_kept,
    ]
    return [ask() for ask in asking]
