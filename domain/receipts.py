"""What a publisher keeps to prove that its event stands in the log, and is what it sent.

    receipt    a `tlog-proof` (domain.tlog_proof), whose `extra` is the logged leaf
    statement  the bytes that were signed of the event (domain.statement)
    signed     the submission's ordered statement digests, and the publisher's signature over them

None of them holds a word of what was said, so they prove the same after everything was erased.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from domain.canonical import strict_json
from domain.errors import NotProven
from domain.values import Bytes32, EventId, LedgerName, SourceName, Strict

RECEIPT_BYTES_MAX = 1024 * 1024
_Octets = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=16_000)]


class SignedSubmission(Strict):
    """What a publisher signed of one submission."""

    digests: Annotated[tuple[Bytes32, ...], Field(min_length=1, max_length=5_000)] = Field(
        description="every event's statement digest, in order"
    )
    index: Annotated[int, Field(ge=0, le=65_535)] = Field(
        description="which of them is this event's"
    )
    signature: _Octets = Field(description="Ed25519, 64 bytes")
    source: SourceName
    submission: EventId


class Receipt(Strict):
    """That an event stands in the log, and that it is what its publisher signed."""

    event: EventId
    ledger: LedgerName
    receipt: Annotated[str, StringConstraints(max_length=256_000)] = Field(
        description="a `tlog-proof`, whose `extra` is the logged leaf"
    )
    signed: SignedSubmission | None = Field(description="null where no publisher signed")
    statement: _Octets | None = Field(
        description="the bytes whose SHA-256 is this event's digest; null where nobody signed"
    )


def read_receipt(raw: bytes) -> Receipt:
    """Read a receipt's file; raises NotProven for whatever is none."""
    if len(raw) > RECEIPT_BYTES_MAX:
        raise NotProven("too-long")
    try:
        strict_json(raw)
        return Receipt.model_validate_json(raw)
    except ValueError:  # pydantic's own is one of these
        raise NotProven("not-a-receipt") from None
