"""What every reference document has."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.reference.dated import InForce, dates_in_order, day_after
from tests.domain.reference.drafts import DAYS, DRAFTS, bent, refused


@given(first=DAYS, length=st.none() | st.integers(-3, 400), offset=st.integers(-5, 405))
def test_in_force_holds_from_the_first_day_to_the_last(
    first: datetime.date, length: int | None, offset: int
) -> None:
    """Both ends are included, for every day of the calendar, and no last day means for ever."""
    day = first + datetime.timedelta(days=offset)
    last = None if length is None else first + datetime.timedelta(days=length)
    dated = InForce(
        effective_from=first.isoformat(),
        effective_until=None if last is None else last.isoformat(),
    )
    expected = first <= day and (last is None or day <= last)
    assert dated.in_force(day.isoformat()) is expected


@given(first=DAYS, length=st.integers(-400, 400))
def test_dates_out_of_order_are_found(first: datetime.date, length: int) -> None:
    """A last day before the first is a fault, and nothing else is."""
    last = first + datetime.timedelta(days=length)
    dated = InForce(effective_from=first.isoformat(), effective_until=last.isoformat())
    assert [fault.code for fault in dates_in_order(dated)] == (
        ["dates-out-of-order"] if length < 0 else []
    )


@given(day=DAYS)
def test_the_day_after_is_the_next_one(day: datetime.date) -> None:
    """Months, years and leap days do not matter."""
    following = datetime.date.fromisoformat(day_after(day.isoformat()))
    assert following - day == datetime.timedelta(days=1)


def test_the_last_day_of_all_has_no_day_after() -> None:
    """No document can name a day after 2099, so the last one is kept."""
    assert day_after("2099-12-31") == "2099-12-31"


@pytest.mark.parametrize("kind", DRAFTS)
def test_a_document_that_ends_before_it_begins_is_refused(kind: str) -> None:
    """Every kind of document has its own dates in order."""
    draft = bent(DRAFTS[kind], "effective_until", "2019-12-31")
    assert refused(draft) == {"effective_until": "dates-out-of-order"}
