"""Working days in England: Mondays to Fridays that are no bank holiday.

Bank holidays follow rules, but for those that were moved or added by proclamation, which are listed
here; a year that nobody has proclaimed anything for yet follows the rules alone.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

_SATURDAY: Final = 5

_MOVED: Final[Mapping[date, date]] = {
    date(2020, 5, 4): date(2020, 5, 8),  # the end of the war in Europe, 75 years on
    date(2022, 5, 30): date(2022, 6, 2),  # the Queen's platinum jubilee
}
_ADDED: Final = frozenset(
    {
        date(2022, 6, 3),  # the same jubilee
        date(2022, 9, 19),  # the Queen's funeral
        date(2023, 5, 8),  # the King's coronation
    }
)


def is_working_day(day: date) -> bool:
    """Say whether a day is one."""
    return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)


@functools.lru_cache(maxsize=4096)  # many events begin on one day
def working_days_after(day: date, count: int) -> date:
    """Give the day that is so many working days after another, which itself is day zero."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day)
    return day


@functools.cache
def bank_holidays(year: int) -> frozenset[date]:
    """Give the bank holidays of England in a year."""
    ruled = {_MOVED.get(day, day) for day in _by_rule(year)}
    return frozenset(ruled | {day for day in _ADDED if day.year == year})


def _by_rule(year: int) -> Iterator[date]:
    easter = _easter(year)
    yield _not_at_a_weekend(date(year, 1, 1))
    yield easter - timedelta(days=2)
    yield easter + timedelta(days=1)
    yield _monday_from(date(year, 5, 1))
    yield _monday_from(date(year, 5, 25))
    yield _monday_from(date(year, 8, 25))
    christmas = _not_at_a_weekend(date(year, 12, 25))
    yield christmas
    boxing = _not_at_a_weekend(date(year, 12, 26))
    yield boxing if boxing != christmas else boxing + timedelta(days=1)


def _monday_from(day: date) -> date:
    """Give the first Monday on or after a day: the last of a month, from the 25th of 31 days."""
    return day + timedelta(days=-day.weekday() % 7)


def _not_at_a_weekend(day: date) -> date:
    """Give the weekday that stands in for a day."""
    return day if day.weekday() < _SATURDAY else _monday_from(day)


def _easter(year: int) -> date:
    """Give Easter Sunday (Meeus, Jones and Butcher's rule for the Gregorian calendar)."""
    golden, (century, of_century) = year % 19, divmod(year, 100)
    leaps, rest = divmod(century, 4)
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    quarters, single = divmod(of_century, 4)
    weekday = (32 + 2 * rest + 2 * quarters - epact - single) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
