"""The key-encryption key of a hub's home, and what is left to do where it is being replaced.

`bhr keys rewrap` makes the successor's file first. From then on every process of the hub wraps
under the successor and unwraps by both (`adapters/keys/followed_key.py`); one of them, the command
or whoever opens the home after it was killed, does the work: the index key, the views' keys, the
mirror, the key store are wrapped anew; the hub records `key-rotated`; the successor's file takes
its place. Each of these steps may be the last before a crash, and each is done again without harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.custody import open_key_encryption
from adapters.assembly.key_stores import rewrap_index, rewrap_keys
from adapters.home_lock import home_lock, work_lock
from adapters.keys.ceremony import Ceremony, read_label
from adapters.keys.followed_key import FollowedKey
from adapters.keys.succession import Succession
from adapters.settings import HubHome
from adapters.views.generations import Generations
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from domain.values import to_bytes
from domain.vocabulary.custody import KeyRotated
from services.custody import KeyCustody
from services.hub_events import HubEvents
from services.key_ports import KeyEncryption
from services.ports import Ledger
from services.rewrapping import Change, Rewrapped
from services.rotating import Reason, is_recorded

_WHY = "key-encryption-next.why"
_REASONS: tuple[Reason, ...] = ("compromised", "due", "lost", "other")


@dataclass(frozen=True, slots=True)
class Wrapping:
    """The key-encryption key to use, while the home is held open."""

    encryption: FollowedKey
    rewrapped: Rewrapped | None
    """None where no successor stood, or another process is at it."""
    _home: HubHome
    _work: ExitStack

    def settle(self, custody: KeyCustody, book: Ledger, events: HubEvents) -> None:
        """Record that the key was replaced, and put the successor in use, where we did the work."""
        if self.rewrapped is None:
            return
        keys = _keys(self._home)
        before, after = read_label(keys.in_use), read_label(keys.successor)
        facts = KeyRotated.Facts(
            key=after.fingerprint,
            key_class="key-encryption",
            owner=PARTNERSHIP,
            reason=_reason(self._home.key_files / _WHY),
            replaces=before.fingerprint,
        )
        if not is_recorded(custody, book, to_bytes(after.fingerprint)):
            events.append(book.name, events.made(KeyRotated, facts, after.fingerprint))
        with self.encryption.alone():
            keys.finish()
        (self._home.key_files / _WHY).unlink(missing_ok=True)
        self._work.close()


@contextmanager
def wrapping(home: HubHome, passphrase: str, versions: str) -> Iterator[Wrapping]:
    """Open the key-encryption key, finishing what was begun and nobody is at.

    Raises HomeNotReady, NotOpened, Unavailable.
    """
    with home_lock(home.folder) as lock, ExitStack() as work:
        lock.share()
        key = _followed(home, passphrase)
        change = _taken_up(home, key, work)
        done = None
        if change is not None:
            Generations(home.views, versions, key).rewrap(change)
            done = rewrap_keys(home, change)
        yield Wrapping(key, done, home, work)


def _taken_up(home: HubHome, key: FollowedKey, work: ExitStack) -> Change | None:
    """Take the work up where it is begun and nobody is at it; nothing is under the old key since.

    Whoever opens the home waits here, so none finds store and mirror with index keys that differ.
    """
    keys = _keys(home)
    if not keys.successor.exists():
        return None
    with key.alone():
        if not keys.successor.exists() or not work.enter_context(work_lock(home.folder)):
            return None
        change = Change(key.opened(keys.in_use), key.opened(keys.successor))
        rewrap_index(home, change)
    return change


def begin_rewrap(home: HubHome, ceremony: Ceremony, reason: Reason) -> None:
    """Make the successor of the key-encryption key, unless one stands; raises HomeNotReady.

    From here on the work is done by whoever opens the home next.
    """
    with home_lock(home.folder) as lock, work_lock(home.folder) as ours:
        lock.share()
        if not ours:
            raise HomeNotReady("another process is wrapping every key anew: wait until it is done")
        keys = _keys(home)
        if not keys.successor.exists():
            (home.key_files / _WHY).write_text(reason, encoding="ascii")
        keys.begin(ceremony)


def to_read_by(home: HubHome, passphrase: str) -> KeyEncryption:
    """Open every key-encryption key that something may be wrapped under, to read alone."""
    return _followed(home, passphrase)


def _followed(home: HubHome, passphrase: str) -> FollowedKey:
    return FollowedKey(_keys(home), lambda path: open_key_encryption(path, passphrase))


def _keys(home: HubHome) -> Succession:
    return Succession(home.key_files, "key-encryption")


def _reason(noted: Path) -> Reason:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found = noted.read_text(encoding="ascii")
        return next((one for one in _REASONS if one == found), "other")
    return "other"
