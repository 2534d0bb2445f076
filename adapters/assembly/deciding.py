"""At a body's own machine: a decision is signed with the key that never leaves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from adapters.assembly.identities import WallClock
from adapters.keys.sealed_file import open_sealed
from adapters.keys.signing import Ed25519Signer
from adapters.settings import BoroughHome
from domain.decisions import Decision, sign, to_file
from domain.reference.body_keys import fingerprint
from services.acknowledging import instant
from services.identifiers import uuid7
from services.ports import Clock


@dataclass(frozen=True, slots=True)
class Heading:
    """What every decision begins with: whose it is, when it was taken, and its id."""

    body: str
    decided: str
    id: str
    office: str


def sign_decision(
    home: BoroughHome,
    passphrase: str,
    office: str,
    decide: Callable[[Heading], Decision],
    *,
    clock: Clock | None = None,
) -> bytes:
    """Give the file of a decision that `decide` makes; raises HomeNotReady, NotOpened."""
    now = (clock or WallClock()).now_ms()
    decision = decide(Heading(home.name, instant(now), str(uuid7(now)), office))
    secret = open_sealed(home.key_file("deciding"), passphrase, purpose="deciding", owner=home.name)
    signer = Ed25519Signer(secret)
    return to_file(sign(decision, fingerprint("deciding", signer.public), signer.sign))
