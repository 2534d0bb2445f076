"""Families of invented children, each as its authority's file holds it in the year it comes in.

A family is invented from chance of its own, so any one of them can be invented again, the same,
when a later year's return has to go on with it: nothing of a family is kept but its number.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from adapters.returns.invented_allotment import Layout, Wanted, lay_out, place_factors, wanted
from adapters.returns.invented_children import (
    Birth,
    child_of,
    group_of,
    identity,
    pupil_number,
    shared_children,
)
from adapters.returns.invented_codes import DIED, Age, YearOfCensus, chance_of, year_of_census
from adapters.returns.invented_episodes import (
    NOTHING_FOUND,
    Case,
    Referral,
    Span,
    being_assessed,
    episode,
    refer,
    refer_begun,
    refer_long_ago,
    turned_away,
    year_span,
)
from adapters.returns.invented_shapes import Identity, InventedChild, InventedEpisode
from adapters.returns.published_figures import Authority, PublishedTable, factor_columns

_TURNED_AWAY, _BEING_ASSESSED = 16, 40  # one such episode to so many with factors
_LATELY = timedelta(days=120)  # who is unborn on 31 March was referred so late in the year
_EARLY = timedelta(days=120)  # who comes back was first referred so early
_BEFORE_COMING_BACK = timedelta(days=110)  # longer than the longest assessment
_AGAIN = timedelta(days=120)  # who was known last year comes back so late: it was closed by then
_BORN = (Age.UNDER_FIVE, Age.UNDER_TEN, Age.OLDER)

Entry = tuple[InventedChild, Sequence[InventedEpisode]]


@dataclass(frozen=True, slots=True)
class Guest:
    """A child of last year's return who is assessed in this one.

    `begun` is the episode whose assessment was going on; None for one who comes back anew.
    """

    child: InventedChild
    begun: InventedEpisode | None = None


@dataclass(frozen=True, slots=True)
class Inventor:
    """What is laid out before the first child is invented: a few bytes an episode.

    `seats` says which children of the layout are those whom another authority knows too, `guests`
    which of them stood in last year's return.
    """

    census: YearOfCensus
    la_code: str
    layout: Layout
    masks: array[int]
    seats: dict[int, Identity]
    guests: dict[int, Guest]
    seed: int

    @classmethod
    def of(
        cls,
        figures: PublishedTable,
        known: Sequence[Guest],
        *,
        year: int,
        authority: Authority,
        seed: int,
    ) -> Inventor:
        """Lay out ages and families, seat shared children and those already known, place factors.

        Whom there is no seat for is not in this year's return.
        """
        everybody = {
            each.code: wanted(figures, year=year, authority=each, seed=seed)
            for each in figures.authorities(year)
        }
        mine = everybody[authority.code]
        chance = chance_of(seed, year, authority.code)
        layout = lay_out(mine.episodes, chance)
        elsewhere = _known_elsewhere(everybody, code=authority.code, year=year, seed=seed)
        seats = _seat(elsewhere, layout=layout, chance=chance)
        guests = _welcome(known, layout=layout, taken=seats, chance=chance)
        identities = seats | {at: guest.child.identity for at, guest in guests.items()}
        for child, who in identities.items():
            layout.set_age(child, group_of(who, year))
        masks = place_factors(layout, [*mine.counts.values()], chance=chance)
        census = year_of_census(year)
        return cls(census, authority.code, layout, masks, seats, guests, seed)

    @property
    def families(self) -> int:
        """Count the families: the layout's, then children whom no published figure counts."""
        return len(self.layout.firsts) - 1 + self._turned_away + self._going_on

    @property
    def _turned_away(self) -> int:
        return len(self.layout.ages) // _TURNED_AWAY + 1  # so that no file is without a child

    @property
    def _going_on(self) -> int:
        return len(self.layout.ages) // _BEING_ASSESSED

    def family(self, at: int) -> list[Entry]:
        """Invent one family, the same whenever it is asked for."""
        chance = chance_of(self.seed, self.census.year, self.la_code, at)
        inventing = _Inventing(self, chance)
        uncounted = at - len(self.layout.firsts) + 1
        if uncounted >= 0:
            invent = turned_away if uncounted < self._turned_away else being_assessed
            return inventing.uncounted(self.layout.children + uncounted, invent)
        family = range(self.layout.firsts[at], self.layout.firsts[at + 1])
        guest = self.guests.get(family[0])
        return [inventing.welcomed(family[0], guest)] if guest else inventing.family(family)


class Uncounted(Protocol):
    """Invents an episode that no published figure counts."""

    def __call__(
        self, span: Span, *, census: YearOfCensus, chance: random.Random
    ) -> InventedEpisode:
        """Invent one within a year."""
        ...


@dataclass(frozen=True, slots=True)
class _Inventing:
    """Invents one family, from chance of its own."""

    laid: Inventor
    chance: random.Random

    @property
    def _year(self) -> Span:
        return year_span(self.laid.census.year)

    def uncounted(self, number: int, invent: Uncounted) -> list[Entry]:
        """Invent a child whose episode no published figure counts."""
        done = invent(self._year, census=self.laid.census, chance=self.chance)
        referral = Referral(done.referred, done.referred, done.referred, done.source)
        age = self.chance.choice(_BORN)
        who = self._identity(number, age=age, referral=referral, family=[])
        return [self._entry(number, who, age=age, episodes=[done])]

    def family(self, family: range) -> list[Entry]:
        """Invent brothers and sisters: one referral, and much of the household in common."""
        year = self._year
        early = self.laid.layout.comes_back(family)
        lately = any(self.laid.layout.ages[child] == Age.UNBORN for child in family)
        span = Span(
            year.last - _LATELY if lately else year.first,
            year.first + _EARLY if early else year.last,
        )
        referral = refer(span, census=self.laid.census, chance=self.chance)
        if not (early or lately):
            referral = refer_long_ago(referral, self.chance)
        known: list[Identity] = []
        entries: list[Entry] = []
        for child in family:
            age = Age(self.laid.layout.ages[child])
            who = self._identity(child, age=age, referral=referral, family=known)
            known.append(who)
            episodes = self._episodes(child, referral)
            entries.append(self._entry(child, who, age=age, episodes=episodes))
        return entries

    def welcomed(self, at: int, guest: Guest) -> Entry:
        """Go on with a child of last year's return: its assessment, or a new referral."""
        year, begun = self._year, guest.begun
        if begun is None:
            later = Span(year.first + _AGAIN, year.last)
            referral = refer(later, census=self.laid.census, chance=self.chance)
            episodes = [self._episode(at, referral=referral, span=year)]
        else:
            referral = refer_begun(begun, year, chance=self.chance)
            episodes = [replace(self._episode(at, referral=referral, span=year), need=begun.need)]
        return (with_death(guest.child, episodes), episodes)

    def _identity(
        self, child: int, *, age: Age, referral: Referral, family: Sequence[Identity]
    ) -> Identity:
        if child in self.laid.seats:
            return self.laid.seats[child]
        birth = Birth(age, referral.referred, referral.authorised, self._year.last)
        upn = pupil_number(self.laid.census.year, self.laid.la_code, number=child)
        return identity(birth, upn, family=family, chance=self.chance)

    def _entry(
        self, child: int, who: Identity, *, age: Age, episodes: Sequence[InventedEpisode]
    ) -> Entry:
        number = f"{self.laid.la_code}-{self.laid.census.year}-{child + 1:06}"
        entered = child_of(number, who, age=age, chance=self.chance)
        return (with_death(entered, episodes), episodes)

    def _episodes(self, child: int, referral: Referral) -> list[InventedEpisode]:
        """Invent a child's one episode, or two of which the first is over before the second."""
        year, second = self._year, self.laid.layout.second_of(child)
        if second is None:
            return [self._episode(child, referral=referral, span=year)]
        soon = Span(year.first, year.first + _EARLY)
        first = self._episode(child, referral=referral, span=soon, comes_back=True)
        later = Span((first.closed or soon.last) + _BEFORE_COMING_BACK, year.last)
        again = refer(later, census=self.laid.census, chance=self.chance)
        return [first, self._episode(second, referral=again, span=later)]

    def _episode(
        self, at: int, *, referral: Referral, span: Span, comes_back: bool = False
    ) -> InventedEpisode:
        codes = self._codes(self.laid.masks[at])
        age = Age(self.laid.layout.ages[at])
        return episode(Case(self.laid.census, referral, span, age, codes, comes_back), self.chance)

    def _codes(self, mask: int) -> tuple[str, ...]:
        """Give one code for each column; where nothing was found, the code that says so."""
        columns = enumerate(factor_columns().codes.values())
        found = (codes for place, codes in columns if mask >> place & 1)
        return tuple(self.chance.choice(codes) for codes in found) or (NOTHING_FOUND,)


def with_death(child: InventedChild, episodes: Sequence[InventedEpisode]) -> InventedChild:
    """Give the child with its day of death where its last episode was closed by it."""
    last = episodes[-1]
    return replace(child, died=last.closed if last.reason == DIED else None)


def _known_elsewhere(
    everybody: dict[str, Wanted], *, code: str, year: int, seed: int
) -> tuple[Identity, ...]:
    episodes = {each: wanted_there.episodes for each, wanted_there in everybody.items()}
    return shared_children(episodes, code=code, year=year, seed=seed)


def _seat(
    known: Sequence[Identity], *, layout: Layout, chance: random.Random
) -> dict[int, Identity]:
    """Let shared children stand for children of the layout who have no brothers or sisters."""
    single = [family[0] for family in layout.families() if len(family) == 1]
    taken = chance.sample(single, min(len(known), len(single)))
    return dict(zip(taken, known, strict=False))


def _welcome(
    known: Sequence[Guest], *, layout: Layout, taken: dict[int, Identity], chance: random.Random
) -> dict[int, Guest]:
    """Let children of last year's return stand for single children with one episode."""
    free = [
        family[0]
        for family in layout.families()
        if len(family) == 1 and family[0] not in taken and not layout.comes_back(family)
    ]
    places = chance.sample(free, min(len(known), len(free)))
    return dict(zip(places, known, strict=False))
