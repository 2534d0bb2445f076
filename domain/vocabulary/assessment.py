"""Events of assessments, in early help and in social care."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Day
from domain.vocabulary.codes import Agency, Factors, InNeed, InNeedBasis
from domain.vocabulary.parts import CaseFacts, Kind, SharedPart
from domain.vocabulary.persons import EpisodeFacts


class EarlyHelpAssessmentStarted(Kind, name="early-help-assessment-started"):
    """An early help assessment of a child began."""

    class Facts(CaseFacts):
        organisation: Agency | None = Field(default=None, description="who assesses")
        start_date: Day | None = Field(default=None, description="when it began")


class EarlyHelpAssessmentCompleted(Kind, name="early-help-assessment-completed"):
    """An early help assessment of a child was completed."""

    class Facts(CaseFacts):
        completion_date: Day | None = Field(default=None, description="when it was completed")
        organisation: Agency | None = Field(default=None, description="who assessed")
        outcome: (
            Literal["early-help-plan", "no-further-action", "stepped-up", "universal"] | None
        ) = Field(default=None, description="what follows")
        start_date: Day | None = Field(default=None, description="when it began")


class AssessmentStarted(Kind, name="assessment-started"):
    """A social care assessment of a child began."""

    class Facts(EpisodeFacts):
        internal_review_date: Day | None = Field(
            default=None, description="the internal review point that was set"
        )
        start_date: Day = Field(description="when it began")


class AssessmentCompleted(Kind, name="assessment-completed"):
    """A social care assessment of a child was authorised.

    It carries many factors: episodes, assessments, children and factors are counted apart, and
    factors are never summed to children.
    """

    class Facts(EpisodeFacts):
        authorisation_date: Day = Field(description="when it was authorised, which completes it")
        factors_complete: bool | None = Field(
            default=None, description="whether every factor that the source holds was understood"
        )
        internal_review_date: Day | None = Field(
            default=None, description="the internal review point that was set"
        )
        start_date: Day | None = Field(default=None, description="when it began")

    class Shared(SharedPart):
        child_seen: bool | None = Field(default=None, description="seen during the assessment")
        factors: Factors | None = Field(
            default=None, description="factors at its end; none given is not the same as factor 21"
        )
        in_need: InNeed | None = Field(default=None, description="whether found to be in need")
        in_need_basis: InNeedBasis | None = Field(default=None, description="how that is known")
