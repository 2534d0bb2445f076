"""Events between bodies about one child: moves, questions, answers and what was received."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal

from pydantic import Field

from domain.values import Day, EventId, LaCode, ParticipantCode
from domain.vocabulary.codes import Moment, Slug
from domain.vocabulary.parts import CaseFacts, Kind
from domain.vocabulary.persons import DescribedPerson


class CrossBorderMoveNotified(Kind, name="cross-border-move-notified"):
    """An authority told another that a child moves between them."""

    class Facts(CaseFacts):
        due: Moment | None = Field(default=None, description="when the other must be told by")
        from_la: LaCode = Field(description="the authority that the child leaves")
        moved: Day | None = Field(default=None, description="the day of the move")
        notified: Moment | None = Field(default=None, description="when the other was told")
        plan_open: Literal["none", "child-in-need", "protection", "looked-after"] | None = Field(
            default=None, description="what the child has now, and needs there"
        )
        reason: (
            Literal[
                "family-move",
                "homelessness",
                "other",
                "placement",
                "refuge",
                "school-move",
                "temporary-housing",
            ]
            | None
        ) = Field(default=None, description="why; never where to")
        to_la: LaCode = Field(description="the authority that the child comes to")

    Restricted = DescribedPerson


class RequestFacts(CaseFacts):
    """Facts of a question from one body to another; who and what it asks is restricted."""

    due: Moment | None = Field(default=None, description="when an answer is due")
    from_participant: ParticipantCode = Field(description="who asks")
    to_participant: ParticipantCode = Field(description="who is asked")


class InformationRequestMade(Kind, name="information-request-made"):
    """A body asked another what it knows of a child."""

    class Facts(RequestFacts):
        power: Slug | None = Field(default=None, description="code of the power that it asks under")
        reason: (
            Literal[
                "assessment",
                "exploitation",
                "missing",
                "other",
                "placement",
                "rapid-review",
                "section47",
            ]
            | None
        ) = Field(default=None, description="what it is needed for")

    Restricted = DescribedPerson


class InformationRequestAnswered(Kind, name="information-request-answered"):
    """A body answered what another asked of a child."""

    class Facts(RequestFacts):
        answered: Moment | None = Field(default=None, description="when")
        complete: bool | None = Field(default=None, description="all that was asked was answered")
        request: EventId = Field(description="the question")

    Restricted = DescribedPerson


class InformationRequestDeclined(Kind, name="information-request-declined"):
    """A body declined to answer what another asked of a child."""

    class Facts(RequestFacts):
        declined: Moment | None = Field(default=None, description="when")
        reason: (
            Literal[
                "more-detrimental-to-the-child",
                "no-information-held",
                "no-power",
                "other",
                "subject-to-proceedings",
            ]
            | None
        ) = Field(default=None, description="why")
        request: EventId = Field(description="the question")

    Restricted = DescribedPerson


class ShareAcknowledged(Kind, name="share-acknowledged"):
    """A body that was sent something about a child says that it has it."""

    class Facts(CaseFacts):
        by_participant: ParticipantCode = Field(description="who received it")
        event: EventId = Field(description="what was received")
        opened: bool | None = Field(default=None, description="opened, and not only fetched")
        received: Moment | None = Field(default=None, description="when")
