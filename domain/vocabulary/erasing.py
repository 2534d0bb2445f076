"""Events around an erasure: asked for by a controller, told to recipients, confirmed by them."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from domain.values import Bytes32, EventId, Instant, LedgerName, ParticipantCode, Strict
from domain.vocabulary.codes import Slug
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.deciding import Signature, SubjectMarks
from domain.vocabulary.parts import FactsPart, Kind

ErasureGround = Literal["court-order", "mis-sent", "objection", "retention-ended"]


class ErasureRequested(Kind, name="erasure-requested"):
    """A controller asked that what is held of its subjects be erased."""

    class Facts(FactsPart):
        by_office: Slug = Field(description="the office that asked")
        by_participant: ParticipantCode = Field(description="the body that asked")
        ground: ErasureGround = Field(description="on what ground")
        marks: SubjectMarks = Field(
            description="its subjects, as holds name them: still known when the keys are gone"
        )
        waiting_until: Instant = Field(description="nothing is destroyed before")


class CopyOfPart(Strict):
    """One part that a recipient fetched."""

    event: EventId = Field(description="the event of the part")
    part: PartNumber = Field(description="the number of the part")


class ErasureNotified(Kind, name="erasure-notified", about_a_person=False):
    """A recipient was told that parts which it had fetched were erased, and is to say so."""

    class Facts(FactsPart):
        copies: Annotated[tuple[CopyOfPart, ...], Field(min_length=1, max_length=200)] = Field(
            description="what it fetched, in the order of the ledger"
        )
        erasure: EventId = Field(description="the request that was carried out")
        ledger: LedgerName = Field(description="where the parts were")
        participant: ParticipantCode = Field(description="the recipient")


class ErasureConfirmed(Kind, name="erasure-confirmed", about_a_person=False):
    """A recipient said what became of its copy of a part that was erased or taken back.

    It is the recipient's own word: signed with its signing key, over the other facts.
    """

    class Facts(FactsPart):
        because: EventId = Field(description="what was told: the request, or what took it back")
        by_participant: ParticipantCode = Field(description="the recipient")
        event: EventId = Field(description="the event of the part")
        key: Bytes32 = Field(description="fingerprint of the recipient's signing key")
        ledger: LedgerName = Field(description="where the event is")
        outcome: Literal["deleted", "in-own-record", "none-kept"] = Field(
            description="`in-own-record`: it is part of a record that the recipient controls itself"
        )
        part: PartNumber = Field(description="the number of the part")
        signature: Signature = Field(description="by that key, over the other facts")
