"""The embedded issuer: its tokens are taken, and it mints none that would not be."""

import json

import pytest

from adapters.identity.tokens import EmbeddedIssuer
from domain.errors import HomeNotReady, NotAuthorised
from domain.values import to_text
from services.ports import Caller
from tests.adapters.identity.hand_made_tokens import (
    AUDIENCE,
    ISSUER,
    KID,
    NOW,
    PRIVATE,
    PUBLIC,
    Clock,
    token,
    verifier,
)

THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
"""Of that key, as RFC 8037, appendix A.3, has it."""
SOURCE = Caller("havering", "/participants/havering/liquidlogic", None, "system-7")
OFFICE = Caller("havering", None, "analyst", "5f0c2a7e-1111-7abc-8def-0123456789ab")


def issuer(clock: Clock | None = None) -> EmbeddedIssuer:
    """Give the embedded issuer over the key of RFC 8037."""
    return EmbeddedIssuer(PRIVATE, ISSUER, AUDIENCE, clock or Clock())


@pytest.mark.parametrize("caller", [SOURCE, OFFICE])
def test_minted_tokens_are_taken(caller: Caller) -> None:
    """What the embedded issuer mints says who it is for, and lives as long as it was given."""
    clock = Clock(NOW + 0.9)
    minted = issuer(clock).mint(caller, life_seconds=60)
    hub = verifier(clock, issuer().keys)
    assert hub.caller(minted) == caller
    clock.seconds = NOW + 60
    with pytest.raises(NotAuthorised, match="token-expired"):
        hub.caller(minted)


def test_minted_vector() -> None:
    """The key is named by its RFC 7638 thumbprint, and the same token is minted every time."""
    assert issuer().keys == {THUMBPRINT: PUBLIC}
    head = {"alg": "Ed25519", "kid": THUMBPRINT, "typ": "at+jwt"}
    body = (
        b'{"aud":"bhr-hub","exp":1795000060,"iat":1795000000,"iss":"https://issuer.example",'
        b'"participant":"havering","source":"/participants/havering/liquidlogic","sub":"system-7"}'
    )
    compact = json.dumps(head, separators=(",", ":")).encode()
    assert issuer().mint(SOURCE, life_seconds=60) == token(compact, body)


@pytest.mark.parametrize(
    ("caller", "life_seconds"),
    [
        (Caller("havering", None, None, "person-1"), 60),
        (Caller("havering", SOURCE.source, "analyst", "person-1"), 60),
        (Caller("redbridge", SOURCE.source, None, "person-1"), 60),
        (Caller("havering", None, "analyst", "Jane Marker"), 60),
        (OFFICE, 0),
        (OFFICE, -5),
        (OFFICE, 86_401),
    ],
)
def test_mints_nothing_that_is_not_taken(caller: Caller, life_seconds: int) -> None:
    """A token that the hub would refuse is not minted."""
    with pytest.raises(NotAuthorised, match="token-claims"):
        issuer().mint(caller, life_seconds=life_seconds)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_have_32_bytes(length: int) -> None:
    """Keys of another length are refused when the hub starts, without being shown."""
    with pytest.raises(HomeNotReady) as public:
        verifier(keys={KID: b"M" * length})
    with pytest.raises(HomeNotReady) as private:
        EmbeddedIssuer(b"M" * length, ISSUER, AUDIENCE, Clock())
    assert "MM" not in f"{public.value!r}{private.value!r}"


def test_shows_no_key() -> None:
    """A repr of the issuer does not hold its key."""
    for secret in (PRIVATE.hex(), to_text(PRIVATE), repr(PRIVATE)):
        assert secret not in repr(issuer())
