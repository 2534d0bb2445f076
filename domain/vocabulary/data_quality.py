"""Events about the record itself: links, withdrawals, restrictions, objections and disputes."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.values import Day, EventId, ParticipantCode
from domain.vocabulary.codes import Moment, Slug
from domain.vocabulary.parts import CaseFacts, FactsPart, Kind, RestrictedPart, Text
from domain.vocabulary.persons import DescribedPerson

PartNumber = Annotated[int, Field(ge=0, le=62)]
"""The number of a part inside its event: facts 0, then shared and restricted of each subject."""


class IdentityLinked(Kind, name="identity-linked"):
    """Two or more pseudonyms, its subjects, were found to stand for one person."""

    fewest_subjects = 2

    class Facts(CaseFacts):
        basis: Literal["case-worker", "merged-in-source", "nhs", "upn"] = Field(
            description="how it was found"
        )
        reason: Slug | None = Field(default=None, description="code of the reason")


class IdentityUnlinked(Kind, name="identity-unlinked"):
    """Pseudonyms, its subjects, that had been linked do not stand for one person."""

    fewest_subjects = 2

    class Facts(CaseFacts):
        linked: EventId | None = Field(default=None, description="the link that was wrong")
        reason: Slug | None = Field(default=None, description="code of the reason")


class RecordWithdrawn(Kind, name="record-withdrawn"):
    """A source took back an event that it had sent, which `supersedes` of the header names."""

    fewest_subjects = 0  # it concerns an event, whose own subjects may be gone by now

    class Facts(FactsPart):
        office: Slug | None = Field(
            default=None,
            description="the office that took back what it had given to the hub itself",
        )
        reason: Literal["should-never-have-been-sent", "wrong-file", "wrong-key"] = Field(
            description="why"
        )
        replacement: EventId | None = Field(
            default=None, description="the event that stands instead, after a wrong key"
        )


class SharingWithheld(Kind, name="sharing-withheld"):
    """A body decided not to share, since sharing would be more detrimental to the child.

    It stays in the body's own ledger, its reason restricted, its subjects that body's own.
    """

    class Facts(CaseFacts):
        decided: Moment | None = Field(default=None, description="when")
        office: Slug | None = Field(default=None, description="the office that decided")
        review_due: Day | None = Field(default=None, description="when it is looked at again")

    class Restricted(RestrictedPart):
        reason: Text | None = Field(default=None, description="why, in words")
        withheld_from: ParticipantCode | None = Field(default=None, description="from whom")


class RestrictionPlaced(Kind, name="restriction-placed"):
    """A person was taken out of folds and fetches until the restriction is lifted."""

    class Facts(CaseFacts):
        reason: Literal[
            "accuracy-contested",
            "court-order",
            "objection",
            "other",
            "police-operation",
            "shielded",
        ] = Field(description="why")
        until: Day | None = Field(default=None, description="the last day, where it has one")


class RestrictionLifted(Kind, name="restriction-lifted"):
    """A restriction on a person's record was lifted."""

    class Facts(CaseFacts):
        placed: EventId = Field(description="the restriction that is lifted")
        reason: Slug | None = Field(default=None, description="code of the reason")


class ObjectionRecorded(Kind, name="objection-recorded"):
    """A person, or somebody for them, objected or used another right over their data."""

    class Facts(CaseFacts):
        answer_due: Day | None = Field(default=None, description="when an answer is due")
        received: Moment | None = Field(default=None, description="when")
        reason: Slug | None = Field(default=None, description="code of the reason")
        right: Literal["access", "erasure", "objection", "rectification", "restriction"] = Field(
            description="the right that was used"
        )

    Restricted = DescribedPerson


class PartDisputed(Kind, name="part-disputed"):
    """A recipient says that a part sent to it does not open, does not match, or is wrong."""

    fewest_subjects = 0  # who opened nothing does not know whom it is about

    class Facts(FactsPart):
        by_participant: ParticipantCode = Field(description="who says so")
        event: EventId = Field(description="the event of the part")
        part: PartNumber = Field(description="the number of the part")
        reason: Literal["commitment-differs", "content-disputed", "does-not-open"] = Field(
            description="what is wrong"
        )
