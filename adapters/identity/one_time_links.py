"""Sign-in links: a token that lets one browser in, once. For demonstrations and a single machine.

What is spent is remembered as an empty file named by the SHA-256 of the token's signed part, made
so that only one process can make it. A signature can be spelt in several ways, and the signed part
in one alone, so no second spelling of a token opens again. Losing the folder lets links of the last
ten minutes open once more; a thief of it learns nothing.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from adapters.identity.tokens import LEEWAY_SECONDS, LIFE_SECONDS_MAX
from domain.errors import NotAuthorised, Unavailable
from services.ports import Caller, Clock, Identity

LIFE_SECONDS: Final = 600
"""How long a link holds: the time to copy it into a browser."""


class OneTimeLinks:
    """Redeems tokens, each once, whichever process is asked."""

    def __init__(self, identity: Identity, spent: Path, clock: Clock) -> None:
        """Believe tokens that `identity` believes; remember in the folder `spent`."""
        self._identity = identity
        self._spent = spent
        self._clock = clock

    def redeem(self, token: str) -> Caller:
        """Spend a token, durably, and give whom it lets in; raises NotAuthorised, Unavailable.

        Reasons: those of a token, `token-spent`, and `not-a-reading-token` for one of a source.
        """
        caller = self._identity.caller(token)
        if caller.office is None:
            raise NotAuthorised("not-a-reading-token")
        name = hashlib.sha256(token.rpartition(".")[0].encode()).hexdigest()
        try:
            new = self._remembered(name)
        except OSError:
            raise Unavailable("the record of spent sign-in links") from None
        if not new:
            raise NotAuthorised("token-spent")
        return caller

    def _remembered(self, name: str) -> bool:
        """Remember a spent token, durably; gives whether nobody had before."""
        self._spent.mkdir(mode=0o700, exist_ok=True)
        self._forget()
        try:
            _made(self._spent / name)
        except FileExistsError:
            return False
        return True

    def _forget(self) -> None:
        """Drop what has expired long since: such a token opens nothing, spent or not."""
        oldest = self._clock.now_ms() / 1000 - LIFE_SECONDS_MAX - LEEWAY_SECONDS
        for path in self._spent.iterdir():
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def _made(path: Path) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
