r"""The public keys of one body, registered so that others can find them.

The register makes a key findable, never believable: whoever uses one compares its fingerprint with
the one it was given by other means (`bhr trust add`).

    fingerprint := SHA-256("bhr-recipient-key/v1\n" ‖ public key)
                   SHA-256("bhr-signing-key/v1\n" ‖ public key)             the hub's too
                   SHA-256("bhr-deciding-key/v1\n" ‖ public key)
                   SHA-256("bhr-witness-key/v1\n" ‖ public key)
                   SHA-256("bhr-checkpoint-key/v1\n" ‖ Ed25519[32] ‖ ML-DSA-44[1312])

A later key is signed by its predecessor, so that whoever believes the one may believe the other; a
recipient key signs nothing, so the body's signing key signs for its successor:

    signed := "bhr-key-successor/v1\n" ‖ participant ‖ "\n" ‖ purpose ‖ "\n" ‖ reason ‖ "\n"
              ‖ fingerprint of the predecessor[32] ‖ fingerprint of the successor[32]

A checkpoint key signs for its successor with both of its keys: Ed25519[64] ‖ ML-DSA-44[2420].
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


KEYS_MAX = 64
"""Of one body, those that were replaced among them."""


class Succession(Strict):
    """Which key of the same purpose this one replaces, and the word of the one before."""

    reason: Literal["compromised", "due", "lost", "other"]
    replaces: Bytes32
    signature: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z0-9_-]{85}[AQgw]|[A-Za-z0-9_-]{3312})$")
    ]
    signed_by: Bytes32


class PublicKey(Strict):
    """One public key.

    `hub` is the key that the hub signs acknowledgements with, `checkpoint` the pair that it signs
    checkpoints with; `deciding` signs what a body decides, `witness` what its witness saw. Of a
    key that is withdrawn nothing new is taken; it is listed for what it did before.
    """

    fingerprint: Bytes32
    follows: Succession | None = None
    public: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43,4000}$")]
    purpose: KeyPurpose
    withdrawn: bool = False


class BodyKeys(Document):
    """The public keys of one participant; a later version replaces an earlier one."""

    keys: Annotated[tuple[PublicKey, ...], Field(min_length=1, max_length=KEYS_MAX)]
    kind: Literal["body-keys"]
    participant: ParticipantCode

    def rules(self) -> Iterator[Fault]:
        """Give a fault for each fingerprint that is not its key's own, and each broken chain."""
        yield from super().rules()
        yield from doubled((key.fingerprint for key in self.keys), "keys.{}.fingerprint")
        for index, key in enumerate(self.keys):
            if fingerprint_text(key.purpose, key.public) != key.fingerprint:
                yield fault(f"keys.{index}.fingerprint", "of-another-key")
            if key.follows is not None:
                yield from self._broken(index, key, key.follows)
        replaced = (key.follows.replaces if key.follows else None for key in self.keys)
        yield from doubled(replaced, "keys.{}.follows.replaces")

    def _broken(self, index: int, key: PublicKey, link: Succession) -> Iterator[Fault]:
        """A predecessor, and who signed for it, stand before their successor."""
        before = {(one.purpose, one.fingerprint) for one in self.keys[:index]}
        if (key.purpose, link.replaces) not in before:
            yield fault(f"keys.{index}.follows.replaces", "unknown")
        if (signs_for(key.purpose), link.signed_by) not in before:
            yield fault(f"keys.{index}.follows.signed_by", "unknown")

    def drops(self, before: BodyKeys) -> Iterator[Fault]:
        """Give a fault for each key that stood and stands no longer as it did, but withdrawn."""
        mine = {key.fingerprint: key for key in self.keys}
        for index, key in enumerate(before.keys):
            kept = mine.get(key.fingerprint)
            withdrawn = key.model_copy(update={"withdrawn": True})
            if kept not in (key, withdrawn):
                yield fault(f"keys.{index}", "dropped")

    def find(self, purpose: KeyPurpose, fingerprint: bytes) -> bytes | None:
        """Give a public key by its fingerprint."""
        wanted = to_text(fingerprint)
        found = (k for k in self.keys if k.purpose == purpose and k.fingerprint == wanted)
        return next((to_bytes(key.public) for key in found), None)


def signs_for(purpose: KeyPurpose) -> KeyPurpose:
    """Name the purpose of the key that signs for a successor: mostly its own predecessor."""
    return "signing" if purpose == "recipient" else purpose


def successor_bytes(
    participant: str, purpose: KeyPurpose, reason: str, *, replaces: bytes, successor: bytes
) -> bytes:
    """Give what is signed when one key, by its fingerprint, takes the place of another."""
    head = f"bhr-key-successor/v1\n{participant}\n{purpose}\n{reason}\n".encode()
    return head + replaces + successor


def fingerprint(purpose: KeyPurpose, public: bytes) -> bytes:
    """Give the 32 bytes by which bodies compare a key outside the hub."""
    return hashlib.sha256(_DOMAINS[purpose] + public).digest()


def fingerprint_text(purpose: KeyPurpose, public: str) -> str | None:
    """Give the fingerprint of a key in text form; None when that is not canonical base64url."""
    try:
        return to_text(fingerprint(purpose, to_bytes(public)))
    except ValueError:
        return None
