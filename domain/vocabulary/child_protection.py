"""Events of child protection: discussions, enquiries, conferences and plans."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Day, EventId
from domain.vocabulary.codes import (
    Agencies,
    Agency,
    CategoryOfAbuse,
    DaysFromBirth,
    LateReason,
    Moment,
    Slug,
)
from domain.vocabulary.parts import Kind, SharedPart, SmallCount
from domain.vocabulary.persons import EpisodeFacts, TimedFacts


class PlanFacts(EpisodeFacts):
    """Facts of a child protection plan."""

    start_date: Day | None = Field(default=None, description="when the plan began")


class PlanShared(SharedPart):
    """What may be folded about a child with a child protection plan."""

    category: CategoryOfAbuse | None = Field(default=None, description="category of abuse now")
    days_from_birth: DaysFromBirth | None = Field(
        default=None, description="how long after birth the plan began"
    )
    previous_plans: SmallCount | None = Field(default=None, description="plans before this one")


class StrategyDiscussionHeld(Kind, name="strategy-discussion-held"):
    """Agencies discussed whether a child is likely to suffer significant harm.

    No return tells when a discussion was due: without `due` it is neither on time nor late.
    """

    class Facts(TimedFacts):
        agencies_present: Agencies | None = Field(default=None, description="who took part")
        outcome: (
            Literal[
                "assessment",
                "no-further-action",
                "reconvene",
                "section47-joint",
                "section47-single",
            ]
            | None
        ) = Field(default=None, description="what was decided")


class Section47Started(Kind, name="section47-started"):
    """An enquiry under section 47 of the Children Act 1989 began."""

    class Facts(EpisodeFacts):
        joint: bool | None = Field(default=None, description="jointly with the police")
        start_date: Day = Field(description="when it began")
        strategy_discussion: EventId | None = Field(
            default=None, description="the discussion that decided it"
        )
        target_date: Day | None = Field(
            default=None, description="when an initial conference is due at the latest"
        )


class IcpcHeld(Kind, name="icpc-held"):
    """An initial child protection conference was held.

    A CIN return tells of it twice, beside the enquiry and beside the episode: it is one event.
    """

    class Facts(TimedFacts):
        outcome: Literal["plan", "no-plan", "not-recorded"] | None = Field(
            default=None, description="whether a plan follows"
        )
        section47_start_date: Day | None = Field(
            default=None, description="start of the enquiry that led to it"
        )
        target_date: Day | None = Field(
            default=None, description="target date as the source has it"
        )


class IcpcNotRequired(Kind, name="icpc-not-required"):
    """It was decided that no initial child protection conference is needed."""

    class Facts(EpisodeFacts):
        decided: Moment | None = Field(default=None, description="when that was decided")
        section47_start_date: Day | None = Field(
            default=None, description="start of the enquiry that it ends"
        )
        target_date: Day | None = Field(
            default=None, description="when a conference would have been due"
        )


class ProtectionPlanStarted(Kind, name="protection-plan-started"):
    """A child became the subject of a child protection plan."""

    class Facts(PlanFacts):
        conference: EventId | None = Field(
            default=None, description="the conference that decided it"
        )
        first_review_due: Day | None = Field(default=None, description="when it must be reviewed")

    Shared = PlanShared


class ProtectionPlanCategoryChanged(Kind, name="protection-plan-category-changed"):
    """The category of abuse of a child protection plan changed."""

    class Facts(PlanFacts):
        changed: Moment | None = Field(
            default=None, description="when; a return tells the first and the latest category only"
        )

    class Shared(PlanShared):
        previous_category: CategoryOfAbuse | None = Field(
            default=None, description="category of abuse before"
        )


class ProtectionPlanReviewed(Kind, name="protection-plan-reviewed"):
    """A child protection plan was reviewed by a conference."""

    class Facts(PlanFacts):
        due: Day | None = Field(default=None, description="when the review was due at the latest")
        due_rule: Slug | None = Field(default=None, description="the rule that `due` came from")
        late_agency: Agency | None = Field(default=None, description="the agency it waited for")
        late_reason: LateReason | None = Field(default=None, description="why it was late")
        next_due: Day | None = Field(default=None, description="when the next review is due")
        outcome: Literal["continue", "end", "not-recorded"] | None = Field(
            default=None, description="whether the plan goes on"
        )
        review_date: Day = Field(description="when it was reviewed")

    Shared = PlanShared


class ProtectionPlanEnded(Kind, name="protection-plan-ended"):
    """A child protection plan ended."""

    class Facts(PlanFacts):
        end_date: Day = Field(description="when it ended")
        reason: (
            Literal["adult", "died", "looked-after", "moved-away", "no-longer-needed", "other"]
            | None
        ) = Field(default=None, description="why it ended, where the source says")

    Shared = PlanShared
