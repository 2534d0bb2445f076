"""Events at the front door: contacts, checks, referrals, ratings and steps."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.values import Bytes32, Day, EventId, ParticipantCode
from domain.vocabulary.codes import (
    Agencies,
    Agency,
    Moment,
    PrimaryNeed,
    ReferralSource,
    ServiceLevel,
    Slug,
    ThresholdRating,
)
from domain.vocabulary.order import ASCENDING, ascending
from domain.vocabulary.parts import CaseFacts, FactsPart, Kind, SharedPart, SmallCount, Text
from domain.vocabulary.persons import DescribedPerson, EpisodeFacts

Boroughs = Annotated[
    tuple[ParticipantCode, ...],
    Field(min_length=1, max_length=32, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]


class ContactReceived(Kind, name="contact-received"):
    """Somebody told the front door something about a child."""

    class Facts(CaseFacts):
        decided: Moment | None = Field(default=None, description="when the outcome was decided")
        outcome: (
            Literal[
                "advice", "early-help", "mash-check", "no-further-action", "referral", "transferred"
            ]
            | None
        ) = Field(default=None, description="what the front door did with it")
        source_code: ReferralSource | None = Field(default=None, description="who made contact")

    Restricted = DescribedPerson


class MashCheckRequested(Kind, name="mash-check-requested"):
    """The multi-agency hub asked agencies what they know of a child."""

    class Facts(CaseFacts):
        agencies: Agencies | None = Field(default=None, description="the agencies that were asked")
        contact: EventId | None = Field(default=None, description="the contact it came from")
        due: Moment | None = Field(default=None, description="when answers are due")
        rating: ThresholdRating | None = Field(default=None, description="rating when asked")

    Restricted = DescribedPerson


class MashCheckReturned(Kind, name="mash-check-returned"):
    """An agency answered a check of the multi-agency hub."""

    class Facts(CaseFacts):
        agency: Agency = Field(description="the agency that answered")
        due: Moment | None = Field(default=None, description="when its answer was due")
        information_held: bool | None = Field(default=None, description="whether it knew anything")
        request: EventId | None = Field(default=None, description="the check that it answers")
        requested: Moment | None = Field(default=None, description="when it was asked")
        returned: Moment | None = Field(default=None, description="when its answer came")

    Restricted = DescribedPerson


class ReferralReceived(Kind, name="referral-received"):
    """A referral came to children's social care: an episode begins."""

    class Facts(EpisodeFacts):
        contact: EventId | None = Field(default=None, description="the contact it came from")
        form_complete: bool | None = Field(
            default=None, description="whether the referral form was complete, consent included"
        )
        no_further_action: bool | None = Field(
            default=None, description="decided on the referral that nothing follows"
        )
        source_code: ReferralSource | None = Field(default=None, description="who referred")

    class Shared(SharedPart):
        primary_need: PrimaryNeed | None = Field(default=None, description="main need as recorded")
        referrals_in_12_months: SmallCount | None = Field(
            default=None, description="referrals of this child in the 12 months before, by source"
        )

    Restricted = DescribedPerson


class ReferralClosed(Kind, name="referral-closed"):
    """It was decided what follows from a referral."""

    class Facts(EpisodeFacts):
        outcome: Literal[
            "assessment",
            "early-help",
            "no-further-action",
            "not-recorded",
            "other",
            "signposted",
            "transferred",
        ] = Field(description="what follows")
        received: Moment | None = Field(default=None, description="when the referral came")
        referral: EventId | None = Field(default=None, description="the referral's event")


class ThresholdRatingSet(Kind, name="threshold-rating-set"):
    """The front door rated a contact or referral against the threshold document."""

    class Facts(CaseFacts):
        about: EventId | None = Field(default=None, description="the contact or referral rated")
        agency: Agency | None = Field(default=None, description="the agency that rated or changed")
        document_version: Slug | None = Field(
            default=None, description="version of the threshold document that was applied"
        )
        rating: ThresholdRating = Field(description="the rating")
        stage: Literal["first", "final"] = Field(description="first, or final after the checks")


class CaseStepped(Kind, name="case-stepped"):
    """A child's case was stepped up or down between levels of service."""

    class Facts(EpisodeFacts):
        direction: Literal["up", "down"] = Field(description="up to more, down to less")
        from_level: ServiceLevel | None = Field(default=None, description="the level left")
        to_level: ServiceLevel | None = Field(default=None, description="the level reached")


class ThresholdDocumentAgreed(Kind, name="threshold-document-agreed", about_a_person=False):
    """Boroughs agreed a threshold document: counts before and after it do not compare."""

    class Facts(FactsPart):
        boroughs: Boroughs = Field(description="where it applies")
        digest: Bytes32 | None = Field(default=None, description="SHA-256 of the document")
        document_version: Slug = Field(description="its version, as ratings name it")
        effective_from: Day = Field(description="the first day that it applies")
        replaces: Slug | None = Field(default=None, description="the version before")
        review_due: Day | None = Field(default=None, description="when it must be looked at again")
        summary: Text | None = Field(default=None, description="what changed, in words")
