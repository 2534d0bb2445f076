"""The hub's signed answer, believed only when everything about it holds.

 1. it is a document of its shape
 2. the key that it names is one that our trust file vouches for, for the hub; its public half comes
    from the hub's directory and must have that very fingerprint
 3. its signature covers `domain.statement.acknowledged_bytes` of its canonical JSON
 4. it is the answer to this submission: ledger, source, submission, one entry for each event, in
    order, under the event's own id

Anything else raises NotTrusted and moves nothing: the same bytes are sent again later.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.acknowledgements import (
    Placed,
    Refused,
    SignedAcknowledgement,
    ToldFault,
    read_acknowledgement,
)
from domain.errors import Fault, NotProven, NotTrusted
from domain.statement import acknowledged_bytes
from domain.values import to_bytes
from services.borough.directory import KeyDirectory
from services.borough.problems import code_of, place_of
from services.borough.speaker import Speaker
from services.client_ports import Outgoing
from services.ports import Verify

_WHAT = "the acknowledgement"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What the hub says became of each event of one submission. `raw` are its very bytes."""

    raw: bytes
    recorded: tuple[uuid.UUID, ...]
    refused: Mapping[uuid.UUID, tuple[Fault, ...]]


class Acknowledgements:
    """Checks the hub's acknowledgements."""

    def __init__(self, speaker: Speaker, directory: KeyDirectory, verify: Verify) -> None:
        """Believe the hub's keys that `directory` finds trusted."""
        self._speaker = speaker
        self._directory = directory
        self._verify = verify

    def checked(self, raw: bytes, sent: Outgoing) -> Acknowledged:
        """Check an answer to what was sent; raises NotTrusted, and Unavailable without its key."""
        signed, inner = _read(raw)
        found = signed.acknowledgement
        public = self._directory.named(self._speaker.hub, "hub", to_bytes(found.key))
        message = acknowledged_bytes(inner)
        if not self._verify(public, to_bytes(signed.signature), message):
            raise NotTrusted(_WHAT)
        speaker = self._speaker
        expected = (speaker.ledger, speaker.source, str(sent.submission))
        if (found.ledger, found.source, found.submission) != expected:
            raise NotTrusted(_WHAT)
        pairs = tuple(zip(sent.events, found.events, strict=False))
        if len(found.events) != len(sent.events) or not all(_same(*pair) for pair in pairs):
            raise NotTrusted(_WHAT)
        return Acknowledged(
            raw,
            tuple(event for event, one in pairs if isinstance(one, Placed)),
            {
                event: tuple(_faults(at, one.faults))
                for at, (event, one) in enumerate(pairs)
                if isinstance(one, Refused)
            },
        )


def _read(raw: bytes) -> tuple[SignedAcknowledgement, bytes]:
    try:
        return read_acknowledgement(raw)
    except NotProven:
        raise NotTrusted(_WHAT) from None


def _same(event: uuid.UUID, told: Placed | Refused) -> bool:
    """Say whether an entry may be about an event: a refusal may leave out the id."""
    return told.id is None or told.id == str(event)


def _faults(at: int, told: Sequence[ToldFault]) -> Iterator[Fault]:
    for one in told:
        yield Fault(at, place_of(one.place), code_of(one.code))
