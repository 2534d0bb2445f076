"""Sessions: short, forgotten in time, and unknown to who reads the memory's keys."""

from __future__ import annotations

from adapters.pages.sessions import LIFE_S, SESSIONS_MAX, Sessions, same
from services.ports import Caller
from tests.hub_rig import SteppedClock

READER = Caller("havering", None, "director", "person-1")


def test_a_session_ends_by_itself() -> None:
    """An hour after it began, whatever was done in it."""
    clock = SteppedClock()
    sessions = Sessions(clock)
    secret = sessions.begin(READER)
    clock.at_ms += LIFE_S * 1000 - 1
    found = sessions.find(secret)
    assert found is not None
    assert found.caller == READER
    clock.at_ms += 1
    assert sessions.find(secret) is None


def test_signing_out_ends_it() -> None:
    """At once, and ending it again changes nothing."""
    sessions = Sessions(SteppedClock())
    secret = sessions.begin(READER)
    sessions.end(secret)
    sessions.end(secret)
    assert sessions.find(secret) is None


def test_each_session_has_secrets_of_its_own() -> None:
    """Neither the cookie nor the form's token is ever the same twice, nor one the other."""
    sessions = Sessions(SteppedClock())
    secrets = [sessions.begin(READER) for _ in range(50)]
    tokens = [found.csrf for one in secrets if (found := sessions.find(one))]
    assert len({*secrets, *tokens}) == 100
    assert all(
        token not in repr(sessions.find(one)) for one, token in zip(secrets, tokens, strict=True)
    )


def test_their_number_is_bounded() -> None:
    """Of too many the oldest goes, and nobody else."""
    sessions = Sessions(SteppedClock())
    secrets = [sessions.begin(READER) for _ in range(SESSIONS_MAX + 1)]
    assert sessions.find(secrets[0]) is None
    assert sessions.find(secrets[1]) is not None


def test_an_empty_secret_is_like_no_other() -> None:
    """A form without a token does not match a browser without a cookie."""
    assert not same("", "")
    assert same("a", "a")
    assert not same("a", "b")
    assert not same("ä", "a")
