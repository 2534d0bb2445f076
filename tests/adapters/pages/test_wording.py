"""Days, periods, numbers and codes in plain English."""

from __future__ import annotations

import pytest

from adapters.pages import wording


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (wording.day("2023-03-31"), "31 March 2023"),
        (wording.day("2025-06-03T10:15:00Z"), "3 June 2025 at 11:15"),
        (wording.day(None), "–"),
        (wording.period("month", "2023-04-01", "2023-04-30"), "April 2023"),
        (wording.period("quarter", "2023-04-01", "2023-06-30"), "April to June 2023"),
        (wording.period("rolling-12", "2022-04-01", "2023-03-31"), "12 months to March 2023"),
        (wording.period("year-to-march", "2022-04-01", "2023-03-31"), "year to 31 March 2023"),
        (wording.short_period("year-to-march", "2023-03-31"), "2023"),
        (wording.short_period("month", "2023-03-31"), "Mar 2023"),
        (wording.number(12345), "12,345"),
        (wording.number(0), "0"),
        (wording.number(None), "–"),
        (wording.decimal("1234.50"), "1,234.50"),
        (wording.decimal(None), "–"),
        (wording.signed(1200), "+1,200"),
        (wording.signed(-3), "−3"),
        (wording.signed(0), "no change"),
        (wording.signed(None), "–"),
        (wording.percent("-12.5"), "−12.5%"),
        (wording.percent(None), ""),
        (wording.per(1000), "per 1,000"),
        (wording.per(100), "%"),
        (wording.per(None), ""),
        (wording.spelt("chief-nurse"), "Chief nurse"),
        (wording.spelt("10-15"), "10 to 15"),
        (wording.sentence("12 months to March"), "12 months to March"),
        (wording.sentence("year to March"), "Year to March"),
        (wording.listed(("a",)), "a"),
        (wording.listed(("a", "b", "c")), "a, b and c"),
        (wording.listed(()), ""),
    ],
)
def test_it_is_said_so(said: str, expected: str) -> None:
    """Each as a reader says it, signs and dashes included."""
    assert said == expected


def test_ages_stand_from_the_youngest() -> None:
    """Not in the order of their letters; who is of no known age comes last."""
    told = ["10-15", "unknown", "under-1", "5-9", "unborn"]
    assert sorted(told, key=wording.age) == ["unborn", "under-1", "5-9", "10-15", "unknown"]
    assert max(["male", "unknown", "female"], key=wording.age) == "unknown"
