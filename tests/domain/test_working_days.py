"""Working days in England, held against the bank holidays that were published."""

from __future__ import annotations

from datetime import date

import pytest

from domain.working_days import bank_holidays, is_working_day, working_days_after

PUBLISHED = {
    2018: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
}
"""gov.uk/bank-holidays, England and Wales."""


@pytest.mark.parametrize("year", PUBLISHED)
def test_bank_holidays_are_those_that_were_published(year: int) -> None:
    """By the rules, and where a proclamation moved one or added one, by that."""
    found = " ".join(sorted(f"{day:%m-%d}" for day in bank_holidays(year)))
    assert found == PUBLISHED[year]


def test_weekends_and_bank_holidays_are_no_working_days() -> None:
    """Good Friday to Easter Monday of 2023, with the Thursday before and the Tuesday after."""
    days = [date(2023, 4, day) for day in range(6, 12)]
    assert [is_working_day(day) for day in days] == [True, False, False, False, False, True]


@pytest.mark.parametrize(
    ("count", "expected"), [(0, date(2023, 4, 6)), (1, date(2023, 4, 11)), (5, date(2023, 4, 17))]
)
def test_a_deadline_skips_what_nobody_works_on(count: int, expected: date) -> None:
    """The day itself is day zero; Easter lies between it and the first."""
    assert working_days_after(date(2023, 4, 6), count) == expected
