"""Rules with dates."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reference.documents import read_as
from domain.reference.rule_packs import RulePack, pack_in_force
from tests.domain.reference.drafts import DAYS, PACK, bent, raw, refused


def _pack(first: datetime.date, *, version: int, area: str = "national") -> RulePack:
    draft = bent(bent(PACK, "effective_from", first.isoformat()), "area", area)
    return read_as(RulePack, raw(bent(draft, "version", version)))


@given(starts=st.lists(DAYS, min_size=1, max_size=6), day=DAYS)
def test_the_pack_in_force_is_the_one_that_began_last(
    starts: list[datetime.date], day: datetime.date
) -> None:
    """A new edition takes over on its first day, whether or not the one before was given an end."""
    packs = [_pack(first, version=at + 1) for at, first in enumerate(starts)]
    begun = [(first, at + 1) for at, first in enumerate(starts) if first <= day]
    found = pack_in_force(packs, "national", day=day.isoformat())
    assert (found and found.version) == (max(begun)[1] if begun else None)
    assert found is None or found.effective_from == max(begun)[0].isoformat()


def test_a_pack_of_another_area_is_not_in_force_here() -> None:
    """Local rules never stand in for national ones."""
    local = _pack(datetime.date(2020, 1, 1), version=1, area="local")
    assert pack_in_force([local], "national", day="2021-01-01") is None
    assert pack_in_force([local], "local", day="2021-01-01") == local


def test_a_clock_is_found_by_its_code() -> None:
    """A view names the clock that it used."""
    pack = read_as(RulePack, raw(PACK))
    clock = pack.clock("assessment")
    assert clock is not None
    assert (clock.length, clock.unit) == (45, "working-days")
    assert pack.clock("never-heard-of") is None


@pytest.mark.parametrize(
    ("place", "value", "faults"),
    [
        (
            "clocks.+",
            {
                "code": "assessment",
                "applies_to": "x",
                "starts": "x",
                "length": 1,
                "unit": "hours",
                "checked": False,
                "origin": "x",
            },
            {"clocks.1.code": "doubled"},
        ),
        ("duties.1.code", "report", {"duties.1.code": "doubled"}),
        ("duties.1.months", None, {"duties.1.months": "count-without-period"}),
        ("duties.0.months", 12, {"duties.0.months": "count-without-period"}),
        ("clocks.0.length", 0, {"clocks.0.length": "greater-than-equal"}),
    ],
)
def test_what_does_not_hold_together_is_refused(
    place: str, value: object, faults: dict[str, str]
) -> None:
    """Every rule between clocks and duties has a fault with its place."""
    assert refused(bent(PACK, place, value)) == faults
