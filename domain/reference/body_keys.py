r"""The public keys of one body, registered so that others can find them.

The register makes a key findable, never believable: whoever uses one compares its fingerprint with
the one it was given by other means (`bhr trust add`).

    fingerprint := SHA-256("bhr-recipient-key/v1\n" ‖ public key)
                   SHA-256("bhr-signing-key/v1\n" ‖ public key)             the hub's too
                   SHA-256("bhr-deciding-key/v1\n" ‖ public key)
                   SHA-256("bhr-witness-key/v1\n" ‖ public key)
                   SHA-256("bhr-checkpoint-key/v1\n" ‖ Ed25519[32] ‖ ML-DSA-44[1312])
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from domain.errors import Fault
from domain.reference.dated import Document, doubled, fault
from domain.values import Bytes32, ParticipantCode, Strict, to_bytes, to_text

KeyPurpose = Literal["checkpoint", "deciding", "hub", "recipient", "signing", "witness"]

_DOMAINS: Mapping[KeyPurpose, bytes] = {
    "checkpoint": b"bhr-checkpoint-key/v1\n",
    "deciding": b"bhr-deciding-key/v1\n",
    "hub": b"bhr-signing-key/v1\n",
    "recipient": b"bhr-recipient-key/v1\n",
    "signing": b"bhr-signing-key/v1\n",
    "witness": b"bhr-witness-key/v1\n",
}


class PublicKey(Strict):
    """One public key.

    `hub` is the key that the hub signs acknowledgements with, `checkpoint` the pair that it signs
    checkpoints with; `deciding` signs what a body decides, `witness` what its witness saw.
    """

    fingerprint: Bytes32
    public: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43,4000}$")]
    purpose: KeyPurpose


class BodyKeys(Document):
    """The public keys of one participant; a later version replaces an earlier one."""

    keys: Annotated[tuple[PublicKey, ...], Field(min_length=1, max_length=16)]
    kind: Literal["body-keys"]
    participant: ParticipantCode

    def rules(self) -> Iterator[Fault]:
        """Give a fault for every fingerprint that is not its key's own."""
        yield from super().rules()
        yield from doubled((key.fingerprint for key in self.keys), "keys.{}.fingerprint")
        for index, key in enumerate(self.keys):
            if fingerprint_text(key.purpose, key.public) != key.fingerprint:
                yield fault(f"keys.{index}.fingerprint", "of-another-key")

    def find(self, purpose: KeyPurpose, fingerprint: bytes) -> bytes | None:
        """Give a public key by its fingerprint."""
        wanted = to_text(fingerprint)
        found = (k for k in self.keys if k.purpose == purpose and k.fingerprint == wanted)
        return next((to_bytes(key.public) for key in found), None)


def fingerprint(purpose: KeyPurpose, public: bytes) -> bytes:
    """Give the 32 bytes by which bodies compare a key outside the hub."""
    return hashlib.sha256(_DOMAINS[purpose] + public).digest()


def fingerprint_text(purpose: KeyPurpose, public: str) -> str | None:
    """Give the fingerprint of a key in text form; None when that is not canonical base64url."""
    try:
        return to_text(fingerprint(purpose, to_bytes(public)))
    except ValueError:
        return None
