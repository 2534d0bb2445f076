"""The key-encryption key of a hub's home, and what is left to do where it is being replaced.

`bhr keys rewrap` makes the successor's file first. From then on, whoever opens the home finds it,
holds the home alone, and finishes: the views' keys, the mirror, the key store are wrapped anew; the
hub records `key-rotated`; the successor's file takes its place. Each of these steps may be the last
before a crash, and each is done again without harm.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.custody import open_key_encryption, open_ring
from adapters.assembly.key_stores import rewrap_keys
from adapters.home_lock import HomeLock, home_lock
from adapters.keys.ceremony import Ceremony, read_label
from adapters.keys.succession import Succession
from adapters.settings import HubHome
from adapters.views.generations import Generations
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
    """The key-encryption key to use, with the home held as it has to be."""

    encryption: KeyEncryption
    rewrapped: Rewrapped | None
    """None where no successor stood."""
    _home: HubHome
    _lock: HomeLock

    def settle(self, custody: KeyCustody, book: Ledger, events: HubEvents) -> None:
        """Record that the key was replaced, and put the successor in use; others may come in."""
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
        keys.finish()
        (self._home.key_files / _WHY).unlink(missing_ok=True)
        self._lock.share()


@contextmanager
def wrapping(home: HubHome, passphrase: str, versions: str) -> Iterator[Wrapping]:
    """Open the key-encryption key, finishing what was begun; raises HomeNotReady, NotOpened."""
    keys = _keys(home)
    with home_lock(home.folder) as lock:
        if not keys.successor.exists():
            lock.share()
        if keys.successor.exists():
            lock.alone()
        if keys.successor.exists():
            yield _finished(home, passphrase, versions, lock)
            return
        (home.key_files / _WHY).unlink(missing_ok=True)
        lock.share()  # another process may have finished it meanwhile
        yield Wrapping(open_key_encryption(keys.in_use, passphrase), None, home, lock)


def _finished(home: HubHome, passphrase: str, versions: str, lock: HomeLock) -> Wrapping:
    keys = _keys(home)
    old, new = (open_key_encryption(path, passphrase) for path in (keys.in_use, keys.successor))
    change = Change(old, new)
    Generations(home.views, versions, new).rewrap(change)
    return Wrapping(new, rewrap_keys(home, change), home, lock)


def begin_rewrap(home: HubHome, ceremony: Ceremony, reason: Reason) -> None:
    """Make the successor of the key-encryption key, unless one stands; raises HomeNotReady.

    From here on the work is done by whoever opens the home next.
    """
    with home_lock(home.folder) as lock:
        lock.alone()
        keys = _keys(home)
        if not keys.successor.exists():
            (home.key_files / _WHY).write_text(reason, encoding="ascii")
        keys.begin(ceremony)


def to_read_by(home: HubHome, passphrase: str) -> KeyEncryption:
    """Open every key-encryption key that something may be wrapped under now, to read alone."""
    keys = _keys(home)
    paths = [keys.in_use, keys.successor] if keys.successor.exists() else [keys.in_use]
    return open_ring(paths, passphrase)


def _keys(home: HubHome) -> Succession:
    return Succession(home.key_files, "key-encryption")


def _reason(noted: Path) -> Reason:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        found = noted.read_text(encoding="ascii")
        return next((one for one in _REASONS if one == found), "other")
    return "other"
