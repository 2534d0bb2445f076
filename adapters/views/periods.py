"""Periods as numbers: months count from year 0, and longer periods are a division away.

Three months are a quarter, and nine more months put April first: the year to March 2023 is 2023.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from services.views import Period

PERIODS: Final[Mapping[Period, str]] = {
    "month": "s.month",
    "quarter": "s.month / 3 * 3",
    "rolling-12": "s.month",
    "year-to-march": "(s.month + 9) / 12",
    "whole": "0",
}
"""The number of the period that a row of `standing` falls in, in SQL; of those that roll, the
first."""

ROLLING_MONTHS: Final = 12


def month_of(day: date) -> int:
    """Count months from year 0."""
    return day.year * 12 + day.month - 1


def label(period: Period, number: int) -> str:
    """Spell a period's number as `services.views.Counted.period` has it."""
    if period == "whole":
        return ""
    if period == "year-to-march":
        return str(number)
    return f"{number // 12:04}-{number % 12 + 1:02}"


def period_ends(period: Period, since: date, until: date) -> Iterator[tuple[int, int]]:
    """Give number and last day (as an ordinal) of each period that has a day of these."""
    if period == "whole":
        yield 0, until.toordinal()
        return
    number = None
    for month in range(month_of(since), month_of(until) + 1):
        if (found := _number(period, month)) != number:
            number = found
            yield number, _last_day(period, number).toordinal()


def _number(period: Period, month: int) -> int:
    if period == "quarter":
        return month // 3 * 3
    return (month + 9) // 12 if period == "year-to-march" else month


def _last_day(period: Period, number: int) -> date:
    if period == "year-to-march":
        return date(number, 3, 31)
    after = number + (3 if period == "quarter" else 1)
    return date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
