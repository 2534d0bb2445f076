"""What is sent and answered at the HTTP door, as its OpenAPI shows it (views: `view_documents`).

Nothing is built from these: services write answers, and `domain.wire` reads what is sent. That both
keep to what is shown here is tested on every answer.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from domain.envelope import EventType, PlainEvent, SignedEvent
from domain.reference.body_keys import PublicKey
from domain.values import (
    Bytes32,
    EventId,
    Instant,
    LedgerName,
    ParticipantCode,
    Sealed,
    SourceName,
    Strict,
)
from domain.vocabulary.catalogue import STANDARD
from domain.vocabulary.hub import SessionRecipient
from domain.vocabulary.parts import FactsPart, RestrictedPart, SharedPart
from domain.wire import EVENTS_MAX, Signature, SubmissionHead

Known = Annotated[
    EventType,
    Field(json_schema_extra={"enum": sorted(kind.type_name() for kind in STANDARD.kinds)}),
]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9'-]{0,62}$")]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.()-]{0,200}$")]
Count = Annotated[int, Field(ge=0)]


# --- what is sent ---------------------------------------------------------------------------------


class AnyFacts(FactsPart):
    """The facts, as the schema that `dataschema` names has them (`bhr schema show NAME`)."""

    model_config = ConfigDict(extra="allow")


class AnyShared(SharedPart):
    """The shared part: these, and more that the schema that `dataschema` names has."""

    model_config = ConfigDict(extra="allow")


class AnyRestricted(RestrictedPart):
    """The restricted part: these, and more that the schema that `dataschema` names has."""

    model_config = ConfigDict(extra="allow")


class PlainCloudEvent(PlainEvent[AnyFacts, AnyShared, AnyRestricted]):
    """A CloudEvent of a source that is configured plain: the hub seals it at intake."""

    type: Known = Field(description="the catalogue's name and version")


class SignedCloudEvent(SignedEvent[AnyFacts, AnyShared]):
    """A CloudEvent in a signed submission: restricted parts sealed, and a salt with every part."""

    type: Known = Field(description="the catalogue's name and version")


class Submission(Strict):
    """One signed batch of one source."""

    events: tuple[SignedCloudEvent, ...] = Field(min_length=1, max_length=EVENTS_MAX)
    submission: SubmissionHead


# --- what is answered -----------------------------------------------------------------------------


class RecordedEvent(Strict):
    """An event that stands in its ledger."""

    id: EventId
    outcome: Literal["recorded"]
    position: Count = Field(description="its place in the ledger, from 0 on")
    recorded: Instant


class PlacedFault(Strict):
    """One thing that is wrong with one event."""

    code: Code
    place: Place = Field(description="a path of field names of ours")


class RefusedEvent(Strict):
    """An event that does not stand, and every reason."""

    faults: tuple[PlacedFault, ...]
    id: EventId | SkipJsonSchema[None] = Field(default=None, description="where it was one")
    outcome: Literal["refused"]


class AcknowledgedSubmission(Strict):
    """What became of a submission, event by event, in its order."""

    events: tuple[RecordedEvent | RefusedEvent, ...]
    key: Bytes32 = Field(description="fingerprint of the hub's signing key")
    ledger: LedgerName
    source: SourceName
    submission: EventId


class Acknowledgement(Strict):
    """The hub's signed answer; the signature covers the canonical JSON of the inner object."""

    acknowledgement: AcknowledgedSubmission
    signature: Signature


class FaultTold(PlacedFault):
    """One thing that is wrong: with an event by its index, or (-1) with the request itself."""

    event: Annotated[int, Field(ge=-1)]


class Problem(Strict):
    """A refusal (RFC 9457). It never holds a value that was sent."""

    acknowledgement: Acknowledgement | SkipJsonSchema[None] = Field(
        default=None, description="where events were judged and all of them refused"
    )
    faults: tuple[FaultTold, ...] | SkipJsonSchema[None] = Field(
        default=None, description="everything that is wrong, at once"
    )
    releases: Literal["/v1/releases"] | SkipJsonSchema[None] = Field(
        default=None, description="where to read instead, for who may read releases alone"
    )
    status: Annotated[int, Field(ge=400, le=599)]
    title: str
    type: Annotated[str, StringConstraints(pattern=r"^urn:bhr:problem:[a-z][a-z0-9'-]{0,62}$")]


class KeysAnswer(Strict):
    """A body's registered public keys: findable here, believable by their fingerprints alone."""

    keys: tuple[PublicKey, ...]
    participant: ParticipantCode


class FetchedSession(Strict):
    """The sealing session that the part is sealed in."""

    id: Bytes32
    recipients: tuple[SessionRecipient, ...]
    source: SourceName
    suite: str


class PartAnswer(Strict):
    """A restricted part, still sealed."""

    commitment: Bytes32
    envelope: Sealed
    event: EventId
    ledger: LedgerName
    part: Count
    session: FetchedSession
    type: EventType
