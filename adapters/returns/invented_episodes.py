"""Invented episodes: what happened after a referral, in an order in which it could have happened.

Every day lies on or before the 31 March of the year; assessments are authorised within the year,
since that is what the published figures count. Enquiries, conferences, plans and closures keep to
what the census's own checks expect: nothing goes on in a case that was closed after its
assessment, and no child in need plan stands beside a protection plan.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from adapters.returns.invented_codes import (
    CATEGORY,
    ENDED,
    OTHER_CATEGORY,
    PREVIOUS_PLANS,
    PRIMARY_NEED,
    SERIOUS,
    Age,
    YearOfCensus,
    happens,
)
from adapters.returns.invented_shapes import (
    Assessment,
    Enquiry,
    InventedEpisode,
    Plan,
    ProtectionPlan,
)

NOTHING_FOUND = "21"
_FRIDAY = 4
_IN_TIME, _LATE = (7, 63), (64, 100)  # days; the statutory limit is 45 working days
_ROOM_TO_ASSESS_AGAIN = 40
_CONFERENCE_DUE = timedelta(days=21)  # fifteen working days; the invention knows no bank holidays
REVIEWED_FIRST = timedelta(days=84)
"""A plan is reviewed within three months."""
REVIEWED_NEXT = timedelta(days=168)
"""And within six more, again and again."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days in which an episode's assessments are authorised, and by which all else has ended."""

    first: date
    last: date

    def any_day(self, chance: random.Random) -> date:
        """Draw one of its days."""
        return self.first + some_days((0, (self.last - self.first).days), chance)

    def weekday(self, day: date) -> date:
        """Move off a weekend: back to Friday, or on to Monday where Friday is outside."""
        over = max(0, day.weekday() - _FRIDAY)
        friday = day - timedelta(days=over)
        return friday if friday >= self.first else min(friday + timedelta(days=3), self.last)


def year_span(year: int) -> Span:
    """Give the year to 31 March."""
    return Span(date(year - 1, 4, 1), date(year, 3, 31))


@dataclass(frozen=True, slots=True)
class Referral:
    """What brothers and sisters share: one referral, and the span of the work that followed."""

    referred: date
    started: date
    authorised: date
    source: str


@dataclass(frozen=True, slots=True)
class Case:
    """What an episode is invented from: `codes` are those that the published figures ask for."""

    census: YearOfCensus
    referral: Referral
    span: Span
    age: Age
    codes: tuple[str, ...]
    comes_back: bool


def some_days(bounds: tuple[int, int], chance: random.Random) -> timedelta:
    """Draw a number of days, both bounds included."""
    return timedelta(days=chance.randint(*bounds))


def refer(span: Span, *, census: YearOfCensus, chance: random.Random) -> Referral:
    """Invent one referral whose assessment is authorised within the span."""
    authorised = span.weekday(span.any_day(chance))
    days = chance.randint(*(_LATE if happens(chance, 0.12) else _IN_TIME))
    started = authorised - timedelta(days=days)
    return Referral(
        referred=started - timedelta(days=chance.choice((0, 0, 0, 1, 1, 2, 3))),
        started=started,
        authorised=authorised,
        source=census.sources.draw(chance),
    )


def refer_begun(begun: InventedEpisode, year: Span, *, chance: random.Random) -> Referral:
    """Go on with an assessment that was begun last year: it is authorised in this one."""
    started = begun.assessments[0].started
    authorised = max(started + some_days(_IN_TIME, chance), year.first + some_days((4, 20), chance))
    return Referral(begun.referred, started, year.weekday(authorised), begun.source)


def refer_long_ago(referral: Referral, chance: random.Random) -> Referral:
    """Make some referrals those of a case that has been open for long."""
    if not happens(chance, 0.08):
        return referral
    return replace(referral, referred=referral.referred + some_days((-900, -100), chance))


def episode(case: Case, chance: random.Random) -> InventedEpisode:
    """Invent one episode in which exactly the codes of the case are recorded."""
    begun = InventedEpisode(
        referred=case.referral.referred,
        source=case.referral.source,
        need=PRIMARY_NEED.draw(chance),
        assessments=_assessments(case, chance),
    )
    serious = not SERIOUS.isdisjoint(case.codes)
    goes_on = happens(chance, 0.62 if serious else 0.38)
    if case.comes_back or case.codes == (NOTHING_FOUND,) or not goes_on:
        return _closed_after_assessment(begun, case=case, chance=chance)
    if happens(chance, 0.5 if serious else 0.25):
        begun = replace(begun, enquiry=_enquiry(begun, span=case.span, chance=chance))
    if begun.conference and happens(chance, 0.85):
        plan = _protection(begun.conference, case=case, chance=chance)
        begun = replace(begun, protection=plan)
    elif case.census.has_child_in_need_plans and happens(chance, 0.8):
        begun = replace(begun, plan=_plan(begun.last_day, last=case.span.last, chance=chance))
    return _ended(begun, case=case, chance=chance)


def _assessments(case: Case, chance: random.Random) -> tuple[Assessment, ...]:
    """Make one assessment, or two that share some factors and together hold all of them."""
    span, started, codes = case.span, case.referral.started, case.codes
    near = case.referral.authorised + some_days(
        (-4, 4), chance
    )  # brothers and sisters differ by days
    authorised = span.weekday(min(max(near, span.first), span.last))
    room = (span.last - authorised).days
    if room < _ROOM_TO_ASSESS_AGAIN or not happens(chance, 0.06):
        return (_assessment(started, authorised, codes=codes, chance=chance),)
    again = span.weekday(authorised + some_days((10, room - 20), chance))
    until = span.weekday(min(again + some_days(_IN_TIME, chance), span.last))
    both = chance.choice(codes)
    stands_in = {code: chance.choice(((1,), (2,), (1, 2))) for code in codes} | {both: (1, 2)}
    earlier, later = (tuple(code for code in codes if which in stands_in[code]) for which in (1, 2))
    return (
        _assessment(started, authorised, codes=earlier, chance=chance),
        _assessment(again, until, codes=later, chance=chance),
    )


def _assessment(
    started: date, authorised: date, *, codes: tuple[str, ...], chance: random.Random
) -> Assessment:
    reviewed = started + some_days((8, 20), chance)
    kept = reviewed <= authorised and happens(chance, 0.7)
    return Assessment(started, reviewed if kept else None, authorised, codes)


def _closed_after_assessment(
    begun: InventedEpisode, *, case: Case, chance: random.Random
) -> InventedEpisode:
    closed = begun.last_day + some_days((0, 9), chance)
    if case.comes_back:
        closed = min(closed, case.span.last)
    if closed > case.span.last:
        return begun  # decided, but not yet closed when the year was
    return replace(begun, closed=closed, reason=case.census.assessed_only.draw(chance))


def _enquiry(begun: InventedEpisode, *, span: Span, chance: random.Random) -> Enquiry:
    started = begun.assessments[0].started
    began = Span(started, span.last).weekday(min(started + some_days((0, 5), chance), span.last))
    target = began + _CONFERENCE_DUE
    held = Span(began, span.last).weekday(began + some_days((8, 24), chance))
    if max(target, held) <= span.last and happens(chance, 0.45):
        return Enquiry(began, target, held)
    return Enquiry(began, target=None, conference=None)


def _protection(conference: date, *, case: Case, chance: random.Random) -> ProtectionPlan:
    ended = conference + some_days((60, 500), chance)
    found = [CATEGORY[code] for code in case.codes if code in CATEGORY]
    category = found[0] if found else OTHER_CATEGORY.draw(chance)
    until = min(ended - timedelta(days=1), case.span.last)
    return ProtectionPlan(
        started=conference,
        ended=ended if ended <= case.span.last else None,
        first_category=category,
        latest_category=OTHER_CATEGORY.draw(chance) if happens(chance, 0.08) else category,
        previous=PREVIOUS_PLANS.draw(chance),
        reviews=tuple(reviews_from(conference + REVIEWED_FIRST, Span(conference, until), chance)),
    )


def reviews_from(due: date, span: Span, chance: random.Random) -> Iterator[date]:
    """Give reviews within the span, the first of them due on a day."""
    while (held := span.weekday(due + some_days((-6, 0), chance))) <= span.last:
        yield held
        due = held + REVIEWED_NEXT


def _plan(done: date, *, last: date, chance: random.Random) -> Plan | None:
    started = done + some_days((0, 12), chance)
    ended = started + some_days((35, 400), chance)
    return Plan(started, ended if ended <= last else None) if started <= last else None


def _ended(begun: InventedEpisode, *, case: Case, chance: random.Random) -> InventedEpisode:
    """Close some of what has come to its end."""
    closed = begun.last_day + some_days((0, 20), chance)
    if begun.has_open_plan or closed > case.span.last or not happens(chance, 0.75):
        return begun
    return replace(begun, closed=closed, reason=ENDED[case.age].draw(chance))


def turned_away(span: Span, *, census: YearOfCensus, chance: random.Random) -> InventedEpisode:
    """Invent a referral after which nothing was done."""
    source = census.sources.draw(chance)
    return InventedEpisode(span.any_day(chance), source, no_further_action=True)


def being_assessed(span: Span, *, census: YearOfCensus, chance: random.Random) -> InventedEpisode:
    """Invent a referral whose assessment goes on when the year closes."""
    referred = span.last + some_days((-40, -3), chance)
    started = referred + some_days((0, 3), chance)
    return InventedEpisode(
        referred=referred,
        source=census.sources.draw(chance),
        need=PRIMARY_NEED.draw(chance),
        assessments=(Assessment(started, reviewed=None, authorised=None, codes=()),),
    )
