"""The hub's signed answer to a submission, as whoever is given it reads it.

document := {"acknowledgement": {…}, "signature": base64url}
signed   := domain.statement.acknowledged_bytes(canonical JSON of the inner object)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from domain.canonical import canonical, strict_json
from domain.errors import NotProven
from domain.values import Bytes32, EventId, Instant, LedgerName, SourceName, Strict
from domain.wire import Signature


class Placed(Strict):
    """An event that stands, and where."""

    id: EventId
    outcome: Literal["recorded"]
    position: int
    recorded: Instant


class ToldFault(Strict):
    """One thing that the hub found wrong."""

    code: str
    place: str


class Refused(Strict):
    """An event that was refused, and why."""

    faults: tuple[ToldFault, ...]
    id: EventId | None = None
    outcome: Literal["refused"]


class Acknowledgement(Strict):
    """What became of each event of one submission, in order."""

    events: tuple[Placed | Refused, ...]
    key: Bytes32
    ledger: LedgerName
    source: SourceName
    submission: EventId


class SignedAcknowledgement(Strict):
    """The same with the hub's signature."""

    acknowledgement: Acknowledgement
    signature: Signature


def read_acknowledgement(raw: bytes) -> tuple[SignedAcknowledgement, bytes]:
    """Read an acknowledgement and the canonical bytes that its signature covers.

    Raises NotProven for whatever is none; nothing is believed of it yet.
    """
    try:
        document = strict_json(raw)
        signed = SignedAcknowledgement.model_validate_json(raw)
    except ValueError:
        raise NotProven("not-an-acknowledgement") from None
    inner = document["acknowledgement"] if isinstance(document, Mapping) else None
    return signed, canonical(inner)
