"""When each return is loaded: every year's in early summer, one of them once more, amended."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.returns.published_figures import Authority, PublishedTable
from domain.errors import NotFound
from domain.values import LONDON

SUCCESSIVE = 5
"""Returns that are loaded one after another, unless one year alone is asked for."""

_DUE = (5, 20)
_SETTLING = datetime.timedelta(days=15)
_AMENDED_AFTER = datetime.timedelta(days=49)
_HOUR = datetime.time(9, 30)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Load:
    """Returns of the year to 31 March `year`, loaded on a day; None is the machine's today.

    `again` names by code the one authority that sends its return once more, amended.
    """

    year: int
    day: datetime.date | None = None
    again: str | None = None

    def is_by(self, authority: Authority, table: PublishedTable) -> bool:
        """Say whether an authority takes part."""
        if self.again is not None:
            return authority.code == self.again
        return any(one.code == authority.code for one in table.authorities(self.year))

    def moment(self) -> datetime.datetime | None:
        """Give when it begins; None for now."""
        return datetime.datetime.combine(self.day, _HOUR, LONDON) if self.day else None


def one_year(table: PublishedTable, year: int, *, today: datetime.date) -> tuple[Load, ...]:
    """Load one year alone, now; raises NotFound."""
    if year not in table.years:
        raise NotFound(f"year {year} in the published table")
    if not _is_over(year, today):
        raise NotFound("end of that year: events of the future are refused by the hub")
    return (Load(year),)


def successive(
    table: PublishedTable, *, begins: datetime.date, today: datetime.date
) -> tuple[Load, ...]:
    """Load the last years of a table one after another, each as at its own summer.

    Nothing is loaded before the arrangements `begin`. Raises NotFound for a table whose years are
    not over yet.
    """
    years = [year for year in table.years if _is_over(year, today)][-SUCCESSIVE:]
    if not years:
        raise NotFound("end of any year in the published table: the hub refuses the future")
    loads: list[Load] = []
    day = begins + _SETTLING
    for at, year in enumerate(years):
        first = _weekday(max(datetime.date(year, *_DUE), day))
        loads.append(_load(year, first, today=today))
        day = first + datetime.timedelta(days=1)
        if at == len(years) // 2:
            again = _weekday(first + _AMENDED_AFTER)
            loads.append(_load(year, again, today=today, again=_amending(table.authorities(year))))
            day = again + datetime.timedelta(days=1)
    return tuple(loads)


def _load(year: int, day: datetime.date, *, today: datetime.date, again: str | None = None) -> Load:
    return Load(year, day if day < today else None, again)


def _amending(authorities: Sequence[Authority]) -> str:
    return authorities[len(authorities) // 2].code


def _is_over(year: int, today: datetime.date) -> bool:
    return datetime.date(year, 3, 31) < today


def _weekday(day: datetime.date) -> datetime.date:
    while day.weekday() >= _SATURDAY:
        day += datetime.timedelta(days=1)
    return day
