"""Turns one child of the CIN Census into the events that the return tells, and nothing more.

One record gives the events whose days it names. A value that the return does not give is left out;
what would have to be guessed is reported instead. In particular:

- a referral of a child who was not yet born is an `unborn-referral-received`, and no other;
- an initial conference stands beside the enquiry and beside the episode: one child and one day are
  one conference, and what the enquiry says of it is kept;
- of a plan's category the return tells the first and the latest, and no day between: the first is
  told when the plan starts, the latest when it ends, and no change is told as an event;
- that no conference was required is told on the day on which the enquiry began, to the month, since
  the day of that decision is not given;
- a temporary pupil number links the child with nobody, nor does a former one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import chain

from adapters.returns.cin_child import Child, Place, Referral
from adapters.returns.cin_events_assessment import tell_assessment
from adapters.returns.cin_events_person import (
    LAST_SAYABLE,
    is_temporary,
    said,
)
from adapters.returns.cin_events_protection import (
    Conferences,
    tell_enquiry,
    tell_plan,
)
from adapters.returns.cin_events_telling import Remark, Telling, Thing, Told
from adapters.returns.reports_findings import Finding
from domain.vocabulary.child_in_need import CaseClosed, ChildDied, CinPlanEnded, CinPlanStarted
from domain.vocabulary.front_door import ReferralReceived
from domain.vocabulary.pre_birth import UnbornReferralReceived


@dataclass(frozen=True, slots=True)
class ChildEvents:
    """What one child's records come to.

    `untold` names the kinds of the events that the hub would refuse, one for each.
    """

    told: tuple[Told, ...]
    untold: tuple[str, ...]
    findings: tuple[Finding, ...]


def events_of(child: Child, *, today: date) -> ChildEvents:
    """Give the events of one child; `today` is the London day after which nothing has happened."""
    telling = Telling(child, today)
    _look_at_child(telling, child)
    conferences = Conferences(telling, child)
    for referral in child.referrals:
        episode = telling.episode(referral)
        _tell_referral(telling, episode, referral)
        for assessment in referral.assessments:
            tell_assessment(telling, episode, referral, assessment)
        for section47 in referral.section47s:
            tell_enquiry(telling, episode, section47)
        conferences.collect(episode, referral)
        for plan in referral.plans:
            tell_plan(telling, episode, plan)
        _tell_cin_plans(telling, episode, referral)
    conferences.tell()
    _tell_death(telling, child)
    return ChildEvents(tuple(telling.told), tuple(telling.untold), tuple(telling.findings))


def _tell_referral(telling: Telling, episode: Thing, referral: Referral) -> None:
    unborn = telling.person.is_unborn(referral.referred)
    kind = UnbornReferralReceived if unborn else ReferralReceived
    weeks = {"weeks": telling.person.weeks(referral.referred)} if unborn else {}
    if at := telling.at(kind, episode, field="CINreferralDate", day=referral.referred):
        facts = {
            "no_further_action": referral.no_further_action,
            "source_code": referral.source,
        }
        telling.tell(at, facts, shared={"primary_need": referral.primary_need, **weeks})
    if at := telling.at(CaseClosed, episode, field="CINclosureDate", day=referral.closed):
        facts = {"closure_date": said(referral.closed)}
        telling.tell(at, facts, shared={"reason": referral.closure_reason})
    elif referral.closed is None and referral.closure_reason is not None:
        telling.note(Remark.REASON_WITHOUT_CLOSURE, referral.place, "ReasonForClosure")


def _tell_cin_plans(telling: Telling, episode: Thing, referral: Referral) -> None:
    for plan in referral.cin_plans:
        thing = telling.thing("cin-plan", plan.start, place=plan.place, episode=episode)
        start = {"start_date": said(plan.start)}
        if at := telling.at(CinPlanStarted, thing, field="CINPlanStartDate", day=plan.start):
            telling.tell(at, start)
        if at := telling.at(CinPlanEnded, thing, field="CINPlanEndDate", day=plan.end):
            telling.tell(at, {**start, "end_date": said(plan.end)})


def _tell_death(telling: Telling, child: Child) -> None:
    died = child.death_date
    thing = Thing("death", (child.la_child_id,), _identifiers(child))
    if died and (at := telling.at(ChildDied, thing, field="PersonDeathDate", day=died)):
        telling.tell(
            at,
            {},
            shared={"case_open": _case_open(child, died)},
            restricted={"date_of_death": said(died)},
        )


def _case_open(child: Child, day: date) -> bool | None:
    """Say whether an episode was open on a day; None where a record that could say is unread."""
    begun = [each for each in child.referrals if each.referred <= day]
    if any(_is_open(each, day) for each in begun):
        return True
    unread = {"CINdetails", "CINclosureDate"}
    of_records = chain(child.not_understood, *(each.not_understood for each in begun))
    return None if unread.intersection(of_records) else False


def _is_open(referral: Referral, day: date) -> bool:
    if referral.closed is None:
        known = "CINclosureDate" not in referral.not_understood
        return known and not referral.no_further_action
    return referral.closed >= day


def _identifiers(child: Child) -> Place:
    return Place(f"{child.place.path}/ChildIdentifiers", child.place.line)


def _look_at_child(telling: Telling, child: Child) -> None:
    """Report what is remarkable about the child itself."""
    identifiers = _identifiers(child)
    if child.upn is not None and is_temporary(child.upn):
        telling.note(Remark.TEMPORARY_UPN, identifiers, "UPN")
    for field, day in (
        ("PersonBirthDate", child.birth_date),
        ("ExpectedPersonBirthDate", child.expected_birth_date),
    ):
        if day is not None and day > LAST_SAYABLE:
            telling.refuse(Remark.NOT_SAYABLE, identifiers, field)
    if "NONE" in child.disabilities and len(child.disabilities) > 1:
        characteristics = Place(f"{child.place.path}/ChildCharacteristics", child.place.line)
        telling.note(Remark.NONE_AND_OTHERS, characteristics, "Disabilities/Disability")
    if any(telling.person.outside_all_bands(each.referred) for each in child.referrals):
        telling.note(Remark.AGE_OUTSIDE_BANDS, identifiers, "PersonBirthDate")
