"""Whom a home believes: the clock, its trust file, and the issuer of tokens."""

from __future__ import annotations

import time

from adapters.identity.issuer_keys import issuer_keys
from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from adapters.identity.trust_file import TrustFile
from adapters.keys.sealed_file import open_sealed
from adapters.settings import BoroughHome, HubHome, borough_home, configured_issuer, hub_home
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from services.ports import Clock, Identity

ISSUER = "urn:bhr:embedded-issuer"
AUDIENCE = "urn:bhr:hub"
SIGN_IN = "urn:bhr:hub:sign-in"
"""What sign-in links are for: no other door takes them, and theirs takes nothing else."""


class WallClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Give the wall-clock time."""
        return time.time_ns() // 1_000_000


def embedded_issuer(secret: bytes, clock: Clock) -> EmbeddedIssuer:
    """Give the embedded issuer over its opened key."""
    return EmbeddedIssuer(secret, ISSUER, AUDIENCE, clock)


def open_issuer(
    home: HubHome, passphrase: str, *, audience: str = AUDIENCE, clock: Clock | None = None
) -> EmbeddedIssuer:
    """Open the embedded issuer alone; refused where an identity provider is configured."""
    if configured_issuer() is not None:
        raise HomeNotReady("an identity provider is configured: ask it for tokens")
    secret = open_sealed(
        home.key_file("token-issuer"), passphrase, purpose="token-issuer", owner=PARTNERSHIP
    )
    return EmbeddedIssuer(secret, ISSUER, audience, clock or WallClock())


def trust_file(borough: str | None) -> TrustFile:
    """Open a borough's trust file, or the hub's."""
    home: BoroughHome | HubHome = borough_home(borough) if borough else hub_home()
    return TrustFile(home.trust)


def identity(issuer: EmbeddedIssuer, clock: Clock) -> Identity:
    """Believe the configured identity provider alone; without one, the embedded issuer."""
    said = configured_issuer()
    if said is None:
        return TokenVerifier(ISSUER, AUDIENCE, keys=issuer.keys, clock=clock)
    return TokenVerifier(said.issuer, said.audience, keys=issuer_keys(said.keys), clock=clock)
