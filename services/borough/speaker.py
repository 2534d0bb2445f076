"""Who a client speaks for, with which keys, and by which means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.reference.body_keys import fingerprint
from domain.reference.participants import PARTNERSHIP
from services.borough.linkage import LinkageKey
from services.client_ports import Wait
from services.copy_ports import Copies, PostingDoor
from services.erasing_ports import ErasingStore, Fences
from services.ports import Cipher, Clock, Encapsulation, Signer, Verify
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
    """The borough's keys, opened. `own` are recipient keys, the one in use first.

    `others` opens further recipient keys by fingerprint when they are asked for: those that were
    in use before, or will be. `digests` is the key of what is remembered of published facts;
    `linkage` holds this year's key and, if it is held, last year's.
    """

    signer: Signer
    own: tuple[RecipientKey, ...]
    digests: bytes = field(repr=False)
    linkage: tuple[LinkageKey, ...] = ()
    others: Mapping[bytes, bytes] = field(default_factory=dict, repr=False)

    def signing_fingerprint(self) -> bytes:
        """Give the fingerprint of the signing key."""
        return fingerprint("signing", self.signer.public)

    def private(self) -> Mapping[bytes, bytes]:
        """Give the private recipient keys by fingerprint."""
        return _Ring({key.fingerprint(): key.private for key in self.own}, self.others)


@dataclass(frozen=True, slots=True)
class _Ring(Mapping[bytes, bytes]):
    """Private keys by fingerprint; the others are opened only when one of them is asked for."""

    own: Mapping[bytes, bytes] = field(repr=False)
    others: Mapping[bytes, bytes] = field(repr=False)

    def __getitem__(self, mark: bytes) -> bytes:
        return self.own[mark] if mark in self.own else self.others[mark]

    def __iter__(self) -> Iterator[bytes]:
        return iter(dict.fromkeys([*self.own, *self.others]))

    def __len__(self) -> int:
        return len({*self.own, *self.others})


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
    """The borough's own store and what is beside it, its trust file, its door to the hub."""

    store: ErasingStore
    trust: Trust
    door: PostingDoor
    fences: Fences
    copies: Copies
