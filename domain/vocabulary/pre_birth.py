"""Events before and at birth."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from pydantic import Field

from domain.values import Day, EventId
from domain.vocabulary.codes import (
    Factors,
    InNeed,
    InNeedBasis,
    PrimaryNeed,
    ReferralSource,
    Slug,
    Weeks,
)
from domain.vocabulary.parts import Kind, SharedPart
from domain.vocabulary.persons import DescribedPerson, EpisodeFacts


class UnbornReferralReceived(Kind, name="unborn-referral-received"):
    """A referral of an unborn child came to children's social care."""

    class Facts(EpisodeFacts):
        contact: EventId | None = Field(default=None, description="the contact it came from")
        form_complete: bool | None = Field(
            default=None, description="whether the referral form was complete"
        )
        no_further_action: bool | None = Field(
            default=None, description="decided on the referral that nothing follows"
        )
        source_code: ReferralSource | None = Field(default=None, description="who referred")

    class Shared(SharedPart):
        primary_need: PrimaryNeed | None = Field(default=None, description="main need as recorded")
        weeks: Weeks | None = Field(default=None, description="of pregnancy when referred")

    Restricted = DescribedPerson


class PreBirthAssessmentCompleted(Kind, name="pre-birth-assessment-completed"):
    """An assessment before birth was completed."""

    class Facts(EpisodeFacts):
        completion_date: Day = Field(description="when it was completed")
        due_rule: Slug | None = Field(default=None, description="the local rule of the target")
        start_date: Day | None = Field(default=None, description="when it began")
        target_date: Day | None = Field(default=None, description="when it should be completed")

    class Shared(SharedPart):
        factors: Factors | None = Field(default=None, description="factors at its end")
        in_need: InNeed | None = Field(default=None, description="whether found to be in need")
        in_need_basis: InNeedBasis | None = Field(default=None, description="how that is known")
        weeks: Weeks | None = Field(default=None, description="of pregnancy when completed")


class ChildBorn(Kind, name="child-born"):
    """A child who was known before birth was born."""

    class Facts(EpisodeFacts):
        assessment: EventId | None = Field(
            default=None, description="the assessment before birth, if there was one"
        )

    class Shared(SharedPart):
        plan_in_place: bool | None = Field(
            default=None, description="a child protection plan began before birth"
        )
        weeks: Weeks | None = Field(default=None, description="of pregnancy at birth")

    Restricted = DescribedPerson
