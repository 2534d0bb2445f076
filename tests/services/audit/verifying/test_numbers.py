"""A number that two events of a source carry is found: an older store of it was put back."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.verifying import report
from services.audit.verifying.numbers import NumbersCarried
from tests.hub_rig import HubRig, open_rig
from tests.rig_publisher import inner
from tests.services.audit.verifying.test_contents import looked_into
from tests.verifying_rig import record


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def test_a_number_that_is_given_out_twice_is_found(rig: HubRig) -> None:
    """Named where it stands again; that it was withdrawn under its own number is no finding."""
    publisher = rig.publisher()
    first = publisher.event()
    publisher.publish(first, publisher.event())
    publisher.sequence = 0
    publisher.publish(publisher.event())
    publisher.sequence = 1
    taking = publisher.event("record-withdrawn", subject=first["subject"], supersedes=first["id"])
    inner(taking, "data").update({"facts": {"reason": "wrong-file"}, "subjects": []})
    publisher.publish(taking)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.GAPS, 2, "number-carried-twice")}
    assert rig.havering.ledger.head().size == 4


@given(st.lists(st.integers(0, 30), max_size=60))
def test_numbers_are_met_again_whatever_their_order(numbers: list[int]) -> None:
    """What ranges say is what a set says; 0 is no number."""
    carried, met = NumbersCarried(), set[int]()
    for number in numbers:
        leaf = dataclasses.replace(record(1).leaf, sequence=number)
        assert carried.carried_before(leaf) == (number in met)
        met |= {number} - {0}
