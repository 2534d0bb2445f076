"""The key-encryption key of a home, followed while it is being replaced.

    key-encryption.json         the key in use
    key-encryption-next.json    its successor, while every key is wrapped anew under it
    key-wrapping, .gate         locks of the operating system, which go with their processes

Every process of a hub wraps under the newest key whose file stands, looking each time, and unwraps
by every key that it has met. What is wrapped and written within `steady` is one step to whoever
replaces the key and works `alone`: once that had the lock, nothing is being written under the key
of before, and nothing will be. Who waits for it passes the gate first, so that steps one after
another cannot keep it waiting for ever.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters.keys.ceremony import read_label
from adapters.keys.key_encryption import KeyEncryptionRing, unwrapped
from adapters.keys.succession import Succession
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.key_ports import KeyEncryption

THE_KEY = "the key-encryption key"
_STEPS, _GATE = "key-wrapping", "key-wrapping.gate"
_Standing = tuple[tuple[int, int, int] | None, ...]


class FollowedKey:
    """The `KeyEncryption` port over whichever key is the newest. Safe between threads."""

    def __init__(self, keys: Succession, open_it: Callable[[Path], KeyEncryption]) -> None:
        """Open the key in use, and its successor where one stands; raises HomeNotReady, NotOpened.

        Opening raises Unavailable where whoever keeps a key does not answer.
        """
        self._keys = keys
        self._open_it = open_it
        self._known: dict[str, KeyEncryption] = {}
        self._ring = KeyEncryptionRing([])
        self._seen: _Standing = ()
        self._lock = threading.Lock()
        self._look()

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Wrap 32 bytes under the newest key, bound to `context`."""
        return self._newest().wrap(key, context)

    def wrap_all(self, keys: Sequence[tuple[bytes, bytes]]) -> list[bytes]:
        """Wrap many keys under the newest, each with its context."""
        return self._newest().wrap_all(keys)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """Unwrap what any of them wrapped; raises NotOpened when none did."""
        return unwrapped(self.unwrap_all([(wrapped, context)])[0])

    def unwrap_all(self, wrapped: Sequence[tuple[bytes, bytes]]) -> list[bytes | None]:
        """Unwrap many by whichever wrapped them, looking for a new key where none of ours did."""
        ring = self._ring
        found = ring.unwrap_all(wrapped)
        if None in found and (newer := self._newest()) is not ring:
            return newer.unwrap_all(wrapped)
        return found

    def opened(self, path: Path) -> KeyEncryption:
        """Give the key of one of the files; raises HomeNotReady, NotOpened, Unavailable."""
        mark = read_label(path).fingerprint
        if mark not in self._known:
            self._known[mark] = self._open_it(path)
        return self._known[mark]

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Wrap and write within it: the key is not replaced in between."""
        with self._held(_GATE, fcntl.LOCK_SH):
            handle = self._taken(_STEPS, fcntl.LOCK_SH)
        try:
            yield
        finally:
            os.close(handle)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one: no process is wrapping and writing anything meanwhile."""
        with self._held(_GATE, fcntl.LOCK_EX), self._held(_STEPS, fcntl.LOCK_EX):
            yield

    def _newest(self) -> KeyEncryptionRing:
        """Give the keys there are, the newest first; raises Unavailable where one does not open."""
        try:
            return self._look()
        except (HomeNotReady, NotOpened):
            raise Unavailable(THE_KEY) from None

    def _look(self) -> KeyEncryptionRing:
        """Open what is new, again where another was put in use meanwhile."""
        with self._lock:
            now = self._standing()
            while now != self._seen:
                ring = self._all_opened(now)
                after = self._standing()
                if ring is not None and after == now:
                    self._ring, self._seen = ring, now
                now = after
            return self._ring

    def _all_opened(self, now: _Standing) -> KeyEncryptionRing | None:
        """Open the keys whose files stand; those of before are known still.

        None where one of the files went meanwhile.
        """
        standing = [path for path in (self._keys.in_use, self._keys.successor) if path.exists()]
        try:
            newest = [self.opened(path) for path in standing or [self._keys.in_use]][-1]
        except HomeNotReady:
            if self._standing() == now:
                raise
            return None
        others = [one for one in reversed(self._known.values()) if one is not newest]
        return KeyEncryptionRing([newest, *others])

    def _standing(self) -> _Standing:
        return tuple(_seen(path) for path in (self._keys.in_use, self._keys.successor))

    @contextmanager
    def _held(self, name: str, kind: int) -> Iterator[None]:
        handle = self._taken(name, kind)
        try:
            yield
        finally:
            os.close(handle)

    def _taken(self, name: str, kind: int) -> int:
        try:
            handle = os.open(self._keys.folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise Unavailable(THE_KEY) from None
        try:
            fcntl.flock(handle, kind)
        except BaseException:
            os.close(handle)
            raise
        return handle


def _seen(path: Path) -> tuple[int, int, int] | None:
    """Say which file stands at a place."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
