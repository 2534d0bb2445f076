"""Why a figure is not to be compared: thresholds, in both directions, and nothing below them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reference.factor_mapping import Comparability
from services.theming.flags import Peer, jump, near_zero
from services.theming.numbers import Number

RULE = Comparability(jump_at_least=20, jump_times=2, near_zero_at_most=2, peer_at_least=20)
COUNTS = st.integers(0, 500)


def number(numerator: int | None, denominator: int | None = None) -> Number:
    """Give a count, per 1,000 of so many where that is said."""
    per = None if denominator is None else 1000
    return Number("events", numerator, denominator, per=per)


@pytest.mark.parametrize(
    ("now", "before", "flagged"),
    [
        (number(40), number(20), True),
        (number(39), number(20), False),
        (number(10), number(20), True),
        (number(9), number(19), False),
        (number(20), number(0), True),
        (number(0), number(20), True),
        (number(40, 2000), number(20, 1000), False),  # twice as many assessed
        (number(20, 1000), number(20, 2000), True),  # half as many assessed
        (number(40, 0), number(20, 1000), True),  # no rate: counts are compared
        (number(None), number(20), False),
        (number(40), None, False),
    ],
)
def test_a_jump_is_a_doubling_or_a_halving_of_many(
    now: Number, before: Number | None, *, flagged: bool
) -> None:
    """By rates where both have one; few are never a jump, nor is what is hidden."""
    assert bool(list(jump(now, before, RULE))) == flagged


@given(COUNTS, COUNTS)
def test_a_jump_is_one_from_either_side(one: int, other: int) -> None:
    """What rose by so much would have fallen by so much the other way round."""
    there = list(jump(number(one), number(other), RULE))
    back = list(jump(number(other), number(one), RULE))
    assert len(there) == len(back)
    if there and one != other:
        assert ("as high" in there[0].reason) == (one > other)


@pytest.mark.parametrize(
    ("now", "peer", "flagged"),
    [(0, 20, True), (2, 20, True), (3, 500, False), (0, 19, False), (None, 20, False)],
)
def test_nearly_none_is_asked_about_beside_many(
    now: int | None, peer: int | None, *, flagged: bool
) -> None:
    """At most so few here, at least so many there."""
    peers = (Peer("Redbridge", number(peer)), Peer("Elsewhere", number(None)))
    assert bool(list(near_zero(number(now), peers, RULE))) == flagged


def test_without_thresholds_nothing_is_flagged() -> None:
    """They are the partners' to set: a mapping without them flags no jump and no zero."""
    assert list(jump(number(40), number(1), None)) == []
    assert list(near_zero(number(0), (Peer("Redbridge", number(99)),), None)) == []
