"""Events of children in need, and of the closing of their cases."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Day
from domain.vocabulary.codes import ClosureReason
from domain.vocabulary.parts import Kind, RestrictedPart, SharedPart
from domain.vocabulary.persons import EpisodeFacts


class CinPlanStarted(Kind, name="cin-plan-started"):
    """A child in need plan began."""

    class Facts(EpisodeFacts):
        start_date: Day = Field(description="when it began")


class CinPlanEnded(Kind, name="cin-plan-ended"):
    """A child in need plan ended."""

    class Facts(EpisodeFacts):
        end_date: Day = Field(description="when it ended")
        start_date: Day | None = Field(default=None, description="when it began")

    class Shared(SharedPart):
        reason: (
            Literal[
                "closed", "looked-after", "needs-met", "other", "protection-plan", "stepped-down"
            ]
            | None
        ) = Field(default=None, description="why it ended, where the source says")


class CaseClosed(Kind, name="case-closed"):
    """Children's social care closed a child's case: the episode ends."""

    class Facts(EpisodeFacts):
        closure_date: Day = Field(description="when it was closed")

    class Shared(SharedPart):
        reason: ClosureReason | None = Field(default=None, description="why, by CIN Census code")


class ChildDied(Kind, name="child-died"):
    """A return tells that a child died; the notification of a death is the partnership's event."""

    Facts = EpisodeFacts

    class Shared(SharedPart):
        case_open: bool | None = Field(default=None, description="an episode was open at death")

    class Restricted(RestrictedPart):
        date_of_death: Day | None = Field(default=None, description="as the return has it")
