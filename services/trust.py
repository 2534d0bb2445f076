"""What this body was told, outside the hub, about other bodies' keys; it believes nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.reference.body_keys import KeyPurpose


@dataclass(frozen=True, slots=True)
class Vouched:
    """One fingerprint that somebody read out over the telephone, and who typed it in."""

    participant: str
    purpose: KeyPurpose
    fingerprint: bytes


class Trust(Protocol):
    """Our own trust file."""

    def vouches(self, participant: str, purpose: KeyPurpose, fingerprint: bytes) -> bool:
        """Say whether this very fingerprint was given for this body and purpose."""
        ...

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint, durably."""
        ...

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for."""
        ...
