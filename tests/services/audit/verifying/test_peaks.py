"""The verifier's own tree comes to the same roots as the ledger's, by another way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tree import Edge, leaf_hash
from services.audit.verifying.peaks import Peaks, of_leaf, perfect


def entry(number: int) -> bytes:
    """Give the bytes of one entry."""
    return number.to_bytes(4, "big")


def test_every_prefix_has_the_root_that_the_ledger_writes() -> None:
    """Two ways that share no code agree on each of the first thousand roots."""
    peaks, edge = Peaks(), Edge()
    assert peaks.root() == edge.root()
    for number in range(1_000):
        peaks.push(of_leaf(entry(number)))
        edge, _ = edge.grown([leaf_hash(entry(number))])
        assert peaks.root() == edge.root()


@given(st.integers(0, 40), st.integers(0, 63))
def test_stretches_come_to_the_same_root_as_their_leaves(full: int, rest: int) -> None:
    """Perfect trees put in at once, and a smaller prefix behind them, are what they are made of."""
    whole, by_leaf = Peaks(), Peaks()
    for number in range(full * 64 + rest):
        by_leaf.push(of_leaf(entry(number)))
    for at in range(full):
        leaves = [of_leaf(entry(at * 64 + number)) for number in range(64)]
        whole.push(perfect(leaves), height=6)
    behind = Peaks()
    for number in range(rest):
        behind.push(of_leaf(entry(full * 64 + number)))
    assert whole.root(behind.hashes) == by_leaf.root()


def test_a_tree_is_not_put_where_none_of_its_size_may_begin() -> None:
    """A stretch that does not follow on is refused, never hashed into a root of something else."""
    peaks = Peaks()
    peaks.push(of_leaf(b""))
    with pytest.raises(ValueError, match="begins where its size divides"):
        peaks.push(of_leaf(b""), height=3)
