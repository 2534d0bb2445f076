r"""What a participant is told in its own topic: releases, changes of the register, what waits.

A message is a CloudEvent of the hub's as JSON. None has anything in it that was published about
anybody: of a part that waits it says in which ledger, and the hub says to its recipient which. A
release is given whole, since small numbers are hidden in it; live figures never are.

    id := UUIDv5(ours, ledger "/" position "/" id of the entry "/" who is told)

It is the same however often something is told, and says nothing of the entry to who knows it not.
"""

from __future__ import annotations

import uuid
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from domain.reference.documents import LARGEST
from domain.reference.releases import Release
from domain.values import (
    AgreementRef,
    Bytes32,
    Day,
    Instant,
    LedgerName,
    ParticipantCode,
    Strict,
)
from domain.vocabulary.codes import Slug
from domain.vocabulary.hub import OWN_SOURCE
from domain.vocabulary.offices import Purposes

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
TOLD_KEPT_DAYS = 30
"""How long a topic keeps what a participant was told, and a day at most beyond."""
TOLD_BYTES_MAX = LARGEST + 4_096
"""Of a message: a release as large as a document may be, and what stands around it."""
_NAMESPACE = uuid.UUID("5c1f0f0e-6c0e-5d0b-8a43-0f3c9f7f3a52")

Waiting = Literal["erased", "part", "withdrawn"]
"""`part`: a sealed part is addressed to you; `GET /v1/waiting` says which. `withdrawn`, `erased`: a
part that was is taken back, or is erased and you had fetched it: the hub waits to hear what became
of your copy; `GET /v1/notices` says of which."""
MessageId = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
    ),
]


class Told(Strict):
    """What every message has."""

    datacontenttype: Literal["application/json"]
    id: MessageId = Field(description="the same however often this is told")
    source: Literal["/participants/bhr/hub"]
    specversion: Literal["1.0"]
    subject: ParticipantCode = Field(description="who is told")
    time: Instant = Field(description="when the ledger recorded what is told")


class ReleaseIssued(Strict):
    """A release, whole: the digest is of its canonical bytes."""

    digest: Bytes32
    release: Release


class ReleaseTold(Told):
    """A release was published; told to bodies whose offices may read releases."""

    data: ReleaseIssued
    type: Literal["uk.bhr.told.release-published.v1"]


class DocumentRegistered(Strict):
    """A reference document, by its digest; the hub has its bytes."""

    digest: Bytes32
    document: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]{0,62}$")]
    effective_from: Day
    name: Slug
    version: Annotated[int, Field(ge=1, le=999_999)]


class DocumentTold(Told):
    """A reference document was registered; an agreement is told to its parties."""

    data: DocumentRegistered
    type: Literal["uk.bhr.told.document-registered.v1"]


class AgreementBound(Strict):
    """Who signed which agreement."""

    agreement: AgreementRef
    by_participant: ParticipantCode


class SignedTold(Told):
    """A body signed an agreement; told to its parties."""

    data: AgreementBound
    type: Literal["uk.bhr.told.agreement-signed.v1"]


class AgreementStopped(AgreementBound):
    """Who stopped which agreement, and from when on."""

    effective_from: Instant


class SuspendedTold(Told):
    """A body stopped an agreement; told to its parties."""

    data: AgreementStopped
    type: Literal["uk.bhr.told.agreement-suspended.v1"]


class RightGiven(Strict):
    """A right to read that an office has from a day on."""

    effective_from: Day
    effective_until: Day | None = None
    office: Slug
    purposes: Purposes
    right: Literal["audit", "live", "released"]


class GrantedTold(Told):
    """One of the body's offices was given a right to read."""

    data: RightGiven
    type: Literal["uk.bhr.told.right-granted.v1"]


class RightEnded(Strict):
    """A right to read that an office has no longer after a day."""

    effective_until: Day
    office: Slug
    right: Literal["audit", "live", "released"]


class RemovedTold(Told):
    """One of the body's offices lost a right to read."""

    data: RightEnded
    type: Literal["uk.bhr.told.right-removed.v1"]


class Waits(Strict):
    """What waits, and in which ledger; which part it is the hub says to its recipient alone."""

    ledger: LedgerName
    what: Waiting


class WaitingTold(Told):
    """Something waits for the body at the hub."""

    data: Waits
    type: Literal["uk.bhr.told.waiting.v1"]


KINDS: tuple[type[Told], ...] = (
    DocumentTold,
    GrantedTold,
    ReleaseTold,
    RemovedTold,
    SignedTold,
    SuspendedTold,
    WaitingTold,
)


def type_of(kind: type[Told]) -> str:
    """Give a kind of message as its `type` names it."""
    [name] = get_args(kind.model_fields["type"].annotation)
    return str(name)


def message_id(ledger: str, position: int, entry: uuid.UUID, participant: str) -> uuid.UUID:
    """Give the id of what a participant is told of an entry of a ledger."""
    return uuid.uuid5(_NAMESPACE, f"{ledger}/{position}/{entry}/{participant}")


def told(kind: type[Told], mark: uuid.UUID, participant: str, time: str, data: Strict) -> Told:
    """Make a message of a kind."""
    return kind.model_validate(
        {
            "data": data,
            "datacontenttype": "application/json",
            "id": str(mark),
            "source": OWN_SOURCE,
            "specversion": "1.0",
            "subject": participant,
            "time": time,
            "type": type_of(kind),
        }
    )
