"""Events of children who go missing, and of children in care."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Literal, TypeAlias

from pydantic import Field

from domain.values import Day, EventId, LaCode
from domain.vocabulary.codes import (
    Agency,
    CareNeed,
    HostTold,
    LegalStatus,
    Level,
    Moment,
    PlacementProvider,
    PlacementType,
    ReasonCareCeased,
    ReasonForNewEpisode,
    ReasonForPlacementChange,
)
from domain.vocabulary.parts import CaseFacts, Kind, SharedPart, SmallCount
from domain.vocabulary.persons import DescribedPerson, Line

MissingKind: TypeAlias = Literal["missing", "absent"]


class MissingFacts(CaseFacts):
    """Facts of an episode of missing, or of absence: the two are never added together."""

    kind: MissingKind = Field(description="missing or absent; never added together")
    missing_from: Literal["home", "placement", "other", "unknown"] | None = Field(
        default=None, description="home and care are counted apart"
    )
    started: Moment | None = Field(default=None, description="when it began")


class MissingEpisodeStarted(Kind, name="missing-episode-started"):
    """A child went missing, or was absent."""

    class Facts(MissingFacts):
        reported: Moment | None = Field(default=None, description="when it was reported")
        reported_to_police: bool | None = Field(default=None, description="police were told")

    class Shared(SharedPart):
        episodes_in_90_days: SmallCount | None = Field(
            default=None, description="missing episodes in the 90 days to this one, by the source"
        )
        risk: Level | None = Field(default=None, description="risk as graded at the time")

    Restricted = DescribedPerson


class MissingEpisodeEnded(Kind, name="missing-episode-ended"):
    """A child who was missing or absent was found or came back."""

    class Facts(MissingFacts):
        ended: Moment = Field(description="when it ended")
        how: Literal["found", "found-by-police", "other", "returned", "unknown"] | None = Field(
            default=None, description="how it ended"
        )

    class Shared(SharedPart):
        harm_suspected: bool | None = Field(default=None, description="harm while away suspected")

    Restricted = DescribedPerson


class ReturnFacts(CaseFacts):
    """Facts of an interview after a child came back."""

    due: Moment | None = Field(default=None, description="when the interview is due at the latest")
    episode_ended: Moment | None = Field(default=None, description="when the child came back")
    missing_episode: EventId | None = Field(default=None, description="the end of that episode")


class ReturnInterviewOffered(Kind, name="return-interview-offered"):
    """A child who came back was offered an interview."""

    class Facts(ReturnFacts):
        offered: Moment = Field(description="when it was offered")


class ReturnInterviewHeld(Kind, name="return-interview-held"):
    """A child who came back was interviewed."""

    class Facts(ReturnFacts):
        held: Moment = Field(description="when it was held")
        independent: bool | None = Field(
            default=None, description="by somebody who does not care for the child"
        )
        interviewer: Agency | None = Field(default=None, description="whose interviewer")

    class Shared(SharedPart):
        exploitation_concern: bool | None = Field(
            default=None, description="what was said raised a concern of exploitation"
        )

    Restricted = DescribedPerson


class ReturnInterviewDeclined(Kind, name="return-interview-declined"):
    """An interview after coming back was declined."""

    class Facts(ReturnFacts):
        by: Literal["child", "parent-carer", "both", "not-recorded"] | None = Field(
            default=None, description="who declined"
        )
        declined: Moment | None = Field(default=None, description="when it was declined")


class CarePeriodStarted(Kind, name="care-period-started"):
    """A child came into the care of an authority."""

    class Facts(CaseFacts):
        start_date: Day = Field(description="when the period of care began")

    class Shared(SharedPart):
        legal_status: LegalStatus | None = Field(default=None, description="SSDA903 code")
        need: CareNeed | None = Field(default=None, description="category of need, by code")
        reason: ReasonForNewEpisode | None = Field(default=None, description="SSDA903 code")
        unaccompanied: bool | None = Field(default=None, description="seeking asylum, alone")


class CarePeriodEnded(Kind, name="care-period-ended"):
    """A child left the care of an authority."""

    class Facts(CaseFacts):
        end_date: Day = Field(description="when the period of care ended")
        start_date: Day | None = Field(default=None, description="when it began")

    class Shared(SharedPart):
        reason: ReasonCareCeased | None = Field(default=None, description="SSDA903 code")


class LegalStatusChanged(Kind, name="legal-status-changed"):
    """The legal status of a child in care changed."""

    class Facts(CaseFacts):
        effective_from: Day = Field(description="the first day of the new status")

    class Shared(SharedPart):
        legal_status: LegalStatus = Field(description="SSDA903 code")
        previous_legal_status: LegalStatus | None = Field(
            default=None, description="the one before"
        )


class PlacementShared(SharedPart):
    """What may be folded about a child's placement."""

    host_la: LaCode | None = Field(default=None, description="authority the placement is in")
    host_told: HostTold | None = Field(default=None, description="whether that authority was told")
    out_of_area: bool | None = Field(default=None, description="outside the placing authority")
    placement_type: PlacementType | None = Field(default=None, description="SSDA903 code")
    provider: PlacementProvider | None = Field(default=None, description="SSDA903 code")


class PlacementRestricted(DescribedPerson):
    """Where a child is placed."""

    placement_urn: Line | None = Field(default=None, description="Ofsted's number of the provider")


class PlacementStarted(Kind, name="placement-started"):
    """A child in care was placed."""

    class Facts(CaseFacts):
        start_date: Day = Field(description="the first day of the placement")

    Shared = PlacementShared
    Restricted = PlacementRestricted


class PlacementMoved(Kind, name="placement-moved"):
    """A child in care moved to another placement."""

    class Facts(CaseFacts):
        host_told_at: Moment | None = Field(
            default=None, description="when that authority was told"
        )
        moved: Moment = Field(description="when the child moved")

    class Shared(PlacementShared):
        previous_host_la: LaCode | None = Field(default=None, description="authority before")
        reason: ReasonForPlacementChange | None = Field(default=None, description="SSDA903 code")

    Restricted = PlacementRestricted
