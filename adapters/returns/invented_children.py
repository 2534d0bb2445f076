"""Invented children: who they are, in no relation to anybody who lives.

Their pupil numbers start with X98 or X99: no authority has a code from 980, so none of them was
ever given out. X98 are children whom two authorities of the same table know: both files derive
them from the same words, so each can be written without the other.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adapters.returns.invented_codes import (
    BORN_SEX,
    DISABILITY,
    ETHNICITY,
    UNBORN,
    UPN_UNKNOWN,
    Age,
    chance_of,
    happens,
)
from adapters.returns.invented_shapes import Identity, InventedChild

_SHARED_PART = 0.03  # of an authority's children, over all others of the table
_MOST_SHARED, _MOST_AUTHORITIES = 1_000, 100  # what five digits of a pupil number can tell apart
_MOST_NUMBERED = 100_000
_PREGNANCY = 280  # days
_NOTICED = 42  # days into it before anyone is told
_BETWEEN_BIRTHS = 300
_YEAR = 365.25
_LEAP_DAYS = timedelta(days=4)  # more than calendars and `_YEAR` can differ by
_WITH_UPN = {Age.UNBORN: 0.0, Age.UNDER_FIVE: 0.08, Age.UNDER_TEN: 0.7, Age.OLDER: 0.7}
_REGISTERED_DISABLED = 0.13
_OTHER_ETHNICITY = 0.04
_DRAWS = 5


@dataclass(frozen=True, slots=True)
class Birth:
    """When a child of this age may have been born."""

    age: Age
    referred: date
    assessed: date
    closes: date  # the 31 March of the year

    def draw(self, family: Sequence[date], chance: random.Random) -> date:
        """Draw a day far enough from the brothers' and sisters', or a twin's."""
        first, last = self._bounds()
        day = first
        for _ in range(_DRAWS):
            day = first + timedelta(days=chance.randint(0, max(0, (last - first).days)))
            near = [other for other in family if abs((other - day).days) < _BETWEEN_BIRTHS]
            if not near:
                return day
            twin = near[0]
            if first <= twin <= last:
                day = twin
        return day

    def _bounds(self) -> tuple[date, date]:
        if self.age is Age.UNBORN:
            latest = self.referred + timedelta(days=_PREGNANCY - _NOTICED)
            return self.closes - timedelta(days=5), latest
        if self.age is Age.UNDER_FIVE:
            return _years_before(self.assessed, 5), self.referred
        if self.age is Age.UNDER_TEN:
            return _years_before(self.assessed, 10), _years_before(self.assessed, 5) - _LEAP_DAYS
        return _years_before(self.closes, 18), _years_before(self.assessed, 10) - _LEAP_DAYS


def _years_before(day: date, years: int) -> date:
    """Give a day on which who was born then is certainly not yet `years` old on `day`."""
    return day - timedelta(days=int(years * _YEAR) - 2)


def identity(
    birth: Birth, upn: str, *, family: Sequence[Identity], chance: random.Random
) -> Identity:
    """Invent one child, like the rest of its family where families are alike."""
    others = [day for other in family if (day := other.born or other.expected)]
    day = birth.draw(others, chance)
    unborn = birth.age is Age.UNBORN
    alike = family and not happens(chance, _OTHER_ETHNICITY)
    return Identity(
        upn=upn if upn and happens(chance, _WITH_UPN[birth.age]) else None,
        born=None if unborn else day,
        expected=day if unborn else None,
        sex=UNBORN if unborn else BORN_SEX.draw(chance),
        ethnicity=family[0].ethnicity if alike else ETHNICITY.draw(chance),
        disabilities=("NONE",) if unborn else _disabilities(chance),
    )


def child_of(number: str, who: Identity, *, age: Age, chance: random.Random) -> InventedChild:
    """Enter a child under the authority's own number."""
    reason = None if who.upn else UPN_UNKNOWN[age].draw(chance)
    return InventedChild(number, who, reason)


def _disabilities(chance: random.Random) -> tuple[str, ...]:
    if not happens(chance, _REGISTERED_DISABLED):
        return ("NONE",)
    return tuple(dict.fromkeys(DISABILITY.draw(chance) for _ in range(chance.choice((1, 1, 2)))))


def pupil_number(year: int, code: str, *, number: int) -> str:
    """Give the n-th pupil number of an authority; '' once five digits are used up."""
    return f"X99{year % 100:02}{code}{number:05}" if number < _MOST_NUMBERED else ""


def shared_children(
    episodes: Mapping[str, int], *, code: str, year: int, seed: int
) -> tuple[Identity, ...]:
    """Give those children whom this authority and another one both know.

    `episodes` has the number of episodes of each authority of the table, by code: both files of a
    pair must come to the same number of children.
    """
    ranks = {other: rank for rank, other in enumerate(sorted(episodes))}
    return tuple(
        _shared(
            f"X98{year % 100:02}{min(code, other)}{rank_of_later * _MOST_SHARED + at:05}",
            year=year,
            seed=seed,
        )
        for other in ranks
        if other != code and (rank_of_later := ranks[max(code, other)]) < _MOST_AUTHORITIES
        for at in range(_shared_count(min(episodes[code], episodes[other]), others=len(ranks) - 1))
    )


def _shared_count(episodes: int, *, others: int) -> int:
    return min(int(_SHARED_PART * episodes / others + 0.5), _MOST_SHARED)


def _shared(upn: str, *, year: int, seed: int) -> Identity:
    chance = chance_of(seed, upn)
    day = date(year - 1, 4, 1) - timedelta(days=chance.randint(int(8 * _YEAR), int(15 * _YEAR)))
    return Identity(
        upn=upn,
        born=day,
        expected=None,
        sex=BORN_SEX.draw(chance),
        ethnicity=ETHNICITY.draw(chance),
        disabilities=_disabilities(chance),
    )


def group_of(who: Identity, year: int) -> Age:
    """Say in which group a child who is known is placed, by its age when the year begins."""
    begins = date(year - 1, 4, 1)
    for age, years in ((Age.OLDER, 10), (Age.UNDER_TEN, 5)):
        if who.born is not None and who.born <= _years_before(begins, years) - _LEAP_DAYS:
            return age
    return Age.UNDER_FIVE


def is_a_child_throughout(who: Identity, year: int) -> bool:
    """Say whether somebody who is born stays below 18 to the end of a year."""
    return who.born is not None and who.born > _years_before(date(year, 3, 31), 18)


def born_by(who: Identity, day: date, *, chance: random.Random) -> Identity:
    """Let an unborn child be born near the day that was expected, if that is by `day`."""
    if who.expected is None:
        return who
    born = who.expected + timedelta(days=chance.randint(-14, 10))
    if born > day:
        return who
    return replace(who, born=born, expected=None, sex=BORN_SEX.draw(chance))
