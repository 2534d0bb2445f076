"""Events of what a body decided: each carries the body's own signed decision, whole.

The hub records them and vouches for nothing: who reads one checks the signature against its own
trust file, and the other facts against what was signed (`domain.decisions`). So an event of these
kinds that somebody made up, the hub's operator included, decides nothing.
"""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.values import (
    AgreementRef,
    Bytes32,
    Day,
    EventId,
    Instant,
    LedgerName,
    ParticipantCode,
    Pseudonym,
    Strict,
)
from domain.vocabulary.codes import Slug
from domain.vocabulary.order import ASCENDING, ascending
from domain.vocabulary.parts import FactsPart, Kind

Signature = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{85}[AQgw]$")]
"""64 bytes of Ed25519 as base64url without padding, in its one canonical spelling."""

SubjectMarks = Annotated[
    tuple[Bytes32, ...],
    Field(min_length=1, max_length=64, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
"""Whom a decision names: digests of pseudonyms, so that it can be checked after they are gone."""

HoldGround = Literal["court", "inquiry", "other", "police", "review"]


class SignedDecision(Strict):
    """A decision as the deciding body signed it; `domain.decisions` has it byte by byte."""

    decision: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=16, max_length=12_000)
    ] = Field(description="its canonical JSON, as base64url")
    key: Bytes32 = Field(description="fingerprint of the body's deciding key")
    signature: Signature = Field(description="by that key")


class DecidedFacts(FactsPart):
    """What every decision has: who decided, and the signed decision itself."""

    by_office: Slug = Field(description="the office that decided")
    by_participant: ParticipantCode = Field(description="the body that decided")
    signed: SignedDecision = Field(description="the decision as that body signed it")


class WarrantGranted(Kind, name="warrant-granted", about_a_person=False):
    """A controller let an auditor see the parts it names, by a power, for a time."""

    cross_field_rules = ("data.facts.period_end is not before data.facts.period_start",)

    class Facts(DecidedFacts):
        auditor: Slug = Field(description="who may see")
        expires: Instant = Field(description="until when")
        ledger: LedgerName = Field(description="where the parts are")
        period_end: Day = Field(description="the last day of events that it covers")
        period_start: Day = Field(description="the first day of events that it covers")
        power: Slug = Field(description="code of the power that the auditor acts under")
        subjects: SubjectMarks | None = Field(
            default=None, description="whom it names; everybody when left out"
        )

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.period_end < self.period_start:
                raise ValueError("a period ends after it starts")
            return self


class ErasureApproved(Kind, name="erasure-approved", about_a_person=False):
    """A body approved an erasure; approvals of two different bodies are needed."""

    class Facts(DecidedFacts):
        request: EventId = Field(description="the request")
        statement: Bytes32 = Field(description="statement digest of the request that was approved")


class LegalHoldSet(Kind, name="legal-hold-set", about_a_person=False):
    """Nothing of these subjects, or of this stream, may be erased until the hold is lifted."""

    class Facts(DecidedFacts):
        ground: HoldGround = Field(description="on what ground")
        stream: Pseudonym | None = Field(default=None, description="the stream that it holds")
        subjects: SubjectMarks | None = Field(default=None, description="whom it holds")
        until: Day | None = Field(default=None, description="the last day, where it has one")


class LegalHoldLifted(Kind, name="legal-hold-lifted", about_a_person=False):
    """A legal hold ended."""

    class Facts(DecidedFacts):
        hold: EventId = Field(description="the hold")


class AgreementSigned(Kind, name="agreement-signed", about_a_person=False):
    """A body bound itself to an agreement, by its exact text: no body is bound otherwise."""

    class Facts(DecidedFacts):
        agreement: AgreementRef = Field(description="which")
        digest: Bytes32 = Field(description="SHA-256 of the agreement's registered bytes")
