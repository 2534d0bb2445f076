"""Tiles kept by somebody else: what the root does not commit to is never given out."""

from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.authenticated import authenticated
from domain.errors import TreeDiffers
from domain.tiles import HASH_BYTES, TILE_WIDTH, tiles_of
from domain.tree import consistency, inclusion, leaf_hash, root_of, verify_inclusion
from tests.domain.plain_tree import Tiles, leaves_of, mth

SIZE = 70_000


@cache
def honest() -> Tiles:
    """Lay out the tiles of 70 000 entries once: 273 and a partial, 1 and a partial, a partial."""
    return Tiles(leaves_of(SIZE))


@cache
def root() -> bytes:
    """Give the root of those entries, from the leaves alone."""
    return mth(leaves_of(SIZE))


def altered(level: int, number: int, at: int, value: bytes) -> Tiles:
    """Give the tiles with one hash replaced."""
    tiles = Tiles([])
    tiles.update(honest())
    tile = bytearray(tiles[level, number])
    tile[at * HASH_BYTES : (at + 1) * HASH_BYTES] = value
    tiles[level, number] = tile
    return tiles


def test_an_entry_forged_with_its_hash_is_refused() -> None:
    """Entry 800 and its hash in tile/0/003, all else kept (CVE-2026-56865): it proves nothing."""
    forged = leaf_hash(b"forged")
    tiles = altered(0, 3, 800 - 3 * TILE_WIDTH, forged)
    assert root_of(SIZE, tiles) == root()  # nothing on the way to the root shows it
    with pytest.raises(TreeDiffers, match="tile/0/003"):
        authenticated(SIZE, root(), tiles)(0, 3, TILE_WIDTH)
    with pytest.raises(TreeDiffers, match="tile/0/003"):
        inclusion(800, SIZE, authenticated(SIZE, root(), tiles))
    assert not verify_inclusion(forged, 800, SIZE, inclusion(800, SIZE, tiles), root())


def test_honest_tiles_are_given_whole() -> None:
    """Each tile of an honest log is given as it is, and proofs through the reader are the same."""
    read = authenticated(SIZE, root(), honest())
    for tile in tiles_of(SIZE):
        assert read(*tile) == honest()[tile.level, tile.number]
    for index in (0, 800, 65_535, 65_536, 69_999):
        assert inclusion(index, SIZE, read) == inclusion(index, SIZE, honest())
    assert consistency(65_537, SIZE, read) == consistency(65_537, SIZE, honest())


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537])
def test_right_edges_of_every_shape(size: int) -> None:
    """Full and partial ends of each level are read alike, also where a level has just begun."""
    leaves = leaves_of(size)
    tiles = Tiles(leaves)
    read = authenticated(size, mth(leaves), tiles)
    assert all(read(*tile) == tiles[tile.level, tile.number] for tile in tiles_of(size))


def test_an_empty_log_has_no_tiles() -> None:
    """Of a log without entries there is nothing to read, and another root is refused."""
    nothing = Tiles([])
    read = authenticated(0, mth([]), nothing)
    with pytest.raises(ValueError, match="beyond its size"):
        read(0, 0, 1)
    with pytest.raises(TreeDiffers):
        authenticated(0, mth(leaves_of(1)), nothing)


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_any_altered_hash_is_refused(data: st.DataObject) -> None:
    """One bit of any hash of any tile: that tile is never given out, and the others still are."""
    level, number, width = data.draw(st.sampled_from(list(tiles_of(SIZE))))
    at = data.draw(st.integers(0, width - 1))
    start = at * HASH_BYTES
    value = bytearray(honest()[level, number][start : start + HASH_BYTES])
    value[data.draw(st.integers(0, HASH_BYTES - 1))] ^= 1 << data.draw(st.integers(0, 7))
    tiles = altered(level, number, at, bytes(value))
    with pytest.raises(TreeDiffers):
        authenticated(SIZE, root(), tiles)(level, number, width)
    if (level, number) != (0, 100) and level == 0 and width == TILE_WIDTH:
        other = authenticated(SIZE, root(), tiles)(0, 100, TILE_WIDTH)
        assert other == honest()[0, 100]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda tiles: tiles.pop((0, 3)),
        lambda tiles: tiles[0, 3].clear(),
        lambda tiles: tiles[0, 3].pop(),
    ],
)
def test_a_missing_or_short_tile_is_refused(spoil: Callable[[Tiles], object]) -> None:
    """A tile that is gone or cut is not taken for a shorter log."""
    tiles = altered(0, 3, 0, bytes(honest()[0, 3][:HASH_BYTES]))
    spoil(tiles)
    with pytest.raises(TreeDiffers, match="tile/0/003 has another length"):
        authenticated(SIZE, root(), tiles)(0, 3, TILE_WIDTH)
    assert authenticated(SIZE, root(), tiles)(0, 4, TILE_WIDTH) == honest()[0, 4]


def test_another_size_or_root_is_refused() -> None:
    """Tiles are read for the size and root that are believed, and for no other."""
    with pytest.raises(TreeDiffers):
        authenticated(SIZE - 1, root(), honest())
    with pytest.raises(TreeDiffers):
        authenticated(SIZE, leaf_hash(b"another"), honest())
