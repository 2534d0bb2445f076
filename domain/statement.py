r"""What a publisher's signature covers, and what the hub signs back, byte by byte.

    statement := "bhr-statement/v1\n" ‖ event id[16] ‖ header commitment[32] ‖ u8 parts ‖ part*
    part      := u8 number ‖ u8 class ‖ commitment[32] ‖ sealed?        (numbers ascend)
    sealed    := SHA-256(envelope)[32] ‖ recipient set[32]              (class 3 alone)
    recipient set   := SHA-256("bhr-recipients/v1\n" ‖ name ‖ "\n" …)   (names sorted)
    statement digest := SHA-256(statement)
    signed    := "bhr-submission/v1\n" ‖ ledger ‖ "\n" ‖ source ‖ "\n" ‖ submission id[16]
                 ‖ u32 count ‖ statement digest[32] × count
    acknowledged := "bhr-acknowledgement/v1\n" ‖ canonical JSON of the acknowledgement

One Ed25519 signature covers a batch; nobody can drop a recipient, swap an envelope, leave an event
out or put one in. Integers are big-endian.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple, Protocol

from domain.errors import NotProven
from domain.keyed import hmac_sha256


class PartClass(IntEnum):
    """The three classes of parts; the number is what leaf and statement hold."""

    FACTS = 1
    SHARED = 2
    RESTRICTED = 3


FACTS_NUMBER = 0
_FORMAT = b"bhr-statement/v1\n"


def shared_number(subject: int) -> int:
    """Give the part number of a subject's shared part."""
    return 1 + 2 * subject


def restricted_number(subject: int) -> int:
    """Give the part number of a subject's restricted part."""
    return 2 + 2 * subject


class Stated(Protocol):
    """Whatever knows what a statement says of one part."""

    @property
    def number(self) -> int:
        """Give the part's number."""
        ...

    @property
    def part_class(self) -> PartClass:
        """Give its class."""
        ...

    @property
    def commitment(self) -> bytes:
        """Give the commitment to its bytes."""
        ...

    @property
    def envelope_digest(self) -> bytes:
        """Give the digest of the envelope; asked of a restricted part alone, as is what follows."""
        ...

    @property
    def recipient_set(self) -> bytes:
        """Give whom it is sealed to."""
        ...


class StatedPart(NamedTuple):
    """What a statement says of one part, and no more."""

    number: int
    part_class: PartClass
    commitment: bytes
    envelope_digest: bytes = b""
    recipient_set: bytes = b""


def commit(salt: bytes, part: bytes) -> bytes:
    """Commit to part bytes under a random salt of 32 bytes."""
    return hmac_sha256(salt, part)


def recipient_set(recipients: Sequence[str]) -> bytes:
    """Name a set of recipients in 32 bytes."""
    return _recipient_set(tuple(sorted(recipients)))


@functools.lru_cache(maxsize=1024)  # every part of a session has the same
def _recipient_set(names: tuple[str, ...]) -> bytes:
    listed = "".join(f"{name}\n" for name in names)
    return hashlib.sha256(b"bhr-recipients/v1\n" + listed.encode()).digest()


def statement(event_id: bytes, header_commitment: bytes, parts: Sequence[Stated]) -> bytes:
    """Give the statement of one event; `event_id` is 16 bytes, parts in ascending number."""
    stated = [_FORMAT, event_id, header_commitment, bytes((len(parts),))]
    for part in parts:
        stated += (bytes((part.number, part.part_class)), part.commitment)
        if part.part_class is PartClass.RESTRICTED:
            stated += (part.envelope_digest, part.recipient_set)
    return b"".join(stated)


def read_statement(raw: bytes) -> tuple[bytes, bytes, tuple[StatedPart, ...]]:
    """Read a statement: event id, header commitment, parts. Raises NotProven for other bytes."""
    at = len(_FORMAT) + 16 + 32
    if not raw.startswith(_FORMAT) or len(raw) <= at:
        raise NotProven("statement-malformed")
    parts: list[StatedPart] = []
    count, rest = raw[at], raw[at + 1 :]
    for _ in range(count):
        restricted = rest[1:2] == bytes([PartClass.RESTRICTED])
        length = 34 + (64 if restricted else 0)
        part, rest = rest[:length], rest[length:]
        if len(part) != length or part[1] not in set(PartClass):
            raise NotProven("statement-malformed")
        fields = part[2:34], part[34:66], part[66:98]
        parts.append(StatedPart(part[0], PartClass(part[1]), *fields))
    event_id, commitment = raw[len(_FORMAT) : len(_FORMAT) + 16], raw[at - 32 : at]
    if rest or statement(event_id, commitment, parts) != raw:
        raise NotProven("statement-malformed")
    return event_id, commitment, tuple(parts)


def statement_digest(event_id: bytes, header_commitment: bytes, parts: Sequence[Stated]) -> bytes:
    """Give the digest by which an event is known to its publisher and to the ledger."""
    return hashlib.sha256(statement(event_id, header_commitment, parts)).digest()


def signed_bytes(
    ledger: str, source: str, submission: uuid.UUID, digests: Sequence[bytes]
) -> bytes:
    """Give the bytes that a submission's signature covers."""
    head = f"bhr-submission/v1\n{ledger}\n{source}\n".encode()
    return head + submission.bytes + len(digests).to_bytes(4, "big") + b"".join(digests)


def acknowledged_bytes(canonical_acknowledgement: bytes) -> bytes:
    """Give the bytes that the hub's signature on an acknowledgement covers."""
    return b"bhr-acknowledgement/v1\n" + canonical_acknowledgement
