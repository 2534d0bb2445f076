"""What is sent and answered around decisions and erasures, as the OpenAPI shows it."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from domain.values import Bytes32, EventId, Instant, LedgerName, ParticipantCode, Strict
from domain.vocabulary.codes import Slug
from domain.vocabulary.deciding import Signature


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
