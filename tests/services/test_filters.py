"""What of a view is asked for, as days, times and texts."""

from __future__ import annotations

from datetime import date

import pytest

from services.filters import Filters, as_of_ms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-31", 1_769_903_999_999),
        ("2026-06-30", 1_782_860_399_999),  # a London day ends an hour earlier in summer
        ("2026-01-31T00:00:00Z", 1_769_817_600_000),
        ("2026-01-31T00:00:00.123456+01:00", 1_769_814_000_123),
    ],
)
def test_a_date_is_the_whole_of_it(text: str, expected: int) -> None:
    """As of a day is as of its last moment in London; as of an instant is as of that."""
    assert as_of_ms(text) == expected


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "2026-01-31T00:00:00", "", "2026"])
def test_what_is_no_date(text: str) -> None:
    """What is neither a date nor an instant is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever says so, the caller says it better
        as_of_ms(text)


def test_a_year_is_bounded_by_what_occurred() -> None:
    """A year to 31 March ends where it ends, or on the last day asked for if that is earlier."""
    year = date(2022, 4, 1), date(2023, 3, 31)
    assert Filters(2023).days() == year
    assert Filters(2023, occurred_to="2023-06-30").days() == year
    assert Filters(2023, occurred_to="2022-12-31").days() == (year[0], date(2022, 12, 31))
    assert Filters().days() == (None, None)


def test_filters_are_told_as_they_were_set() -> None:
    """What was not asked for is not told: the record of a read names what was."""
    assert Filters().texts() == {}
    assert Filters(2023, "havering", "month", "sex", "2023-06-01", "2023-03-31").texts() == {
        "as_of": "2023-06-01", "borough": "havering", "cut": "sex",
        "occurred_to": "2023-03-31", "period": "month", "year": "2023",
    }  # fmt: skip
