"""Makes CIN Census files of invented children whose factor totals equal a published table.

For trying the whole hub without anybody's data: counts by factor are those that were published,
everything else is drawn by chance that repeats from a seed. Some children are known to two of the
table's authorities; each file is written without the other and they still agree.

Year after year children go on: whose case was open on 31 March stands in the next return too. It is
invented again from its family's number, so that hardly more is kept between two returns than these
numbers. Who was still being assessed, and some who come back, take seats among those whom the next
year's figures count.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from adapters.returns.invented_carried import (
    Carrying,
    as_sent_again,
    exchanged,
    guests_among,
    is_exchangeable,
    is_open,
)
from adapters.returns.invented_children import is_a_child_throughout
from adapters.returns.invented_codes import chance_of, year_of_census
from adapters.returns.invented_counts import InventedCounts, Tally
from adapters.returns.invented_episodes import year_span
from adapters.returns.invented_families import Entry, Guest, Inventor
from adapters.returns.invented_markup import END, beginning, child_markup
from adapters.returns.published_figures import Authority, PublishedTable
from domain.errors import NotFound

_SEED = 1


def write_invented_return(
    target: BinaryIO,
    figures: PublishedTable,
    *,
    year: int,
    authority: Authority,
    seed: int = _SEED,
) -> InventedCounts:
    """Write one authority's return of the year to 31 March `year`, as if it were its first.

    Raises NotFound where the figures have no such authority in that year.
    """
    if authority not in figures.authorities(year):
        raise NotFound("authority in the published figures of this year")
    return InventedHistory(figures, authority.code, seed=seed).write(target, year)


class InventedHistory:
    """Writes one authority's returns, each going on from the one before."""

    def __init__(self, figures: PublishedTable, code: str, *, seed: int = _SEED) -> None:
        """Begin with nobody known.

        Histories of one run must be given the same figures and seed, else the children whom two
        authorities know differ.
        """
        self._figures = figures
        self._code = code
        self._seed = seed
        self._cohorts: list[_Cohort] = []
        self._guests: list[Guest] = []

    def write(self, target: BinaryIO, year: int) -> InventedCounts:
        """Write the return of the year to 31 March `year`, and count what is in it.

        The same figures, years, authority and seed give the same bytes. After a year without a
        return nobody is known. Raises NotFound where the figures have no such authority.
        """
        found = (one for one in self._figures.authorities(year) if one.code == self._code)
        authority = next(found, None)
        if authority is None:
            raise NotFound("authority in the published figures of this year")
        if self._cohorts and self._cohorts[-1].year != year - 1:
            self._cohorts, self._guests = [], []
        self._cohorts = [one for one in self._cohorts if one.open[year - 1]]
        known = [one for one in self._guests if is_a_child_throughout(one.child.identity, year)]
        inventor = Inventor.of(
            self._figures, known, year=year, authority=authority, seed=self._seed
        )
        self._cohorts.append(_Cohort(inventor))
        return self._written(target, year)

    def write_again(self, target: BinaryIO) -> InventedCounts:
        """Write the last return once more, amended: some keys have changed, some referrals gone."""
        last = self._cohorts[-1]
        last.sent_again = True
        return self._written(target, last.year)

    def _written(self, target: BinaryIO, year: int) -> InventedCounts:
        *earlier, latest = self._cohorts
        tally = Tally(year_span(year))
        tally.add("shared", len(latest.inventor.seats))
        tally.add("continuing", len(latest.inventor.guests))
        target.write(beginning(year, self._code).encode())
        for cohort in earlier:
            for family in cohort.carried(year):
                tally.add("continuing", len(family))
                _write(target, family, latest.inventor, tally)
        self._guests = []
        for family in latest.families(self._guests):
            _write(target, family, latest.inventor, tally)
        target.write(END.encode())
        return tally.counts()


def _write(target: BinaryIO, family: Sequence[Entry], inventor: Inventor, tally: Tally) -> None:
    tally.add("brothers_and_sisters", int(len(family) > 1))
    for child, episodes in family:
        target.write(child_markup(child, episodes, census=inventor.census).encode())
        tally.take(child, episodes)


@dataclass(slots=True)
class _Cohort:
    """Who came in with one year's return, and which of their families later ones go on with."""

    inventor: Inventor
    sent_again: bool = False
    open: dict[int, array[int]] = field(default_factory=dict)
    """By year: the numbers of families with a case that is open on its 31 March."""

    @property
    def year(self) -> int:
        """The year to 31 March in which they came in."""
        return self.inventor.census.year

    def families(self, guests: list[Guest]) -> Iterator[list[Entry]]:
        """Give every family as the first return has it; `guests` gets whom the next assesses."""
        still_open = array("L")
        for at in range(self.inventor.families):
            family = self._family(at, self.year)
            guests += guests_among(family, self._chance("guests", at))
            if any(is_open(episodes) for _, episodes in family):
                still_open.append(at)
            if family:
                yield family
        self.open[self.year] = still_open

    def carried(self, year: int) -> Iterator[list[Entry]]:
        """Give the families that a later return goes on with."""
        still_open = array("L")
        waiting: list[Entry] = []
        for at in self.open[year - 1]:
            family = self._family(at, year)
            if any(is_open(episodes) for _, episodes in family):
                still_open.append(at)
            if not is_exchangeable(family):
                yield family
            elif waiting:
                yield from ([entry] for entry in exchanged(waiting.pop(), family[0]))
            else:
                waiting = family
        if waiting:
            yield waiting
        self.open[year] = still_open

    def _family(self, at: int, year: int) -> list[Entry]:
        """Give a family as the return of a year has it; nobody of it may be there."""
        family = self.inventor.family(at)
        if self.sent_again:
            family = as_sent_again(family, self._chance("again", at))
        for later in range(self.year + 1, year + 1):
            chance = self._chance(later, at)
            carrying = Carrying(year_of_census(later), later == self.year + 1, chance)
            family = carrying.family(family)
        return family

    def _chance(self, *words: object) -> random.Random:
        return chance_of(self.inventor.seed, self.year, self.inventor.la_code, *words)
