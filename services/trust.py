"""What this body was told, outside the hub, about other bodies' keys; it believes nothing else.

A later key is signed by its predecessor: a key is believed when its fingerprint was given, or when
its chain of predecessors, each signed for as `domain.reference.body_keys` says, starts at one that
was. What a list says counts only as far as signatures hold, whoever hands it out.

Belief can be taken back from an instant on. What was recorded before stays believed; nothing of
later is, nor any key that is believed by such a key alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from domain.reference.body_keys import (
    KeyPurpose,
    PublicKey,
    fingerprint_text,
    signs_for,
    successor_bytes,
)
from domain.values import to_bytes, to_text
from services.ports import Verify

FOREVER: Final = 2**63 - 1
"""Until when a key is believed of which belief was never taken back, in milliseconds."""
NOW: Final = FOREVER - 1
"""As of now, after every taking back: what is asked of whatever is new."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """One fingerprint that somebody read out over the telephone, and who typed it in."""

    participant: str
    purpose: KeyPurpose
    fingerprint: bytes
    until_ms: int = FOREVER
    """From when on nothing that it signed is believed."""


class Given(Protocol):
    """Fingerprints that were given by other means."""

    def entries(self) -> tuple[Vouched, ...]:
        """Give everything that is vouched for, or was."""
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
        """Give the key of a fingerprint, if it is listed and believed now."""
        key, until_ms = self.known(participant, keys, purpose, mark)
        return key if until_ms == FOREVER else None

    def known(
        self, participant: str, keys: Sequence[PublicKey], purpose: KeyPurpose, mark: bytes
    ) -> tuple[PublicKey | None, int]:
        """Give the key of a fingerprint, and until when what is recorded of it is believed.

        None and 0 where it is not listed or never was believed.
        """
        wanted = (purpose, to_text(mark))
        found: tuple[PublicKey | None, int] = (None, 0)
        for at, key in enumerate(keys):
            if (key.purpose, key.fingerprint) == wanted:
                until_ms = self._until(participant, keys[:at], key)
                found = (key, until_ms) if until_ms > found[1] else found
        return found

    def vouches(self, participant: str, purpose: KeyPurpose, mark: bytes) -> bool:
        """Say whether this very fingerprint was given and stands, whatever is listed."""
        return self._given(participant, purpose, mark) == FOREVER

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
                if follows and self._until(participant, keys[:at], key) == FOREVER:
                    last = key
        return last

    def _given(self, participant: str, purpose: KeyPurpose, mark: bytes) -> int:
        wanted = (participant, purpose, mark)
        return max(
            (
                one.until_ms
                for one in self._trust.entries()
                if (one.participant, one.purpose, one.fingerprint) == wanted
            ),
            default=0,
        )

    def _until(self, participant: str, before: Sequence[PublicKey], key: PublicKey) -> int:
        """Say until when a key is believed: as it was given, or as those before it are."""
        if fingerprint_text(key.purpose, key.public) != key.fingerprint:
            return 0
        given = self._given(participant, key.purpose, to_bytes(key.fingerprint))
        return given if given == FOREVER else max(given, self._follows(participant, before, key))

    def _follows(self, participant: str, before: Sequence[PublicKey], key: PublicKey) -> int:
        """Say until when a key is believed by those before it; 0 where they did not sign for it."""
        link = key.follows
        if link is None:
            return 0
        replaced, first = self.known(participant, before, key.purpose, to_bytes(link.replaces))
        signer, second = self.known(
            participant, before, signs_for(key.purpose), to_bytes(link.signed_by)
        )
        if replaced is None or signer is None:
            return 0
        if signs_for(key.purpose) == key.purpose and signer != replaced:
            return 0
        message = successor_bytes(
            participant,
            key.purpose,
            link.reason,
            replaces=to_bytes(link.replaces),
            successor=to_bytes(key.fingerprint),
        )
        holds = self._verify(to_bytes(signer.public), to_bytes(link.signature), message)
        return min(first, second) if holds else 0
