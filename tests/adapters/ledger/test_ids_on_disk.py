"""Ids that stand twice are found among any number, without holding them in memory."""

from __future__ import annotations

from contextlib import closing

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ledger.ids_on_disk import IdsOnDisk

FEW = st.lists(st.integers(0, 9).map(lambda one: one.to_bytes(16, "big")), max_size=30)


@given(ids=FEW, cut=st.integers(0, 30), most=st.integers(1, 30))
@settings(max_examples=40)
def test_each_id_that_came_before_is_named(ids: list[bytes], cut: int, most: int) -> None:
    """However they come, the positions are those whose id stands at an earlier one."""
    placed = [(one, at) for at, one in enumerate(ids)]
    with closing(IdsOnDisk()) as held:
        held.add(placed[:cut])
        held.add(placed[cut:])
        found = list(held.doubled(most))
    assert found == [at for at, one in enumerate(ids) if one in ids[:at]][:most]


def test_each_ledger_has_its_own() -> None:
    """Two that are open at once do not see each other's."""
    with closing(IdsOnDisk()) as one, closing(IdsOnDisk()) as other:
        one.add([(bytes(16), 0)])
        other.add([(bytes(16), 0)])
        assert list(one.doubled(9)) == []
