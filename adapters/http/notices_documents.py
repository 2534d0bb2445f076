"""What is answered to who asks for notices, and what confirms one, as the OpenAPI shows it."""

from __future__ import annotations

from pydantic import Field

from domain.values import EventId, Instant, LedgerName, ParticipantCode, Strict
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.erasing import ErasureConfirmed
from services.notices import WAITING_MAX
from services.noticing import What


class NoticeAnswer(Strict):
    """One thing to be told of one part, until it is confirmed."""

    because: EventId = Field(
        description="the withdrawal, the restriction, or the erasure that was carried out"
    )
    event: EventId
    fetched: bool = Field(description="the body fetched the part, so it holds a copy")
    ledger: LedgerName
    part: PartNumber
    recorded: Instant
    what: What


class NoticesAnswer(Strict):
    """A body's notices, in the order in which they came."""

    notices: tuple[NoticeAnswer, ...]
    participant: ParticipantCode


class WaitingPart(Strict):
    """One part that is there to be fetched (`GET /v1/parts/{ledger}/{event}/{part}`)."""

    event: EventId
    ledger: LedgerName
    part: PartNumber


class WaitingAnswer(Strict):
    """Parts that wait for a body; who fetches them is given the next."""

    participant: ParticipantCode
    waiting: tuple[WaitingPart, ...] = Field(max_length=WAITING_MAX)


class Confirmation(ErasureConfirmed.Facts):
    """What became of a copy: the facts of `erasure-confirmed`, signed by the recipient."""


class ConfirmedAnswer(Strict):
    """That a confirmation stands."""

    again: bool = Field(description="it stood already")
