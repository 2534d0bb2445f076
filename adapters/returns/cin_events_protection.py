"""The events of child protection: enquiries, conferences and child protection plans."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Final

from adapters.returns.cin_child import Child, Place, Plan, Referral, Section47
from adapters.returns.cin_events_person import said
from adapters.returns.cin_events_telling import Occasion, Remark, Telling, Thing
from domain.vocabulary.child_protection import (
    IcpcHeld,
    IcpcNotRequired,
    ProtectionPlanEnded,
    ProtectionPlanReviewed,
    ProtectionPlanStarted,
    Section47Started,
)

_MOST_PREVIOUS: Final = 999


def tell_enquiry(telling: Telling, episode: Thing, section47: Section47) -> None:
    """Tell that an enquiry began, and that no conference was required; one held is told apart."""
    start = section47.start
    thing = telling.thing("section47", start, place=section47.place, episode=episode)
    target = telling.said(thing, "InitialCPCtarget", section47.conference_target)
    at = telling.at(Section47Started, thing, field="S47ActualStartDate", day=start)
    if at:
        telling.tell(at, {"start_date": said(start), "target_date": target})
    if not section47.conference_not_required:
        return
    if section47.initial_conference is not None:
        telling.refuse(Remark.CONTRADICTION, section47.place, "ICPCnotRequired")
    elif at:
        # When it was decided is not given: within three weeks of the start, if in time.
        decided = Occasion(IcpcNotRequired, thing, start, precision="month")
        facts = {"section47_start_date": said(start), "target_date": target}
        telling.tell(decided, facts)
    else:
        telling.untold.append(IcpcNotRequired.name)


@dataclass(frozen=True, slots=True)
class _Conference:
    """An initial conference, as one of the records that tell of it has it."""

    episode: Thing = field(repr=False)
    place: Place
    section47: Section47 | None


class Conferences:
    """The initial conferences of one child, one for each day."""

    def __init__(self, telling: Telling, child: Child) -> None:
        self._telling = telling
        self._child = child.la_child_id
        self._found: dict[date, _Conference] = {}
        plans = chain.from_iterable(each.plans for each in child.referrals)
        self._plans_began = {plan.start for plan in plans}

    def collect(self, episode: Thing, referral: Referral) -> None:
        """Take those of one episode; an enquiry says more of one than the episode does."""
        for section47 in referral.section47s:
            day = section47.initial_conference
            if day is not None:
                known = self._found.get(day)
                if known is None or known.section47 is None:
                    self._found[day] = _Conference(episode, section47.place, section47)
        day = referral.initial_conference
        if day is not None:
            self._found.setdefault(day, _Conference(episode, referral.place, None))

    def tell(self) -> None:
        """Tell of each conference once."""
        for day, found in self._found.items():
            key = (self._child, day.isoformat())
            episode = found.episode
            thing = Thing("conference", key, found.place, episode.referred, episode.episode)
            at = self._telling.at(IcpcHeld, thing, field="DateOfInitialCPC", day=day)
            if at:
                self._telling.tell(at, self._facts(day, found.section47))

    def _facts(self, day: date, section47: Section47 | None) -> dict[str, object]:
        facts: dict[str, object] = {
            "held": said(day),
            "outcome": "plan" if day in self._plans_began else "not-recorded",
        }
        if section47 is not None:
            facts["section47_start_date"] = said(section47.start)
            facts["target_date"] = said(section47.conference_target)
        return facts


def tell_plan(telling: Telling, episode: Thing, plan: Plan) -> None:
    """Tell the start, the reviews and the end of a child protection plan."""
    thing = telling.thing("protection-plan", plan.start, place=plan.place, episode=episode)
    previous = plan.previous_plans
    if previous is not None and previous > _MOST_PREVIOUS:
        telling.refuse(Remark.COUNT_TOO_LARGE, plan.place, "NumberOfPreviousCPP")
        previous = None
    start = {"start_date": said(plan.start)}
    shared: dict[str, object] = {
        "days_from_birth": telling.person.days_from_birth(plan.start),
        "previous_plans": previous,
    }
    if at := telling.at(ProtectionPlanStarted, thing, field="CPPstartDate", day=plan.start):
        telling.tell(at, start, shared={**shared, "category": plan.initial_category})
    if plan.latest_category not in {plan.initial_category, None}:
        telling.note(Remark.CHANGE_NOT_DATED, plan.place, "LatestCategoryOfAbuse")
    _tell_reviews(telling, thing, plan, shared=shared)
    if at := telling.at(ProtectionPlanEnded, thing, field="CPPendDate", day=plan.end):
        ended = {**start, "end_date": said(plan.end)}
        telling.tell(at, ended, shared={**shared, "category": plan.latest_category})


def _tell_reviews(telling: Telling, thing: Thing, plan: Plan, *, shared: dict[str, object]) -> None:
    """Tell each review once; which category the plan had on its day is not given."""
    days: dict[date, Place] = {}
    for review in plan.reviews:
        days.setdefault(review.held, review.place)
    for day, place in days.items():
        parent, _, leaf = place.path.rpartition("/")
        held = replace(thing, place=Place(parent, place.line))
        if at := telling.at(ProtectionPlanReviewed, held, field=leaf, day=day):
            facts = {"review_date": said(day), "start_date": said(plan.start)}
            telling.tell(replace(at, more_key=(day.isoformat(),)), facts, shared=shared)
