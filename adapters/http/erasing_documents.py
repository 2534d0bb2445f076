"""What is sent and answered around decisions and erasures, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from domain.values import Bytes32, Day, EventId, Instant, LedgerName, ParticipantCode, Strict
from domain.vocabulary.codes import Slug
from domain.vocabulary.deciding import Signature
from domain.vocabulary.erasing import ErasureGround


class AnyAbout(Strict):
    """What is decided, by the decision's kind (`bhr sign` makes each)."""

    model_config = ConfigDict(extra="allow")


class DecisionBody(Strict):
    """What a body decided."""

    about: AnyAbout
    body: ParticipantCode = Field(description="the body that decides")
    decided: Instant
    id: EventId = Field(description="the id of the event that will record it")
    kind: Literal["agreement", "erasure-approval", "legal-hold", "legal-hold-lift", "warrant"]
    office: Slug


class SignedDecisionFile(Strict):
    """A decision with the signature of the body's deciding key over its canonical JSON."""

    decision: DecisionBody
    key: Bytes32 = Field(description="fingerprint of that key")
    signature: Signature


class DecisionAnswer(Strict):
    """Where a decision stands."""

    again: bool = Field(description="it stood already")
    event: EventId
    kind: Slug = Field(description="the kind of event that records it")
    ledger: LedgerName


class ApprovalAnswer(Strict):
    """One body's signed approval."""

    body: ParticipantCode
    decision: EventId = Field(description="the id of the decision, and of the event that holds it")
    office: Slug


class CopiesAnswer(Strict):
    """Parts that a recipient had fetched, and of how many it said what became of them."""

    confirmed: Annotated[int, Field(ge=0)]
    fetched: Annotated[int, Field(ge=1)]
    participant: ParticipantCode


class ErasureAnswer(Strict):
    """How far a request for erasure is."""

    approvals: tuple[ApprovalAnswer, ...]
    by_office: Slug
    by_participant: ParticipantCode
    controller: ParticipantCode
    destroyed: Instant | SkipJsonSchema[None] = Field(
        default=None, description="when the keys were destroyed"
    )
    ground: ErasureGround
    held_by: tuple[ParticipantCode, ...] = Field(description="whose legal holds stand against it")
    lapses: Day | SkipJsonSchema[None] = Field(
        default=None, description="the last day on which a backup may hold the keys"
    )
    ledger: LedgerName
    recipients: tuple[CopiesAnswer, ...] = Field(
        description="who holds copies: all of them to the controller, its own to a recipient"
    )
    recorded: Instant
    request: EventId
    state: Literal["approved", "destroyed", "held", "requested", "waiting"]
    statement: Bytes32 = Field(description="the request's statement digest: an approval signs it")
    subjects: Annotated[int, Field(ge=1)]
    waiting_until: Instant = Field(
        description="nothing is destroyed before, by the request and by what was agreed"
    )


class ErasuresAnswer(Strict):
    """The erasures that concern a body."""

    erasures: tuple[ErasureAnswer, ...]
    participant: ParticipantCode
