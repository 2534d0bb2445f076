"""Periods as numbers: months count from year 0, and longer periods are a division away.

Three months are a quarter, and nine more months put April first: the year to March 2023 is 2023.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

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


class Span(NamedTuple):
    """The days that one period's figure looks at, both included."""

    number: int
    first: date
    last: date


def spans(period: Period, first: date, last: date) -> Iterator[Span]:
    """Give each period that has a day of these, cut to them; twelve months look back uncut."""
    if period == "whole":
        if first <= last:
            yield Span(0, first, last)
        return
    number = None
    for month in range(month_of(first), month_of(last) + 1):
        if (found := _number(period, month)) != number:
            number = found
            begins = _first_day(period, number)
            begins = begins if period == "rolling-12" else max(begins, first)
            ends = min(last_day(period, number), last)
            if begins <= ends:
                yield Span(number, begins, ends)


def starts_at(month: int) -> int:
    """Give the first of the twelve months that end with one."""
    return max(month - ROLLING_MONTHS + 1, month_of(date.min))


def _number(period: Period, month: int) -> int:
    if period == "quarter":
        return month // 3 * 3
    return (month + 9) // 12 if period == "year-to-march" else month


def _first_day(period: Period, number: int) -> date:
    if period == "year-to-march":
        return date(number - 1, 4, 1)
    return first_day(starts_at(number) if period == "rolling-12" else number)


def first_day(month: int) -> date:
    """Give a month's first day."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(period: Period, number: int) -> date:
    """Give a period's last day."""
    if period == "year-to-march":
        return date(number, 3, 31)
    after = number + (3 if period == "quarter" else 1)
    return date.max if after > month_of(date.max) else first_day(after) - timedelta(days=1)
