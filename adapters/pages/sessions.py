"""Who is signed in at which browser: short-lived, in this process's memory, and known by a cookie.

A cookie holds nothing but chance; what is kept here is its digest. A restart signs everybody out.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from services.ports import Caller, Clock

LIFE_S = 60 * 60
"""How long anyone stays signed in, whatever they do."""
SESSIONS_MAX = 1000

Redeem = Callable[[str], Caller]
"""Spends a sign-in link's token and gives whom it lets in; raises NotAuthorised, Unavailable."""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, and the token that its forms must carry."""

    caller: Caller
    csrf: str = field(repr=False)
    until_ms: int


def chance() -> str:
    """Give 256 bits that nobody can guess, as text."""
    return secrets.token_urlsafe(32)


def same(first: str, second: str) -> bool:
    """Compare secrets in constant time; an empty one is like no other."""
    return bool(first) and hmac.compare_digest(first.encode(), second.encode())


class Sessions:
    """The sessions of one process. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        """Begin with nobody."""
        self._clock = clock
        self._open: dict[bytes, Session] = {}
        self._lock = threading.Lock()

    def begin(self, caller: Caller) -> str:
        """Sign a caller in, and give the cookie's secret; of too many the oldest goes."""
        secret = chance()
        until = self._clock.now_ms() + LIFE_S * 1000
        with self._lock:
            self._open[_digest(secret)] = Session(caller, chance(), until)
            while len(self._open) > SESSIONS_MAX:
                del self._open[next(iter(self._open))]
        return secret

    def find(self, secret: str) -> Session | None:
        """Give the session of a cookie's secret; None once its time is over."""
        with self._lock:
            found = self._open.get(_digest(secret))
            if found is not None and found.until_ms <= self._clock.now_ms():
                del self._open[_digest(secret)]
                return None
            return found

    def end(self, secret: str) -> None:
        """Sign a browser out."""
        with self._lock:
            self._open.pop(_digest(secret), None)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
