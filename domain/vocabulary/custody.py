"""Events of keys and of what they open: sessions, keys made, turned and destroyed."""
# ruff: noqa: D106 - the kind's own sentence says what its parts are of

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from domain.values import Bytes32, Day, EventId, LedgerName, ParticipantCode, Strict
from domain.vocabulary.codes import Slug
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
KeyClass = Literal[
    "body",
    "checkpoint",
    "key-encryption",
    "ledger",
    "recipient",
    "signing",
    "token-issuer",
    "witness",
]


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
        fenced: KeyIds = Field(description="tags of the names that are never given a key again")
        fence: Count = Field(description="the count of fences that this raises")
        key_class: Literal["stream", "subject"] = Field(description="what the keys opened")
        keys: KeyIds = Field(description="their ids, which say nothing of a person")
        lapses: Day = Field(description="the last day that a backup of the key store may hold them")
