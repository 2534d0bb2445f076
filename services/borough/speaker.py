"""Who a client speaks for, with which keys, and by which means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from services.borough.linkage import LinkageKey
from services.client_ports import Wait
from services.erasing_ports import ErasingStore, Fences
from services.ports import Cipher, Clock, Encapsulation, HubDoor, Signer, Verify
from services.trust import Trust


@dataclass(frozen=True, slots=True)
class Speaker:
    """One source of one participant, and what its drafts are published under.

    `hub` is the participant whose key signs acknowledgements.
    """

    participant: str
    source: str
    ledger: str
    controller: str
    agreement: str
    purpose: str
    hub: str = PARTNERSHIP

    def recipients(self, beside: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Give who can open a restricted part, sorted: the controller, and those named beside."""
        return tuple(sorted({self.controller, *beside}))


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A key pair that parts are sealed to."""

    public: bytes
    private: bytes = field(repr=False)

    def fingerprint(self) -> bytes:
        """Give its 32-byte fingerprint."""
        return fingerprint("recipient", self.public)


@dataclass(frozen=True, slots=True)
class BoroughKeys:
    """The borough's keys, opened. `own` are recipient keys, the newest first.

    `digests` is the key of what is remembered of published facts; `linkage` holds this year's key
    and, if it is held, last year's.
    """

    signer: Signer
    own: tuple[RecipientKey, ...]
    digests: bytes = field(repr=False)
    linkage: tuple[LinkageKey, ...] = ()

    def signing_fingerprint(self) -> bytes:
        """Give the fingerprint of the signing key."""
        return fingerprint("signing", self.signer.public)

    def private(self) -> Mapping[bytes, bytes]:
        """Give the private recipient keys by fingerprint."""
        return {key.fingerprint(): key.private for key in self.own}


@dataclass(frozen=True, slots=True)
class Means:
    """The cryptography, the clock and the patience of whoever runs the client."""

    cipher: Cipher
    encapsulation: Encapsulation
    verify: Verify
    clock: Clock
    wait: Wait


@dataclass(frozen=True, slots=True)
class Reach:
    """The borough's own store with the fences beside it, its trust file, its door to the hub."""

    store: ErasingStore
    trust: Trust
    door: HubDoor
    fences: Fences
