"""Events of keys and of what they open: sessions, keys, warrants, holds and erasure."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from domain.values import Bytes32, Day, EventId, Instant, LedgerName, ParticipantCode, Strict
from domain.vocabulary.codes import Slug
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.order import ASCENDING, ascending, ascending_by
from domain.vocabulary.parts import Count, FactsPart, Kind

Encapsulation = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=1000, max_length=2400)
]
"""A session secret as HPKE sealed it to one recipient, base64url: about 1 168 bytes."""

PublicKey = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=43, max_length=4000)
]
"""A public key as base64url, by its algorithm."""

KeyIds = Annotated[
    tuple[Bytes32, ...],
    Field(min_length=1, max_length=256, json_schema_extra=ASCENDING),
    AfterValidator(ascending),
]
KeyClass = Literal["body", "key-encryption", "ledger", "recipient", "signing", "witness"]


class SessionRecipient(Strict):
    """One body that can open the parts of a session, and how it comes to the secret."""

    encapsulation: Encapsulation = Field(description="the secret, sealed to this recipient")
    key: Bytes32 = Field(description="fingerprint of the recipient's key")
    participant: ParticipantCode = Field(description="the recipient")


class SealingSessionOpened(Kind, name="sealing-session-opened", about_a_person=False):
    """A publisher opened a session: one secret, sealed to each of one set of recipients."""

    class Facts(FactsPart):
        recipients: Annotated[
            tuple[SessionRecipient, ...],
            Field(
                min_length=1,
                max_length=16,
                json_schema_extra={"uniqueItems": True, "x-ascending": "participant"},
            ),
            AfterValidator(ascending_by("participant")),
        ] = Field(description="who can open, one entry a body, in their names' order")
        session: Bytes32 = Field(description="the session's name, which other events give")
        suite: Literal["mlkem768-x25519+hkdf-sha256+aes-256-gcm"] = Field(
            description="the algorithms"
        )


class KeyCreated(Kind, name="key-created", about_a_person=False):
    """A key of a ledger or a body came into use."""

    class Facts(FactsPart):
        algorithm: Slug = Field(description="what it is used with")
        generation: Count | None = Field(
            default=None, description="of a ledger's key: how often it was turned within its year"
        )
        key: Bytes32 = Field(description="its fingerprint, or its id")
        key_class: KeyClass = Field(description="what it is for")
        ledger: LedgerName | None = Field(default=None, description="the ledger it seals, if any")
        owner: ParticipantCode = Field(description="the body whose it is")
        public: PublicKey | None = Field(default=None, description="its public half, if any")


class KeyRotated(Kind, name="key-rotated", about_a_person=False):
    """A key was replaced; what it sealed stays as it is."""

    class Facts(FactsPart):
        key: Bytes32 = Field(description="fingerprint of the new key")
        key_class: KeyClass = Field(description="what it is for")
        ledger: LedgerName | None = Field(default=None, description="the ledger it seals, if any")
        owner: ParticipantCode = Field(description="the body whose it is")
        reason: Literal["compromised", "due", "lost", "other"] = Field(description="why")
        replaces: Bytes32 = Field(description="fingerprint of the key before")


class KeyDestroyed(Kind, name="key-destroyed", about_a_person=False):
    """Keys are about to be destroyed: said first, so that nobody seals to them again."""

    class Facts(FactsPart):
        erasure: EventId | None = Field(default=None, description="the erasure that is carried out")
        fence: Count = Field(description="the count of fences that this raises")
        key_class: Literal["stream", "subject"] = Field(description="what the keys opened")
        keys: KeyIds = Field(description="their ids, which say nothing of a person")
        lapses: Day = Field(description="the last day that a backup of the key store may hold them")


class WarrantGranted(Kind, name="warrant-granted"):
    """A controller let an auditor see the parts it names, by a power, for a time."""

    cross_field_rules = ("data.facts.period_end is not before data.facts.period_start",)
    fewest_subjects = 0  # a warrant may be for a period, and name nobody

    class Facts(FactsPart):
        auditor: Slug = Field(description="who may see")
        by_office: Slug = Field(description="the office that granted it")
        by_participant: ParticipantCode = Field(description="the controller")
        expires: Instant = Field(description="until when")
        ledger: LedgerName = Field(description="where the parts are")
        period_end: Day = Field(description="the last day of events that it covers")
        period_start: Day = Field(description="the first day of events that it covers")
        power: Slug = Field(description="code of the power that the auditor acts under")

        @model_validator(mode="after")
        def _hold_together(self) -> Self:
            if self.period_end < self.period_start:
                raise ValueError("a period ends after it starts")
            return self


class ErasureRequested(Kind, name="erasure-requested"):
    """A body asked that what is held of its subjects be erased."""

    class Facts(FactsPart):
        by_office: Slug = Field(description="the office that asked")
        by_participant: ParticipantCode = Field(description="the body that asked")
        ground: Literal["court-order", "mis-sent", "objection", "retention-ended"] = Field(
            description="on what ground"
        )
        waiting_until: Instant = Field(description="nothing is destroyed before")


class ErasureApproved(Kind, name="erasure-approved"):
    """A body approved an erasure; two approvals of different bodies are needed."""

    fewest_subjects = 0  # the request says whom it is about

    class Facts(FactsPart):
        by_office: Slug = Field(description="the office that approved")
        by_participant: ParticipantCode = Field(description="the body that approved")
        request: EventId = Field(description="the request")


class ErasureConfirmed(Kind, name="erasure-confirmed", about_a_person=False):
    """A recipient said what became of its copy of a part that was erased or taken back."""

    class Facts(FactsPart):
        because: EventId = Field(description="what was told: the event that erased or took it back")
        by_participant: ParticipantCode = Field(description="the recipient")
        event: EventId = Field(description="the event of the part")
        ledger: LedgerName = Field(description="where the event is")
        outcome: Literal["deleted", "in-own-record", "none-kept"] = Field(
            description="`in-own-record`: it is part of a record that the recipient controls itself"
        )
        part: PartNumber = Field(description="the number of the part")


class LegalHoldSet(Kind, name="legal-hold-set"):
    """Nothing of these subjects, or of this stream, may be erased until the hold is lifted."""

    fewest_subjects = 0  # a hold may be on the stream that it stands in

    class Facts(FactsPart):
        by_office: Slug = Field(description="the office that set it")
        by_participant: ParticipantCode = Field(description="the body that set it")
        ground: Literal["court", "inquiry", "other", "police", "review"] = Field(
            description="on what ground"
        )
        until: Day | None = Field(default=None, description="the last day, where it has one")


class LegalHoldLifted(Kind, name="legal-hold-lifted"):
    """A legal hold ended."""

    fewest_subjects = 0  # the hold says whom it was about

    class Facts(FactsPart):
        by_office: Slug = Field(description="the office that lifted it")
        by_participant: ParticipantCode = Field(description="the body that lifted it")
        hold: EventId = Field(description="the hold")
