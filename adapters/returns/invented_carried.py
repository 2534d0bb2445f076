"""Invented cases that were open on 31 March, as next year's return has them.

Most of it is what the last return said: the same child, the same referral. A return holds what
happened in its year and what was still open when the year began, so what was over is left out; some
cases are returned whole, with something corrected in them. What a published figure counted stays:
a factor is only ever exchanged between two episodes of the same year.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adapters.returns.invented_children import born_by
from adapters.returns.invented_codes import (
    ENDED,
    ETHNICITY,
    HOUSEHOLD,
    PRIMARY_NEED,
    Age,
    YearOfCensus,
    happens,
)
from adapters.returns.invented_episodes import (
    REVIEWED_FIRST,
    REVIEWED_NEXT,
    Span,
    reviews_from,
    some_days,
    year_span,
)
from adapters.returns.invented_families import Entry, Guest, with_death
from adapters.returns.invented_shapes import (
    Assessment,
    InventedChild,
    InventedEpisode,
    ProtectionPlan,
)

RETURNED_WHOLE = 0.12
_COMES_BACK = 0.04  # of those whose case was closed in the first half of the year
_GOES_ON = 0.3
_GONE = 0.15  # of referrals that were turned away, when a return is sent again
_KEY_CHANGED = 0.02
_CLOSES_WITHIN = (3, 170)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Carrying:
    """Takes cases from one return into the next: into the return of the year of the census."""

    census: YearOfCensus
    first: bool
    """Whether this is the first return after that of the year in which the case was assessed."""
    chance: random.Random

    @property
    def _year(self) -> Span:
        return year_span(self.census.year)

    def family(self, entries: Sequence[Entry]) -> list[Entry]:
        """Go on with those of a family whose cases are open; some are returned whole."""
        return [
            self._child(child, episodes[-1]) for child, episodes in entries if is_open(episodes)
        ]

    def _child(self, child: InventedChild, episode: InventedEpisode) -> Entry:
        later = self._later(episode)
        whole = self.first and happens(self.chance, RETURNED_WHOLE)
        who = born_by(child.identity, later.closed or self._year.last, chance=self.chance)
        if whole:
            later = self._corrected(later)
            if who.born is not None and happens(self.chance, 0.1):
                who = replace(who, ethnicity=ETHNICITY.draw(self.chance))
        else:
            later = _without_what_was_over(later, self._year.first)
        return (with_death(replace(child, identity=who), [later]), [later])

    def _later(self, episode: InventedEpisode) -> InventedEpisode:
        """Let plans be reviewed and end, and let most cases be closed."""
        year, chance = self._year, self.chance
        goes_on = self.first and happens(chance, _GOES_ON)
        end = year.first + some_days((20, 300), chance)
        end = year.last + _A_DAY if goes_on else end
        over = year.first
        if episode.protection and episode.protection.ended is None:
            episode = replace(episode, protection=self._plan(episode.protection, end))
            over = end
        elif episode.plan and episode.plan.ended is None:
            ended = None if goes_on else end
            episode = replace(episode, plan=replace(episode.plan, ended=ended))
            over = end
        closed = max(over, episode.last_day) + some_days(_CLOSES_WITHIN, chance)
        if goes_on:
            return episode
        beyond = episode.enquiry or episode.plan or episode.protection
        reasons = ENDED[Age.OLDER] if beyond else self.census.assessed_only
        return replace(episode, closed=min(closed, year.last), reason=reasons.draw(chance))

    def _plan(self, plan: ProtectionPlan, end: date) -> ProtectionPlan:
        year = self._year
        due = plan.reviews[-1] + REVIEWED_NEXT if plan.reviews else plan.started + REVIEWED_FIRST
        span = Span(max(year.first, plan.started), min(end - _A_DAY, year.last))
        held = [day for day in reviews_from(due, span, self.chance) if day >= span.first]
        ended = end if end <= year.last else None
        return replace(plan, ended=ended, reviews=(*plan.reviews, *held))

    def _corrected(self, episode: InventedEpisode) -> InventedEpisode:
        """Correct one thing that no published figure counts."""
        chance = self.chance
        what = chance.randrange(3)
        if what == 0:
            return replace(episode, source=self.census.sources.draw(chance))
        if what == 1:
            return replace(episode, need=PRIMARY_NEED.draw(chance))
        *others, last = episode.assessments
        moved = _authorised_elsewhere(last, chance)
        return replace(episode, assessments=(*others, moved))


def as_sent_again(entries: Sequence[Entry], chance: random.Random) -> list[Entry]:
    """Give a family as an amended return of the same year has it.

    Some referrals that were turned away are gone, and of some assessments the first day was wrong:
    that is part of what they are known by.
    """
    if _turned_away(entries):
        return [] if happens(chance, _GONE) else list(entries)
    return [(child, _rekeyed(episodes, chance)) for child, episodes in entries]


def is_exchangeable(entries: Sequence[Entry]) -> bool:
    """Say whether factors may be exchanged: one child, returned whole, assessed once."""
    return len(entries) == 1 and len(entries[0][1][-1].assessments) == 1


def exchanged(one: Entry, other: Entry) -> tuple[Entry, Entry]:
    """Exchange a factor of the household between two episodes, where each has one of its own."""
    mine, theirs = ({*_factors(entry)} & HOUSEHOLD for entry in (one, other))
    if not (mine - theirs and theirs - mine):
        return one, other
    given, taken = min(mine - theirs), min(theirs - mine)
    return _with_factor(one, given, taken), _with_factor(other, taken, given)


def guests_among(entries: Sequence[Entry], chance: random.Random) -> Iterator[Guest]:
    """Give those of a family who are assessed in the next year's return."""
    for child, episodes in entries:
        last = episodes[-1]
        if any(each.authorised is None for each in last.assessments):
            yield Guest(child, last)
        elif _closed_early(child, last) and happens(chance, _COMES_BACK):
            yield Guest(child)


def is_open(episodes: Sequence[InventedEpisode]) -> bool:
    """Say whether a case stays open; one still being assessed goes on as a guest."""
    last = episodes[-1]
    assessed = all(each.authorised for each in last.assessments)
    return last.closed is None and not last.no_further_action and assessed


def _turned_away(entries: Sequence[Entry]) -> bool:
    return all(each.no_further_action for _, episodes in entries for each in episodes)


def _closed_early(child: InventedChild, last: InventedEpisode) -> bool:
    """Say whether who was born by then had the case closed well before the year was over."""
    early = last.closed is not None and last.closed.month in range(4, 10)
    return early and child.died is None and child.identity.born is not None


def _without_what_was_over(episode: InventedEpisode, first: date) -> InventedEpisode:
    plan = episode.protection
    if plan is None:
        return replace(episode, assessments=(), enquiry=None)
    reviews = tuple(day for day in plan.reviews if day >= first)
    return replace(episode, assessments=(), protection=replace(plan, reviews=reviews))


def _authorised_elsewhere(assessment: Assessment, chance: random.Random) -> Assessment:
    """Move the day of authorisation back a little, within the year that it is published in."""
    authorised = assessment.authorised
    if authorised is None:
        return assessment
    moved = authorised - some_days((1, 3), chance)
    if moved < assessment.started or moved.month in {3, 4}:
        return assessment  # it may be another year's
    kept = assessment.reviewed is None or assessment.reviewed <= moved
    return replace(assessment, authorised=moved, reviewed=assessment.reviewed if kept else None)


def _rekeyed(episodes: Sequence[InventedEpisode], chance: random.Random) -> list[InventedEpisode]:
    """Change the first day of some assessments, each to a day on which nothing else began."""
    *others, last = episodes
    if len(last.assessments) == 1 and happens(chance, _KEY_CHANGED):
        (only,) = last.assessments
        started = only.started - _A_DAY
        if last.referred < started:
            last = replace(last, assessments=(replace(only, started=started),))
    return [*others, last]


def _factors(entry: Entry) -> tuple[str, ...]:
    return entry[1][-1].assessments[0].codes


def _with_factor(entry: Entry, old: str, new: str) -> Entry:
    child, (*others, last) = entry
    (only,) = last.assessments
    codes = tuple(new if code == old else code for code in only.codes)
    return child, [*others, replace(last, assessments=(replace(only, codes=codes),))]
