"""Events from police, health, schools and youth justice."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from domain.values import Day, EventId, LaCode, WardCode
from domain.vocabulary.agency_codes import (
    AttendanceCause,
    ExclusionReasons,
    Injury,
    OffenceGroup,
    Setting,
    Weapon,
    WeaponOffence,
    YouthOutcome,
)
from domain.vocabulary.codes import Agencies, Agency, Level, Moment, Slug
from domain.vocabulary.parts import CaseFacts, Kind, SharedPart, SmallCount
from domain.vocabulary.persons import DescribedPerson, Line, PersonAtAnAddress


class WardFacts(CaseFacts):
    """Facts of something that happened in a ward."""

    ward: WardCode | None = Field(default=None, description="ward, by GSS code")
    ward_codes_of: Day | None = Field(
        default=None, description="the day whose ward boundaries the code is of"
    )


class WeaponIncidentRecorded(Kind, name="weapon-incident-recorded"):
    """Police recorded an incident with a weapon; who was victim or suspect is said per person."""

    fewest_subjects = 0  # a weapon may be found, and a suspect unknown

    class Facts(WardFacts):
        domestic: bool | None = Field(default=None, description="counted apart from the street")
        injury: Injury | None = Field(default=None, description="the worst injury to anybody")
        offence: WeaponOffence = Field(description="possession, threat or use")
        setting: Setting | None = Field(default=None, description="where, as a kind of place")
        weapon: Weapon = Field(description="what kind of weapon")

    class Shared(SharedPart):
        injury: Injury | None = Field(default=None, description="injury to this person")

    Restricted = PersonAtAnAddress


class DomesticAbuseNotified(Kind, name="domestic-abuse-notified"):
    """Police told children's social care of domestic abuse with a child in the household."""

    class Facts(WardFacts):
        children: SmallCount | None = Field(default=None, description="children in the household")
        incident: Moment | None = Field(default=None, description="when it happened")
        notified: Moment | None = Field(default=None, description="when the authority was told")
        repeat_within_12_months: bool | None = Field(
            default=None, description="another at the same address in the 12 months before"
        )
        risk: Level | None = Field(default=None, description="risk as the officer graded it")

    class Shared(SharedPart):
        present: bool | None = Field(default=None, description="the child was there")

    Restricted = PersonAtAnAddress


class EncompassNotified(Kind, name="encompass-notified"):
    """Police told a child's school of domestic abuse (Operation Encompass)."""

    class Facts(CaseFacts):
        incident: Moment = Field(description="when it happened")
        next_school_start: Moment | None = Field(
            default=None, description="start of the next school day: the school must know by then"
        )
        notified: Moment = Field(description="when the school was told")
        police_event: EventId | None = Field(default=None, description="the police notification")

    class Shared(SharedPart):
        school_la: LaCode | None = Field(default=None, description="authority the school is in")

    class Restricted(DescribedPerson):
        school: Line | None = Field(default=None, description="which school was told")


class MaracCaseHeard(Kind, name="marac-case-heard"):
    """A conference on high-risk domestic abuse heard a case with children."""

    class Facts(WardFacts):
        agencies_present: Agencies | None = Field(default=None, description="who took part")
        children: SmallCount | None = Field(default=None, description="children in the household")
        held: Day = Field(description="when it was heard")
        referred_by: Agency | None = Field(default=None, description="who brought it")
        repeat: bool | None = Field(default=None, description="heard in the 12 months before")

    Restricted = PersonAtAnAddress


class SchoolExclusionRecorded(Kind, name="school-exclusion-recorded"):
    """A school suspended a pupil or excluded a pupil for good."""

    class Facts(WardFacts):
        kind: Literal["permanent", "suspension"] = Field(description="suspended, or excluded")
        reasons: ExclusionReasons = Field(description="up to three, by school census code")
        school_la: LaCode | None = Field(default=None, description="authority the school is in")
        sessions: SmallCount | None = Field(default=None, description="half-days, if suspended")
        start_date: Day = Field(description="the first day")

    class Restricted(DescribedPerson):
        school: Line | None = Field(default=None, description="which school")


class YouthJusticeOutcomeRecorded(Kind, name="youth-justice-outcome-recorded"):
    """A caution, court or diversion outcome of a child was recorded."""

    class Facts(WardFacts):
        offence_date: Day | None = Field(default=None, description="when the offence was")
        offence_group: OffenceGroup = Field(description="group of the gravest offence")
        outcome: YouthOutcome = Field(description="what was decided")
        serious_violence: bool | None = Field(
            default=None, description="under the Serious Violence Duty"
        )

    class Shared(SharedPart):
        first_time_entrant: bool | None = Field(
            default=None, description="the first caution or conviction"
        )

    Restricted = DescribedPerson


class EmergencyAttendanceRecorded(Kind, name="emergency-attendance-recorded"):
    """A child came to an emergency department after violence or harm."""

    off_by_default = True

    class Facts(WardFacts):
        attended: Moment = Field(description="when")
        cause: AttendanceCause = Field(description="what kind of harm")
        police_told: bool | None = Field(default=None, description="whether police were told")

    class Shared(SharedPart):
        injury: Injury | None = Field(default=None, description="how grave")

    Restricted = DescribedPerson


class GangRiskIdentified(Kind, name="gang-risk-identified"):
    """Agencies together named a risk to a child from gangs, for a time and with a review."""

    off_by_default = True
    cross_field_rules = ("data.facts.expires is not before data.facts.review_due",)

    class Facts(CaseFacts):
        agencies: Agencies | None = Field(default=None, description="the agencies that agree")
        basis: Slug = Field(description="code of the evidence, never an opinion alone")
        expires: Day = Field(description="after this day it must not be used")
        review_due: Day = Field(description="when it must be looked at again")

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.expires < self.review_due:
                raise ValueError("reviewed before it expires")
            return self

    class Shared(SharedPart):
        level: Level = Field(description="level, as named together")

    Restricted = DescribedPerson
