"""Opening what is addressed to this body, at its own desk.

The sealed part comes from the hub, which records that it was fetched. In order:

 1. the answer is about the ledger, event and part that were asked for
 2. the session's recipients name this body, with an encapsulation to a key of ours
 3. the encapsulation opens, bound to suite, ledger, source, session, recipient set and recipient
 4. the envelope opens, bound to ledger, event, part, session and recipient set
 5. the opened bytes are those that the leaf commits to; otherwise CommitmentDiffers, upon which the
    caller may publish `part-disputed`
 6. they are a restricted part of the event's kind

What this does not show is who sealed it: whoever knows a public key can seal to it. That the source
did is in the signature over the event's statement, which auditors check.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from domain.canonical import strict_json
from domain.envelope import EventType
from domain.errors import KeyMissing, NotOpened, Unavailable
from domain.values import (
    Bytes32,
    EventId,
    LedgerName,
    ParticipantCode,
    Sealed,
    SourceName,
    Strict,
    to_bytes,
)
from domain.vocabulary.catalogue import Catalogue
from domain.vocabulary.data_quality import PartNumber
from domain.vocabulary.hub import SessionRecipient
from domain.vocabulary.parts import RestrictedPart
from services.borough.problems import answered
from services.borough.sealing import (
    SUITE,
    PartPlace,
    SealedContent,
    SessionName,
    SessionSeal,
    session_info,
)
from services.borough.speaker import Means, Speaker
from services.hub_door import HubDoor


class _Session(Strict):
    id: Bytes32
    recipients: tuple[SessionRecipient, ...]
    source: SourceName
    suite: str


class _Fetched(Strict):
    """The answer of `GET /v1/parts/{ledger}/{event}/{number}`."""

    commitment: Bytes32
    envelope: Sealed
    event: EventId
    ledger: LedgerName
    part: int
    session: _Session
    type: EventType


class WaitingPart(Strict):
    """A part that waits at the hub for us to fetch it."""

    event: EventId
    ledger: LedgerName
    part: PartNumber


class _Waiting(Strict):
    """The answer of `GET /v1/waiting`."""

    participant: ParticipantCode
    waiting: tuple[WaitingPart, ...]


@dataclass(frozen=True, slots=True)
class PartAsked:
    """Which part is wanted, under which agreement and for which purpose."""

    ledger: str
    event: uuid.UUID
    number: int
    agreement: str
    purpose: str


@dataclass(frozen=True, slots=True)
class OpenedPart:
    """A restricted part as it was opened. `content` is canonical JSON, `part` what it says."""

    source: str
    kind: str
    content: bytes = field(repr=False)
    part: RestrictedPart = field(repr=False)


class PartOpening:
    """Fetches and opens parts that are addressed to one body."""

    def __init__(
        self, speaker: Speaker, private: Mapping[bytes, bytes], means: Means, catalogue: Catalogue
    ) -> None:
        """Use our private recipient keys, by fingerprint."""
        self._speaker = speaker
        self._private = private
        self._means = means
        self._catalogue = catalogue

    def open_part(self, door: HubDoor, asked: PartAsked) -> OpenedPart:
        """Fetch and open; raises NotFound, NotAuthorised, Unavailable, or one of NotOpened."""
        path = f"/v1/parts/{quote(asked.ledger)}/{asked.event}/{asked.number}"
        query = (("agreement", asked.agreement), ("purpose", asked.purpose))
        fetched = _read(answered(door.get(path, query), "part"))
        told = (fetched.ledger, fetched.event, fetched.part)
        if told != (asked.ledger, str(asked.event), asked.number):
            raise NotOpened(f"part {asked.number}")
        content = self._seal(fetched).open(
            PartPlace(asked.event, asked.number),
            SealedContent(to_bytes(fetched.envelope), to_bytes(fetched.commitment)),
        )
        kind = self._catalogue.kind(fetched.type)
        try:
            part = kind.Restricted.model_validate_json(content)
        except ValueError:
            raise NotOpened(f"part {asked.number}") from None
        return OpenedPart(fetched.session.source, kind.name, content, part)

    def waiting(self, door: HubDoor) -> tuple[WaitingPart, ...]:
        """Ask which parts wait for us; raises NotAuthorised or Unavailable."""
        body = answered(door.get("/v1/waiting"), "parts that wait")
        try:
            strict_json(body)
            return _Waiting.model_validate_json(body).waiting
        except ValueError:
            raise Unavailable("the hub's list of parts that wait") from None

    def _seal(self, fetched: _Fetched) -> SessionSeal:
        """Come to the session's secret by the encapsulation that is ours."""
        session = fetched.session
        if session.suite != SUITE:
            raise NotOpened("session of an unknown suite")
        recipients = tuple(sorted(one.participant for one in session.recipients))
        name = SessionName(fetched.ledger, session.source, to_bytes(session.id), recipients)
        ours = self._ours(session.recipients)
        private = self._private.get(to_bytes(ours.key))
        if private is None:
            raise KeyMissing("a session that is sealed to this body")
        info = session_info(name, self._speaker.participant)
        try:
            sealed = to_bytes(ours.encapsulation)
        except ValueError:
            raise NotOpened("session") from None
        secret = self._means.encapsulation.decapsulate(private, sealed, info)
        if secret is None:
            raise NotOpened("session")
        return SessionSeal(name, secret, self._means.cipher)

    def _ours(self, recipients: Sequence[SessionRecipient]) -> SessionRecipient:
        for one in recipients:
            if one.participant == self._speaker.participant:
                return one
        raise NotOpened("session that is not sealed to this body")


def _read(body: bytes) -> _Fetched:
    try:
        strict_json(body)
        return _Fetched.model_validate_json(body)
    except ValueError:
        raise Unavailable("the hub's answer for a part") from None
