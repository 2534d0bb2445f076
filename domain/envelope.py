"""The envelope: CloudEvents 1.0 attributes and our extensions (catalogue §1).

The *header* is the CloudEvent without `data`: only what may stay for ever. `subject` is the
pseudonym of the stream; the pseudonyms of persons stand in their own shared parts.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field, StringConstraints

from domain.values import (
    AgreementRef,
    Bytes32,
    EventId,
    Instant,
    LaCode,
    Precision,
    Pseudonym,
    PurposeCode,
    Salt,
    Sealed,
    Sequence,
    SourceName,
    Strict,
)
from domain.vocabulary.parts import FactsPart, LinkageToken, RestrictedPart, Role, SharedPart

MOST_SUBJECTS = 31
"""A leaf names at most 64 parts: one of facts, and two for each subject."""

EventType = Annotated[
    str, StringConstraints(pattern=r"^uk\.bhr\.safeguarding\.[a-z][a-z0-9-]{0,62}\.v[1-9][0-9]?$")
]
SchemaRef = Annotated[
    str, StringConstraints(pattern=r"^urn:bhr:schema:[a-z][a-z0-9-]{0,62}:v[1-9][0-9]?$")
]

F = TypeVar("F", bound=FactsPart)
S = TypeVar("S", bound=SharedPart)
R = TypeVar("R", bound=RestrictedPart)


class Header(Strict):
    """What may stay for ever of one event."""

    agreement: AgreementRef = Field(description="the agreement that allows it, and its version")
    datacontenttype: Literal["application/json"]
    dataschema: SchemaRef = Field(description="the published schema of this type and version")
    id: EventId = Field(description="the event's own id, made by the source")
    incidentla: LaCode | None = Field(default=None, description="authority where it happened")
    precision: Precision = Field(description="how exactly the source knows the time")
    purpose: PurposeCode = Field(description="why it is shared; the agreement must name it")
    residencela: LaCode | None = Field(default=None, description="authority of residence")
    sealingsession: Bytes32 | None = Field(
        default=None, description="the session that the restricted parts are sealed in"
    )
    sequence: Sequence = Field(description="the source's own counter; gaps are listed")
    source: SourceName = Field(description="one system of one participant")
    specversion: Literal["1.0"]
    subject: Pseudonym = Field(description="the pseudonym of the stream")
    supersedes: EventId | None = Field(
        default=None, description="the event that this corrects or withdraws"
    )
    time: Instant = Field(description="when it happened")
    type: EventType = Field(description="the catalogue's name and version")

    def kind_name(self) -> str:
        """Give the catalogue's name without prefix and version."""
        return self.type.removeprefix("uk.bhr.safeguarding.").rsplit(".v", 1)[0]


class SubjectEntry(Strict, Generic[S]):
    """One person in an event; its canonical bytes are the *shared part* that is committed to."""

    linkage: tuple[LinkageToken, ...] = Field(default=(), max_length=8)
    pseudonym: Pseudonym
    role: Role
    shared: S


class PlainSubject(SubjectEntry[S], Generic[S, R]):
    """A person as a plain source sends it: the restricted part in the clear, to the hub."""

    restricted: R | None = None


class SealedPart(Strict):
    """A restricted part as its publisher sealed it; the hub checks shape and size alone."""

    commitment: Bytes32 = Field(description="HMAC-SHA-256(salt, part bytes); the salt is inside")
    envelope: Sealed = Field(description="nonce and AES-256-GCM ciphertext, base64url")
    recipients: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,62}$")], ...] = (
        Field(min_length=1, max_length=16, description="who can open it, sorted")
    )


class SignedSubject(SubjectEntry[S]):
    """A person as the borough's client sends it."""

    restricted: SealedPart | None = None
    salt: Salt


class Salts(Strict):
    """The salts of header and facts; each subject and each restricted part has its own."""

    facts: Salt
    header: Salt


class PlainData(Strict, Generic[F, S, R]):
    """`data` of a plain CloudEvent."""

    facts: F
    subjects: tuple[PlainSubject[S, R], ...] = Field(default=(), max_length=MOST_SUBJECTS)


class SignedData(Strict, Generic[F, S]):
    """`data` of an event inside a signed submission."""

    facts: F
    salts: Salts
    subjects: tuple[SignedSubject[S], ...] = Field(default=(), max_length=MOST_SUBJECTS)


class PlainEvent(Header, Generic[F, S, R]):
    """A CloudEvent as a plain source publishes it."""

    data: PlainData[F, S, R]


class SignedEvent(Header, Generic[F, S]):
    """A CloudEvent inside a signed submission."""

    data: SignedData[F, S]


_DATA = {"data"}
_BESIDE = {"restricted", "salt"}


def header_bytes(event: Header) -> bytes:
    """Give the canonical bytes of the header of any event: everything but `data`."""
    return event.canonical(without=_DATA)


def shared_bytes(entry: SubjectEntry[S]) -> bytes:
    """Give the canonical bytes of the shared part: the entry without salt and restricted part."""
    return entry.canonical(without=_BESIDE)
