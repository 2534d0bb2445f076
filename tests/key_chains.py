"""Bodies' lists of keys in which one key follows another, as tests make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.keys.ceremony import body_keys
from adapters.keys.key_list import Replacing, Voice, next_list
from adapters.keys.signing import Ed25519Signer
from domain.reference.body_keys import BodyKeys, KeyPurpose, fingerprint, signs_for
from domain.reference.documents import read_as
from domain.values import to_text
from services.rotating import Reason

TODAY = "2025-06-15"
BOTH: tuple[KeyPurpose, ...] = ("recipient", "signing")


@dataclass(frozen=True)
class Body:
    """A body with a signing key and a recipient key, by the seeds of each in their order."""

    name: str = "havering"

    def signer(self, number: int) -> Ed25519Signer:
        """Give the signing key of a number."""
        return Ed25519Signer(f"{self.name} {number}".encode().ljust(32, b".")[:32])

    def public(self, purpose: KeyPurpose, number: int) -> bytes:
        """Give the public key of a purpose and number."""
        if purpose == "recipient":
            return f"{self.name} {number}".encode().ljust(1216, b".")
        return self.signer(number).public

    def mark(self, purpose: KeyPurpose, number: int) -> bytes:
        """Give its fingerprint."""
        return fingerprint(purpose, self.public(purpose, number))

    def first(self) -> BodyKeys:
        """Give the first list: key 0 of each purpose."""
        listed = [(one, self.public(one, 0)) for one in BOTH]
        return read_as(BodyKeys, body_keys(self.name, listed, effective_from="2020-01-01"))

    def replacing(
        self, purpose: KeyPurpose, number: int, signers: Mapping[KeyPurpose, int] | None = None
    ) -> Replacing:
        """Give key `number` in the place of the one before it."""
        spoken = signs_for(purpose)
        signer = self.signer((signers or {}).get(spoken, number - 1))
        voice = Voice(to_text(fingerprint(spoken, signer.public)), signer.sign)
        before, after = (self.public(purpose, one) for one in (number - 1, number))
        return Replacing(purpose, before, after, voice)

    def rotated(self, before: BodyKeys, number: int, reason: Reason = "due") -> BodyKeys:
        """Give the next list: key `number` of each purpose follows the one before."""
        replacing = [self.replacing(one, number) for one in BOTH]
        raw = next_list(before, replacing, reason, today=TODAY)
        assert raw is not None
        return read_as(BodyKeys, raw)
