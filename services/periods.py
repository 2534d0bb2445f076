"""Months, quarters, years to 31 March and twelve months that roll, as stretches of whole months.

A month is a whole number, so that stretches of them are counted: twelve times its year, and on.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["month", "quarter", "rolling-12", "year-to-march"]

YEAR: Final = 12
MARCH: Final = 3
_LENGTHS: Final[Mapping[Kind, int]] = {
    "month": 1,
    "quarter": 3,
    "rolling-12": YEAR,
    "year-to-march": YEAR,
}
_SHOWN: Final[Mapping[Kind, int]] = {"month": 24, "quarter": 12, "rolling-12": 24}


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A stretch of whole months, from its first to its last."""

    last: int
    first: int

    def days(self) -> tuple[datetime.date, datetime.date]:
        """Give its first and last day."""
        return first_day(self.first), first_day(self.last + 1) - datetime.timedelta(days=1)

    def year_before(self) -> Window:
        """Give the same stretch a year before."""
        return Window(self.last - YEAR, self.first - YEAR)

    def within(self, other: Window) -> bool:
        """Say whether all of it lies in another."""
        return other.first <= self.first and self.last <= other.last

    def is_census_year(self) -> bool:
        """Say whether it is a year to 31 March."""
        return self.last - self.first + 1 == YEAR and self.last % YEAR == MARCH - 1

    def last_march(self) -> int:
        """Give the latest year to 31 March that had ended by its last day."""
        return (self.last - (MARCH - 1)) // YEAR


def first_day(month: int) -> datetime.date:
    """Give the first day of a month."""
    return datetime.date(month // YEAR, month % YEAR + 1, 1)


def month_of(day: datetime.date) -> int:
    """Give the number of a day's month."""
    return day.year * YEAR + day.month - 1


def month_named(label: str) -> int:
    """Give the number of a month that is written `2023-04`."""
    year, month = label.split("-")
    return int(year) * YEAR + int(month) - 1


def label(kind: Kind, window: Window) -> str:
    """Name a window as views name it (`services.views.Counted`)."""
    if kind == "year-to-march":
        return str(window.last // YEAR)
    month = window.first if kind == "quarter" else window.last
    return f"{month // YEAR:04}-{month % YEAR + 1:02}"


def window_with(kind: Kind, month: int) -> Window:
    """Give the window that a month lies in; of those that roll, the one that it ends."""
    length = _LENGTHS[kind]
    if kind == "rolling-12":
        return Window(month, month - length + 1)
    begins = MARCH if kind == "year-to-march" else 0  # April is the fourth month
    first = month - (month - begins) % length
    return Window(first + length - 1, first)


def window_named(kind: Kind, named: str) -> Window:
    """Give the window that views name so."""
    if kind == "year-to-march":
        return window_with(kind, int(named) * YEAR)
    return window_with(kind, month_named(named))


def windows(kind: Kind, span: Window) -> Iterator[Window]:
    """Give the windows to show of months that are told of, in order.

    Twelve months that roll are shown once there are twelve; of others, those that are told in part
    as well.
    """
    if kind == "rolling-12":
        span = Window(span.last, span.first + YEAR - 1)
    month = span.first
    while month <= span.last:
        window = window_with(kind, month)
        yield window
        month = window.last + 1


def shown_since(kind: Kind, last: int) -> int:
    """Give the first month of the earliest window that is shown by default, `last` being shown."""
    number = _SHOWN.get(kind)
    if number is None:
        return 0
    length = 1 if kind == "rolling-12" else _LENGTHS[kind]
    return window_with(kind, last - length * (number - 1)).first


def reach_back(kind: Kind) -> int:
    """Give how many months before a year's first the windows begin that end in it."""
    return YEAR - 1 if kind == "rolling-12" else 0


def stretch(first_day: str, last_day: str) -> Window | None:
    """Give the months between two days; None where they are not whole months."""
    first, last = (datetime.date.fromisoformat(day) for day in (first_day, last_day))
    window = Window(month_of(last), month_of(first))
    return window if window.days() == (first, last) else None
