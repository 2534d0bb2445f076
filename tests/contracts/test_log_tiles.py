"""What every ledger promises about its tree, over each implementation of the port."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.authenticated import authenticated
from domain.errors import NotFound
from domain.record import leaf_bytes_of
from domain.tiles import tiles_of
from domain.tree import (
    EMPTY_ROOT,
    consistency,
    inclusion,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from services.log_ports import ProvenLedger
from services.ports import FencesMoved, Head
from tests.contracts.ledger_builders import (
    KINDS,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    opened,
    submission,
)
from tests.domain.plain_tree import Tiles, mth


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProvenLedger]:
    """An empty ledger of each kind."""
    with opened(request.param, tmp_path, SteppedClock()) as ledger:
        yield ledger


def leaves_of(ledger: ProvenLedger) -> list[bytes]:
    """Hash the leaves in front of the records that are read."""
    entries = ledger.read(0, 1_000_000)
    return [leaf_hash(leaf_bytes_of(entry.record)) for entry in entries]


def test_an_empty_ledger_has_the_empty_root(ledger: ProvenLedger) -> None:
    """Before anything is appended the tree is the empty one."""
    assert ledger.tiles.size() == 0
    assert ledger.tiles.root(0) == EMPTY_ROOT
    assert ledger.tiles.leaves(0, 9) == []


def test_the_root_is_that_of_the_leaves(ledger: ProvenLedger) -> None:
    """As entries come, in batches of any size, every size keeps the root of its leaves."""
    first = 0
    for number, count in enumerate([1, 2, 5, 248, 0, 1, 300, 43]):
        answer_to(ledger, batch(number, first, count))
        first += count
        assert ledger.tiles.size() == first
        assert ledger.tiles.root(first) == mth(leaves_of(ledger))
    leaves = leaves_of(ledger)
    for size in (0, 1, 3, 8, 255, 256, 257, 511, 512, 513, 600):
        assert ledger.tiles.root(size) == mth(leaves[:size])


def test_entries_are_the_leaf_bytes(ledger: ProvenLedger) -> None:
    """What the log is of is the leaf in front of each record, page by page."""
    answer_to(ledger, batch(1, 0, 7))
    records = [entry.record for entry in ledger.read(0, 9)]
    expected = [leaf_bytes_of(record) for record in records]
    assert ledger.tiles.leaves(0, 99) == expected
    assert ledger.tiles.leaves(2, 3) == expected[2:5]
    assert ledger.tiles.leaves(-2, 3) == expected[:3]
    assert ledger.tiles.leaves(7, 3) == ledger.tiles.leaves(0, -1) == []


def test_tiles_are_laid_out_as_documented(ledger: ProvenLedger) -> None:
    """Full and partial tiles are those of the layout, and each may be read as far as wanted."""
    for number, first in enumerate(range(0, 600, 100)):
        answer_to(ledger, batch(number, first, 100))
    expected = Tiles(leaves_of(ledger))
    for tile in tiles_of(600):
        assert ledger.tiles.tile(*tile) == expected[tile.level, tile.number]
        assert ledger.tiles.tile(tile.level, tile.number, 1) == expected(tile.level, tile.number, 1)


@pytest.mark.parametrize(
    ("level", "number", "width"),
    [
        *[(0, 1, 5), (0, 2, 1), (1, 0, 2), (1, 1, 1), (2, 0, 1), (0, 0, 0), (0, 0, 257)],
        *[(-1, 0, 1), (0, -1, 1), (0, 0, -1), (64, 0, 1), (0, 10**30, 1), (10**30, 0, 1)],
    ],
)
def test_tiles_that_are_not_there(
    ledger: ProvenLedger, level: int, number: int, width: int
) -> None:
    """Beyond the end, and for numbers that no tile has, there is none."""
    answer_to(ledger, batch(1, 0, 260))
    with pytest.raises(NotFound):
        ledger.tiles.tile(level, number, width)


@pytest.mark.parametrize("size", [-1, 6, 10**30])
def test_no_root_beyond_the_end(ledger: ProvenLedger, size: int) -> None:
    """A size that the ledger has not had has no root."""
    answer_to(ledger, batch(1, 0, 5))
    with pytest.raises(NotFound):
        ledger.tiles.root(size)


def test_proofs_come_from_the_tiles(ledger: ProvenLedger) -> None:
    """Inclusion and consistency are proven from what is stored, also of sizes long passed."""
    for number, first in enumerate(range(0, 600, 150)):
        answer_to(ledger, batch(number, first, 150))
    tiles, leaves = ledger.tiles, leaves_of(ledger)
    for size in (300, 600):
        root = tiles.root(size)
        read = authenticated(size, root, tiles.tile)
        for index in (0, 255, 256, 299):
            path = inclusion(index, size, read)
            assert path == inclusion(index, size, tiles.tile)
            assert verify_inclusion(leaves[index], index, size, path, root)
        path = consistency(257, size, read)
        assert verify_consistency(257, tiles.root(257), size, root, path)


def test_what_is_not_appended_is_not_in_the_tree(ledger: ProvenLedger) -> None:
    """An append that fails, or that brings nothing new, leaves the tree as it was."""
    answer_to(ledger, batch(1, 0, 255))
    before = ledger.tiles.root(255)
    failing = dataclasses.replace(batch(2, 255, 3), answer=lambda _: bytes(1 // 0))
    with pytest.raises(ZeroDivisionError):
        ledger.append([failing], now_ms=NOON, fences=0)
    answer_to(ledger, batch(1, 0, 255))
    answer_to(ledger, batch(3, 0, 2))
    answer_to(ledger, submission(4))
    assert ledger.tiles.size() == 255
    assert ledger.tiles.root(255) == before
    answer_to(ledger, batch(2, 255, 3))
    assert ledger.tiles.root(258) == mth(leaves_of(ledger))


def test_a_fence_is_counted_with_what_raised_it(ledger: ProvenLedger) -> None:
    """A record that destroys keys raises the count once: what was sealed before is refused."""
    answer_to(ledger, batch(1, 0, 1))
    fencing = dataclasses.replace(batch(2, 1, 1), fence=True)
    answer_to(ledger, fencing)
    assert ledger.head() == Head(2, NOON, 1)
    with pytest.raises(FencesMoved):
        ledger.append([batch(3, 2, 1)], now_ms=NOON, fences=0)
    again = dataclasses.replace(batch(4, 1, 1), fence=True)
    ledger.append([fencing, again], now_ms=NOON, fences=1)
    assert ledger.head() == Head(2, NOON, 1)
    ledger.append([batch(3, 2, 1)], now_ms=NOON, fences=1)
    assert ledger.head() == Head(3, NOON, 1)
