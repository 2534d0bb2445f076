"""What this body was told, outside the hub, about other bodies' keys; it believes nothing else.

A later key is signed by its predecessor: a key is believed when its fingerprint was given, or when
its chain of predecessors, each signed for as `domain.reference.body_keys` says, starts at one that
was. What a list says counts only as far as signatures hold, whoever hands it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.reference.body_keys import (
    KeyPurpose,
    PublicKey,
    fingerprint_text,
    signs_for,
    successor_bytes,
)
from domain.values import to_bytes, to_text
from services.ports import Verify


@dataclass(frozen=True, slots=True)
class Vouched:
    """One fingerprint that somebody read out over the telephone, and who typed it in."""

    participant: str
    purpose: KeyPurpose
    fingerprint: bytes


class Given(Protocol):
    """Fingerprints that were given by other means."""

    def vouches(self, participant: str, purpose: KeyPurpose, fingerprint: bytes) -> bool:
        """Say whether this very fingerprint was given for this body and purpose."""
        ...

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for."""
        ...


class Trust(Given, Protocol):
    """Our own trust file."""

    def add(self, vouched: Vouched) -> None:
        """Add a fingerprint, durably."""
        ...


class Belief:
    """Which keys of a list are believed; a list is in the order in which its keys came."""

    def __init__(self, trust: Given, verify: Verify) -> None:
        """Start at what `trust` was given."""
        self._trust = trust
        self._verify = verify

    def key(
        self, participant: str, keys: Sequence[PublicKey], purpose: KeyPurpose, mark: bytes
    ) -> PublicKey | None:
        """Give the key of a fingerprint, if it is listed and believed."""
        wanted = (purpose, to_text(mark))
        for at, key in enumerate(keys):
            named = (key.purpose, key.fingerprint) == wanted
            if named and self._holds(participant, keys[:at], key):
                return key
        return None

    def vouches(self, participant: str, purpose: KeyPurpose, mark: bytes) -> bool:
        """Say whether this very fingerprint was given, whatever is listed."""
        return self._trust.vouches(participant, purpose, mark)

    def newest(
        self, participant: str, keys: Sequence[PublicKey], purpose: KeyPurpose
    ) -> PublicKey | None:
        """Give the key to use: the last fingerprint given that is listed, or who followed it."""
        for given in reversed(self._trust.entries()):
            if (given.participant, given.purpose) == (participant, purpose):
                found = self.key(participant, keys, purpose, given.fingerprint)
                if found is not None:
                    return self._last_of_line(participant, keys, found)
        return None

    def _last_of_line(
        self, participant: str, keys: Sequence[PublicKey], first: PublicKey
    ) -> PublicKey:
        last = first
        for at, key in enumerate(keys):
            if key.purpose == last.purpose and key.follows is not None:
                follows = key.follows.replaces == last.fingerprint
                if follows and self._holds(participant, keys[:at], key):
                    last = key
        return last

    def _holds(self, participant: str, before: Sequence[PublicKey], key: PublicKey) -> bool:
        """Say whether a key is vouched for, or signed for by one before it that holds."""
        if fingerprint_text(key.purpose, key.public) != key.fingerprint:
            return False
        mark = to_bytes(key.fingerprint)
        if self._trust.vouches(participant, key.purpose, mark):
            return True
        link = key.follows
        if link is None:
            return False
        replaced = self.key(participant, before, key.purpose, to_bytes(link.replaces))
        signer = self.key(participant, before, signs_for(key.purpose), to_bytes(link.signed_by))
        if replaced is None or signer is None:
            return False
        if signs_for(key.purpose) == key.purpose and signer != replaced:
            return False
        message = successor_bytes(
            participant,
            key.purpose,
            link.reason,
            replaces=to_bytes(link.replaces),
            successor=mark,
        )
        return self._verify(to_bytes(signer.public), to_bytes(link.signature), message)
