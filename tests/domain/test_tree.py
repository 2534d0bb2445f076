"""The tree: equal to the RFC's own recursion at every size, and nothing else is proven."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.tiles import HASH_BYTES, TILE_WIDTH, tiles_of
from domain.tree import (
    EMPTY_ROOT,
    Edge,
    consistency,
    inclusion,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.domain.plain_tree import Tiles, leaves_of, mth, path, subproof

# The entries and roots that the tests of Certificate Transparency's own implementations use.
VECTOR_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        *("", "00", "10", "2021", "3031", "40414243"),
        *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
    )
]
VECTOR_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SMALL = 300
LARGE = (65_535, 65_536, 65_537, 70_000)


@cache
def tiles_to(size: int) -> Tiles:
    """Lay out the tiles of a tree once."""
    return Tiles(leaves_of(size))


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    """Leaf hashes enough for every tree here."""
    return leaves_of(max(LARGE))


def test_roots_of_the_published_vectors() -> None:
    """The roots are those that other implementations of RFC 6962 have for the same entries."""
    hashes = [leaf_hash(one) for one in VECTOR_ENTRIES]
    for size, root in enumerate(VECTOR_ROOTS):
        assert Edge().grown(hashes[:size])[0].root().hex() == root


def test_every_small_tree_is_the_recursion(leaves: list[bytes]) -> None:
    """Grown leaf by leaf, root and tiles are those of the recursion at every size."""
    edge, full = Edge(), dict[tuple[int, int], bytes]()
    for size in range(SMALL + 1):
        tiles = Tiles(leaves[:size])
        assert edge.root() == mth(leaves[:size]) == root_of(size, tiles)
        partial = {(level, size >> 8 * (level + 1)): t for level, t in enumerate(edge.tiles) if t}
        assert full | partial == tiles
        edge, filled = edge.grown(leaves[size : size + 1])
        full |= {(tile.level, tile.number): tile.hashes for tile in filled}


@pytest.mark.parametrize("size", LARGE)
def test_large_trees_are_the_recursion(leaves: list[bytes], size: int) -> None:
    """Grown at once, the tree of several levels is that of the recursion, and so are its tiles."""
    edge, full = Edge().grown(leaves[:size])
    tiles = tiles_to(size)
    assert edge.size == size
    assert edge.root() == mth(leaves[:size]) == root_of(size, tiles)
    assert [(t.level, t.number) for t in tiles_of(size) if t.width == TILE_WIDTH] == sorted(
        (t.level, t.number) for t in full
    )
    assert all(tiles[t.level, t.number] == t.hashes for t in full)
    assert all(t.top == mth([*hashes_in(t.hashes)]) for t in full[:3] + full[-3:])


def hashes_in(tile: bytes) -> list[bytes]:
    """Take a tile apart."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


@given(st.lists(st.integers(0, 700), max_size=6))
@settings(max_examples=25, deadline=None)
def test_batches_make_no_difference(counts: list[int]) -> None:
    """However leaves come together, the edge is the same; and an edge is all there is to go on."""
    edge, full = Edge(), []
    for count in counts:
        edge, filled = edge.grown(leaves_of(sum(counts))[edge.size : edge.size + count])
        full += filled
        assert Edge.of(edge.tiles) == edge
    assert (edge, full) == Edge().grown(leaves_of(sum(counts)))


def test_an_edge_is_never_changed(leaves: list[bytes]) -> None:
    """What was grown for a transaction that failed leaves the edge that it was grown from."""
    edge = Edge().grown(leaves[:300])[0]
    before = (edge.size, edge.tiles, edge.peaks)
    edge.grown(leaves[300:600])
    assert (edge.size, edge.tiles, edge.peaks) == before


def test_every_small_inclusion_is_the_recursion(leaves: list[bytes]) -> None:
    """A leaf's proof is the RFC's path, and holds for that leaf at that place and size."""
    for size in [*range(1, 66), 255, 256, 257, SMALL]:
        tiles, root = Tiles(leaves[:size]), mth(leaves[:size])
        for index in range(0, size, 1 + size // 40):
            proof = inclusion(index, size, tiles)
            assert proof == path(index, leaves[:size])
            assert verify_inclusion(leaves[index], index, size, proof, root)


def test_every_small_consistency_is_the_recursion(leaves: list[bytes]) -> None:
    """The proof between two sizes is the RFC's, and holds for their roots."""
    for new in [*range(1, 66), 255, 256, 257, SMALL]:
        tiles, root = Tiles(leaves[:new]), mth(leaves[:new])
        for old in range(0, new + 1, 1 + new // 40):
            proof = consistency(old, new, tiles)
            assert proof == (subproof(old, leaves[:new]) if old else [])
            assert verify_consistency(old, mth(leaves[:old]), new, root, proof)


def test_an_older_tree_is_read_from_newer_tiles(leaves: list[bytes]) -> None:
    """Proofs at a size that has long been passed need nothing but the tiles of today."""
    tiles = tiles_to(70_000)
    for size in (1, 255, 256, 257, 65_535, 65_536, 65_537, 69_999):
        root = root_of(size, tiles)
        assert root == mth(leaves[:size])
        index = size // 3
        assert verify_inclusion(leaves[index], index, size, inclusion(index, size, tiles), root)
        proof = consistency(size, 70_000, tiles)
        assert verify_consistency(size, root, 70_000, root_of(70_000, tiles), proof)


def test_a_proof_reads_a_handful_of_tiles() -> None:
    """A proof of any size reads each tile it needs once, and few of them."""
    read: list[tuple[int, int]] = []

    def counting(level: int, number: int, width: int) -> bytes:
        read.append((level, number))
        return tiles_to(70_000)(level, number, width)

    inclusion(800, 70_000, counting)
    assert len(read) == len(set(read)) <= 6


@pytest.mark.parametrize(
    "ask",
    [
        lambda tiles: inclusion(5, 5, tiles),
        lambda tiles: inclusion(-1, 5, tiles),
        lambda tiles: consistency(6, 5, tiles),
        lambda tiles: consistency(-1, 5, tiles),
    ],
)
def test_no_proof_of_what_is_not_there(ask: object) -> None:
    """A leaf beyond the tree, or a tree beyond the newer one, is a mistake of the caller."""
    assert callable(ask)
    with pytest.raises(ValueError, match="tree"):
        ask(Tiles(leaves_of(5)))


def test_the_empty_tree() -> None:
    """Before the first entry the root is the hash of nothing, and every tree goes on from it."""
    assert Edge().root() == EMPTY_ROOT == root_of(0, Tiles([]))
    assert Edge.of([]) == Edge()
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert not verify_consistency(0, leaf_hash(b""), 0, leaf_hash(b""), [])
    assert not verify_consistency(0, leaf_hash(b""), 3, mth(leaves_of(3)), [])


# --- what is not so is not proven -----------------------------------------------------------------

SIZES = st.integers(1, SMALL)


@given(SIZES, st.data())
@settings(max_examples=150, deadline=None)
def test_no_other_inclusion_holds(size: int, data: st.DataObject) -> None:
    """A changed hash, a missing or added one, another leaf, place, size or root: none is proven."""
    leaves, tiles = leaves_of(size), tiles_to(size)
    index = data.draw(st.integers(0, size - 1))
    proof, root = inclusion(index, size, tiles), root_of(size, tiles)
    other = data.draw(st.integers(-1, size + 3).filter(lambda at: at != index))
    assert not verify_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not verify_inclusion(leaves[index], other, size, proof, root)
    assert not verify_inclusion(leaves[index], index, size, proof, leaf_hash(b"another"))
    assert not verify_inclusion(leaves[index], index, size, proof, root[:-1])
    for mutated in mutations(proof, data):
        assert not verify_inclusion(leaves[index], index, size, mutated, root)


@given(SIZES, st.data())
@settings(max_examples=150, deadline=None)
def test_no_other_consistency_holds(new: int, data: st.DataObject) -> None:
    """A changed hash, a missing or added one, another root or a size that does not fit: refused."""
    tiles = tiles_to(new)
    old = data.draw(st.integers(1, new))
    proof, roots = consistency(old, new, tiles), (root_of(old, tiles), root_of(new, tiles))
    assert not verify_consistency(new + 1, roots[0], new, roots[1], proof)
    assert not verify_consistency(old, leaf_hash(b"another"), new, roots[1], proof)
    assert not verify_consistency(old, roots[0], new, leaf_hash(b"another"), proof)
    assert not verify_consistency(old, roots[0][:-1], new, roots[1], proof)
    for mutated in mutations(proof, data):
        assert not verify_consistency(old, roots[0], new, roots[1], mutated)


def mutations(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    """Give proofs that differ from this one in one place."""
    more = leaf_hash(b"more")
    found = [[*proof, more], [more, *proof], [*proof, b""]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        bit = 1 << data.draw(st.integers(0, 255))
        flipped = (int.from_bytes(proof[at], "big") ^ bit).to_bytes(HASH_BYTES, "big")
        found += [
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], flipped, *proof[at + 1 :]],
            [*proof[:at], proof[at] * 2, *proof[at + 1 :]],
            [*proof[:at], proof[at], *proof[at:]],
        ]
    return found


def test_a_leaf_is_no_node() -> None:
    """An entry that spells two hashes is not taken for the node over them, nor the other way."""
    left, right = leaves_of(2)
    assert leaf_hash(left + right) != node_hash(left, right)
    assert verify_inclusion(node_hash(left, right), 0, 1, [], node_hash(left, right))  # by hash
    assert not verify_inclusion(leaf_hash(left + right), 0, 1, [], node_hash(left, right))
