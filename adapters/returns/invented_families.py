"""Families of invented children, one after another, as one authority's file will hold them."""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adapters.returns.invented_allotment import Layout, Wanted, lay_out, place_factors, wanted
from adapters.returns.invented_children import (
    Birth,
    child_of,
    identity,
    pupil_number,
    shared_age,
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
    refer_long_ago,
    turned_away,
)
from adapters.returns.invented_shapes import Identity, InventedChild, InventedEpisode
from adapters.returns.published_figures import Authority, PublishedTable, factor_columns

_TURNED_AWAY, _BEING_ASSESSED = 16, 40  # one such episode to so many with factors
_LATELY = timedelta(days=120)  # who is unborn on 31 March was referred so late in the year
_EARLY = timedelta(days=120)  # who comes back was first referred so early
_BEFORE_COMING_BACK = timedelta(days=110)  # longer than the longest assessment
_BORN = (Age.UNDER_FIVE, Age.UNDER_TEN, Age.OLDER)

Entry = tuple[InventedChild, Sequence[InventedEpisode]]


@dataclass(frozen=True, slots=True)
class Inventor:
    """What is laid out before the first child is invented: a few bytes an episode.

    `seats` says which children of the layout are those whom another authority knows too.
    """

    census: YearOfCensus
    la_code: str
    layout: Layout
    masks: array[int]
    seats: dict[int, Identity]
    chance: random.Random

    @classmethod
    def of(cls, figures: PublishedTable, *, year: int, authority: Authority, seed: int) -> Inventor:
        """Lay out ages and families, seat the shared children, place the factors."""
        everybody = {
            each.code: wanted(figures, year=year, authority=each, seed=seed)
            for each in figures.authorities(year)
        }
        mine = everybody[authority.code]
        chance = chance_of(seed, year, authority.code)
        layout = lay_out(mine.episodes, chance)
        known = _known_elsewhere(everybody, code=authority.code, year=year, seed=seed)
        seats = _seat(known, layout=layout, chance=chance)
        for child, who in seats.items():
            layout.set_age(child, shared_age(who, year))
        masks = place_factors(layout, [*mine.counts.values()], chance=chance)
        return cls(year_of_census(year), authority.code, layout, masks, seats, chance)

    @property
    def _year(self) -> Span:
        return Span(date(self.census.year - 1, 4, 1), date(self.census.year, 3, 31))

    def families(self) -> Iterator[list[Entry]]:
        """Invent each family, and then children whose episodes no published figure counts."""
        for family in self.layout.families():
            yield self._family(family)
        turned, going_on = (
            len(self.layout.ages) // _TURNED_AWAY + 1,  # so that no file is without a child
            len(self.layout.ages) // _BEING_ASSESSED,
        )
        for at in range(turned + going_on):
            invent = turned_away if at < turned else being_assessed
            done = invent(self._year, census=self.census, chance=self.chance)
            referral = Referral(done.referred, done.referred, done.referred, done.source)
            age = self.chance.choice(_BORN)
            number = self.layout.children + at
            who = self._identity(number, age=age, referral=referral, family=[])
            yield [self._entry(number, who, age=age, episodes=[done])]

    def _family(self, family: range) -> list[Entry]:
        year = self._year
        early = self.layout.comes_back(family)
        lately = any(self.layout.ages[child] == Age.UNBORN for child in family)
        span = Span(
            year.last - _LATELY if lately else year.first,
            year.first + _EARLY if early else year.last,
        )
        referral = refer(span, census=self.census, chance=self.chance)
        if not (early or lately):
            referral = refer_long_ago(referral, self.chance)
        known: list[Identity] = []
        entries: list[Entry] = []
        for child in family:
            age = Age(self.layout.ages[child])
            who = self._identity(child, age=age, referral=referral, family=known)
            known.append(who)
            episodes = self._episodes(child, referral)
            entries.append(self._entry(child, who, age=age, episodes=episodes))
        return entries

    def _identity(
        self, child: int, *, age: Age, referral: Referral, family: Sequence[Identity]
    ) -> Identity:
        if child in self.seats:
            return self.seats[child]
        birth = Birth(age, referral.referred, referral.authorised, self._year.last)
        upn = pupil_number(self.census.year, self.la_code, number=child)
        return identity(birth, upn, family=family, chance=self.chance)

    def _entry(
        self, child: int, who: Identity, *, age: Age, episodes: Sequence[InventedEpisode]
    ) -> Entry:
        number = f"{self.la_code}-{self.census.year}-{child + 1:06}"
        entered = child_of(number, who, age=age, chance=self.chance)
        last = episodes[-1]
        return (replace(entered, died=last.closed if last.reason == DIED else None), episodes)

    def _episodes(self, child: int, referral: Referral) -> list[InventedEpisode]:
        """Invent a child's one episode, or two of which the first is over before the second."""
        year, second = self._year, self.layout.second_of(child)
        if second is None:
            return [self._episode(child, referral=referral, span=year)]
        soon = Span(year.first, year.first + _EARLY)
        first = self._episode(child, referral=referral, span=soon, comes_back=True)
        later = Span((first.closed or soon.last) + _BEFORE_COMING_BACK, year.last)
        again = refer(later, census=self.census, chance=self.chance)
        return [first, self._episode(second, referral=again, span=later)]

    def _episode(
        self, at: int, *, referral: Referral, span: Span, comes_back: bool = False
    ) -> InventedEpisode:
        codes = self._codes(self.masks[at])
        age = Age(self.layout.ages[at])
        return episode(Case(self.census, referral, span, age, codes, comes_back), self.chance)

    def _codes(self, mask: int) -> tuple[str, ...]:
        """Give one code for each column; where nothing was found, the code that says so."""
        columns = enumerate(factor_columns().codes.values())
        found = (codes for place, codes in columns if mask >> place & 1)
        return tuple(self.chance.choice(codes) for codes in found) or (NOTHING_FOUND,)


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
