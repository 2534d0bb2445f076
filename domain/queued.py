r"""A submission as it lies in a queue: sealed to the hub's intake key, so that no broker reads it.

    value   := HPKE(zlib(the submission's document)), as adapters/keys/encapsulation.py seals
    headers := bhr-key: fingerprint of the intake key[32]; bhr-manner: `atomic`, or `each`
    info    := "bhr-queued-submission/v1\n" ‖ suite ‖ "\n" ‖ ledger ‖ "\n" ‖ manner ‖ "\n" ‖ key[32]

What a header says is bound by the info, so that none can be changed, and no message is moved to
another ledger's queue. One message is one submission, of 1 MiB at most as it is sealed.

The intake key is published by the hub, signed by the key that signs acknowledgements:

    fingerprint := SHA-256("bhr-intake-key/v1\n" ‖ public key)
    signed      := "bhr-intake-key-published/v1\n" ‖ canonical JSON {hub_key, made, public}
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from domain.canonical import strict_json
from domain.errors import Fault, NotProven, SubmissionRefused
from domain.values import Bytes32, Instant, Strict, to_bytes
from domain.wire import BATCH_BYTES_MAX

SUITE = "ml-kem-768-x25519/hkdf-sha-256/aes-256-gcm"
KEY_HEADER = "bhr-key"
MANNER_HEADER = "bhr-manner"
MANNERS: Mapping[bool, bytes] = {True: b"atomic", False: b"each"}
MESSAGE_BYTES_MAX = 1 << 20
"""Of a sealed value; a client that has more to say sends it by HTTP."""
KEPT_DAYS = 7
"""How long a queue keeps a message, and a day at most beyond: it lets go of whole days."""
LETTERS_KEPT_DAYS = 30
"""The same of what was put away, still sealed."""


class IntakeKey(Strict):
    """The key to seal to from now on, and which of the hub's keys says so."""

    hub_key: Bytes32
    """The fingerprint of the hub's signing key."""
    made: Instant
    public: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1622}$")]

    def signed_bytes(self) -> bytes:
        """Give what the hub signs."""
        return b"bhr-intake-key-published/v1\n" + self.canonical()


class PublishedIntakeKey(Strict):
    """The answer of `GET /v1/intake-key`."""

    intake_key: IntakeKey
    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{86}$")]


def read_published(raw: bytes) -> PublishedIntakeKey:
    """Read what the hub publishes; raises NotProven for anything else."""
    try:
        strict_json(raw)
        return PublishedIntakeKey.model_validate_json(raw)
    except (ValueError, ValidationError):
        raise NotProven("intake-key-malformed") from None


def intake_fingerprint(public: bytes) -> bytes:
    """Give the 32 bytes by which an intake key is known."""
    return hashlib.sha256(b"bhr-intake-key/v1\n" + public).digest()


def sealing_info(ledger: str, key: bytes, *, atomic: bool) -> bytes:
    """Give what the sealing of a message is bound to."""
    head = f"bhr-queued-submission/v1\n{SUITE}\n{ledger}\n".encode()
    return head + MANNERS[atomic] + b"\n" + key


def headers_of(key: bytes, *, atomic: bool) -> dict[str, bytes]:
    """Give a message's headers."""
    return {KEY_HEADER: key, MANNER_HEADER: MANNERS[atomic]}


def is_atomic(headers: Mapping[str, bytes]) -> bool | None:
    """Say whether all or nothing was asked for; None where the headers do not say."""
    said = {manner: atomic for atomic, manner in MANNERS.items()}
    return said.get(headers.get(MANNER_HEADER, b""))


def packed(document: bytes) -> bytes:
    """Make a document smaller before it is sealed; afterwards nothing could."""
    return zlib.compress(document, 1)


def unpacked(raw: bytes) -> bytes:
    """Give the document again; raises SubmissionRefused for what is too large, or none."""
    unpacking = zlib.decompressobj()
    try:
        document = unpacking.decompress(raw, BATCH_BYTES_MAX + 1)
    except zlib.error:
        raise SubmissionRefused((Fault(-1, "", "not-packed"),)) from None
    if len(document) > BATCH_BYTES_MAX:
        raise SubmissionRefused((Fault(-1, "", "too-large"),))
    if not unpacking.eof or unpacking.unused_data:
        raise SubmissionRefused((Fault(-1, "", "not-packed"),))
    return document


def public_of(key: IntakeKey) -> bytes:
    """Give the public key's bytes; raises NotProven."""
    try:
        return to_bytes(key.public)
    except ValueError:
        raise NotProven("intake-key-malformed") from None
