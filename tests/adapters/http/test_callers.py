"""Nobody gets past the door without a token that holds, and nothing else is looked at before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.identity.tokens import EmbeddedIssuer
from services.identifiers import uuid7
from services.ports import Caller
from tests.http_rig import AUDIENCE, EVENTS, ISSUER, WHY, HttpRig, open_door, problem_in
from tests.hub_rig import HAVERING, NOW_MS

Headers = list[tuple[str, str | bytes]]
READER = Caller("havering", None, "analyst", "person-1")
ROUTES = [
    ("POST", EVENTS),
    ("GET", "/v1/factors"),
    ("GET", "/v1/themes/exploitation"),
    ("GET", "/v1/feeds"),
    ("GET", f"/v1/parts/havering/{uuid7(NOW_MS)}/2"),
    ("GET", "/v1/participants/havering/keys"),
]


@pytest.fixture(scope="module")
def door() -> Iterator[HttpRig]:
    """Give one served hub for all of these: nothing of them is recorded."""
    with open_door() as opened:
        yield opened


def refused(door: HttpRig, headers: Headers, code: str) -> None:
    """Check that every route refuses these headers for this reason, and records nothing."""
    sizes = door.rig.sizes()
    for method, path in ROUTES:
        answer = door.client.request(method, path, params=WHY, headers=list(_encoded(headers)))
        problem_in(answer, 401, code)
        challenge = answer.headers["www-authenticate"]
        assert challenge == (
            "Bearer" if code == "token-missing" else 'Bearer error="invalid_token"'
        )
    assert door.rig.sizes() == sizes


def _encoded(headers: Headers) -> Iterator[tuple[bytes, bytes]]:
    for name, value in headers:
        yield name.encode(), value if isinstance(value, bytes) else value.encode()


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer   ")],
        [("authorization", "Basic aGF2ZXJpbmc6aGF2ZXJpbmc=")],
        [("authorization", "Token abc")],
        [("x-authorization", "Bearer abc"), ("cookie", "authorization=Bearer abc")],
    ],
)
def test_a_token_is_needed_everywhere(door: HttpRig, headers: Headers) -> None:
    """401 on every route, whatever else is sent along."""
    refused(door, headers, "token-missing")


def test_two_tokens_are_none(door: HttpRig) -> None:
    """A proxy before the hub and the hub itself must not be able to read different ones."""
    good, bad = door.reading["authorization"], "Bearer x"
    for first, second in ((good, good), (bad, good), (good, bad)):
        refused(door, [("authorization", first), ("authorization", second)], "token-missing")


@pytest.mark.parametrize(
    ("spelled", "code"),
    [
        ("abc", "token-malformed"),
        ("{whole}{whole}{whole}{whole}{whole}{whole}{whole}{whole}{whole}", "token-malformed"),
        ("{whole} {whole}", "token-malformed"),
        ("{whole}.", "token-malformed"),
        ("\xe9{whole}", "token-malformed"),
        ("{signed}.", "token-signature"),
        ("{signed}.AAAA", "token-signature"),
        ("{signed}.AAAA{signature}", "token-signature"),
    ],
)
def test_a_token_that_was_not_issued_is_refused(door: HttpRig, spelled: str, code: str) -> None:
    """Malformed, overlong, altered or unsigned: 401 with the reason alone."""
    whole = door.token(READER)
    signed, _, signature = whole.rpartition(".")
    token = spelled.format(whole=whole, signed=signed, signature=signature)
    refused(door, [("authorization", f"Bearer {token}".encode("latin-1"))], code)


def test_a_token_of_another_issuer_or_audience_is_refused(door: HttpRig) -> None:
    """Signed by a key that is believed, but not for this hub; or by one that is not."""
    clock = door.rig.clock
    for issuer, audience, code in [
        ("urn:another:issuer", AUDIENCE, "token-issuer"),
        (ISSUER, "urn:another:hub", "token-audience"),
    ]:
        token = EmbeddedIssuer(bytes(range(1, 33)), issuer, audience, clock).mint(
            READER, life_seconds=60
        )
        refused(door, [("authorization", f"Bearer {token}")], code)
    stranger = EmbeddedIssuer(bytes(range(2, 34)), ISSUER, AUDIENCE, clock)
    token = stranger.mint(READER, life_seconds=60)
    refused(door, [("authorization", f"Bearer {token}")], "token-signature")


def test_a_token_ends(door: HttpRig) -> None:
    """It is good for its life and not a second longer; nor before it was issued."""
    token = door.token(READER, life_seconds=60)
    assert door.get("/v1/feeds").status_code == 200
    door.rig.clock.at_ms += 60_000
    refused(door, [("authorization", f"Bearer {token}")], "token-expired")
    door.rig.clock.at_ms -= 3 * 60_000
    refused(door, [("authorization", f"Bearer {token}")], "token-not-yet-valid")
    door.rig.clock.at_ms += 2 * 60_000


def test_who_is_not_known_is_told_of_nothing_else(door: HttpRig) -> None:
    """Neither what is wrong with a parameter, a content type or a body, nor that it is too big."""
    for method, path in ROUTES:
        for query in ({}, {"atomic": "maybe"}, {"agreement": "?"}):
            problem_in(door.client.request(method, path, params=query), 401, "token-missing")
    big = door.client.post(EVENTS, content=b"x" * 6_000_000, headers={"content-type": "text/plain"})
    problem_in(big, 401, "token-missing")
    problem_in(door.client.get("/v1/themes/NO-SUCH"), 401, "token-missing")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_known_in_any_case(door: HttpRig, scheme: str) -> None:
    """As RFC 9110 has it."""
    token = door.token(Caller("havering", HAVERING, None, "system"))
    headers = {"authorization": f"{scheme} {token}"}
    path = "/v1/participants/havering/keys"
    assert door.client.get(path, headers=headers).status_code == 200
