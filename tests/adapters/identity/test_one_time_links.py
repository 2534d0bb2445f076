"""Sign-in links: each lets one browser in, once, whichever process is asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.identity.one_time_links import LIFE_SECONDS, OneTimeLinks
from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from domain.errors import HubError, NotAuthorised, Unavailable
from services.ports import Caller
from tests.hub_rig import SteppedClock

READER = Caller("havering", None, "director", "person-1")
SOURCE = Caller("havering", "/participants/havering/children-social-care", None, "system")
SEED = bytes(range(32))


class Desk:
    """An issuer of links, and several that redeem them in one home."""

    def __init__(self, home: Path) -> None:
        """Begin with nothing spent."""
        self.clock = SteppedClock()
        self.home = home
        self.issuer = EmbeddedIssuer(SEED, "urn:test", "urn:test:sign-in", self.clock)

    def links(self) -> OneTimeLinks:
        """Give another process's."""
        verifier = TokenVerifier(
            "urn:test", "urn:test:sign-in", keys=self.issuer.keys, clock=self.clock
        )
        return OneTimeLinks(verifier, self.home / "spent", self.clock)

    def token(self, caller: Caller = READER, jti: str = "one") -> str:
        """Mint a link's token."""
        return self.issuer.mint(caller, life_seconds=LIFE_SECONDS, jti=jti)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Give a desk."""
    return Desk(tmp_path)


def refused(redeem: Callable[[], Caller], reason: str) -> None:
    """Expect a refusal."""
    with pytest.raises(NotAuthorised) as caught:
        redeem()
    assert caught.value.reason == reason


def test_a_link_lets_in_once(desk: Desk) -> None:
    """The second time it is refused, in this process and in another, before and after a restart."""
    token = desk.token()
    links = desk.links()
    assert links.redeem(token) == READER
    refused(lambda: links.redeem(token), "token-spent")
    refused(lambda: desk.links().redeem(token), "token-spent")


def test_two_links_of_one_second_are_two(desk: Desk) -> None:
    """Each is spent by itself."""
    assert desk.links().redeem(desk.token(jti="one")) == READER
    assert desk.links().redeem(desk.token(jti="two")) == READER


def test_another_spelling_of_a_token_is_the_same_token(desk: Desk) -> None:
    """The unused bits of a signature's last letter make no new link of a spent one."""
    token = desk.token()
    assert desk.links().redeem(token) == READER
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in letters:
        with pytest.raises(HubError):
            desk.links().redeem(token[:-1] + letter)


def test_of_many_at_once_one_is_let_in(desk: Desk) -> None:
    """Sixteen browsers with one link: one is signed in."""
    token = desk.token()

    def attempt(_: int) -> bool:
        try:
            return desk.links().redeem(token) == READER
        except NotAuthorised:
            return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_an_old_link_lets_nobody_in(desk: Desk) -> None:
    """Ten minutes, and not a second more."""
    token = desk.token()
    desk.clock.at_ms += LIFE_SECONDS * 1000
    refused(lambda: desk.links().redeem(token), "token-expired")


def test_a_source_is_no_reader(desk: Desk) -> None:
    """A link for a publishing system opens no page."""
    refused(lambda: desk.links().redeem(desk.token(SOURCE)), "not-a-reading-token")


def test_a_token_of_the_api_is_no_link(desk: Desk) -> None:
    """Nor is a link a token of the API: each is for its own door."""
    other = EmbeddedIssuer(SEED, "urn:test", "urn:test:hub", desk.clock)
    minted = other.mint(READER, life_seconds=60)
    refused(lambda: desk.links().redeem(minted), "token-audience")
    api = TokenVerifier("urn:test", "urn:test:hub", keys=other.keys, clock=desk.clock)
    refused(lambda: api.caller(desk.token()), "token-audience")


def test_what_cannot_be_remembered_lets_nobody_in(desk: Desk) -> None:
    """A link that might open twice opens not at all."""
    (desk.home / "spent").write_text("no folder")
    with pytest.raises(Unavailable):
        desk.links().redeem(desk.token())


def test_nothing_that_was_sent_is_kept(desk: Desk) -> None:
    """The folder holds digests, and those that have expired long since are dropped."""
    token = desk.token()
    desk.links().redeem(token)
    (kept,) = (desk.home / "spent").iterdir()
    assert kept.stat().st_size == 0
    assert kept.name not in token
    assert kept.stat().st_mode & 0o077 == 0
    os.utime(kept, (0, 0))
    desk.links().redeem(desk.token(jti="two"))
    assert not kept.exists()
