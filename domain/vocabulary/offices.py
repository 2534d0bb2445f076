"""Events of who may do what: offices, rights, and the reference data that everything reads."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.values import Bytes32, Day, EventId, ParticipantCode, PurposeCode
from domain.vocabulary.codes import Slug
from domain.vocabulary.order import ASCENDING, ascending
from domain.vocabulary.parts import FactsPart, Kind, SmallCount

Purposes = Annotated[
    tuple[PurposeCode, ...],
    Field(min_length=1, max_length=32, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
Piece = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=2, max_length=24_000)
]
"""A piece of a document as base64url without padding: an event has to stay below 32 KiB."""


class OfficeAppointed(Kind, name="office-appointed", about_a_person=False):
    """A body appointed somebody to an office; who that is, its own directory knows."""

    class Facts(FactsPart):
        effective_from: Day = Field(description="the first day in office")
        effective_until: Day | None = Field(default=None, description="the last, if it is known")
        holder: Slug = Field(description="the holder, as signed in; never a name")
        office: Slug = Field(description="which office")
        participant: ParticipantCode = Field(description="the body whose office it is")


class OfficeEnded(Kind, name="office-ended", about_a_person=False):
    """Somebody left an office."""

    class Facts(FactsPart):
        effective_until: Day = Field(description="the last day in office")
        holder: Slug = Field(description="the holder, as signed in")
        office: Slug = Field(description="which office")
        participant: ParticipantCode = Field(description="the body whose office it is")


class RightGranted(Kind, name="right-granted", about_a_person=False):
    """An office was given the right to read: live figures, or releases alone."""

    class Facts(FactsPart):
        effective_from: Day = Field(description="the first day of the right")
        effective_until: Day | None = Field(default=None, description="the last, if it is known")
        office: Slug = Field(description="which office")
        participant: ParticipantCode = Field(description="the body whose office it is")
        purposes: Purposes = Field(description="what it may be used for")
        right: Literal["audit", "live", "released"] = Field(
            description="entries of the logs, unsuppressed figures, or releases alone"
        )


class RightRemoved(Kind, name="right-removed", about_a_person=False):
    """An office lost a right to read."""

    class Facts(FactsPart):
        effective_until: Day = Field(description="the last day of the right")
        granted: EventId | None = Field(default=None, description="the granting that ends")
        office: Slug = Field(description="which office")
        participant: ParticipantCode = Field(description="the body whose office it is")
        reason: Slug | None = Field(default=None, description="code of the reason")
        right: Literal["audit", "live", "released"] = Field(description="the right that ends")


class ReferenceDataRegistered(Kind, name="reference-data-registered", about_a_person=False):
    """A reference document was registered by its exact bytes; a long one takes several events."""

    cross_field_rules = ("data.facts.piece is less than data.facts.pieces",)

    class Facts(FactsPart):
        content: Piece = Field(description="this piece of the document")
        digest: Bytes32 = Field(description="SHA-256 of the whole document")
        document: Literal[
            "agreement",
            "body-keys",
            "factor-mapping",
            "participants",
            "reference-figures",
            "release",
            "release-tables",
            "rule-pack",
        ] = Field(description="what kind of document")
        effective_from: Day = Field(description="the first day that it holds")
        name: Slug = Field(description="its name")
        piece: SmallCount = Field(description="which piece this is, from 0")
        pieces: Annotated[int, Field(ge=1, le=999)] = Field(description="how many there are")
        version: Annotated[int, Field(ge=1, le=999_999)] = Field(description="its version")

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.piece >= self.pieces:
                raise ValueError("one of the pieces")
            return self
