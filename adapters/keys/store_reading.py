"""The key store opened for audit: keys are found, none is made, and the files stay as they are."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from adapters.keys.store_file import StoreFile
from adapters.read_only import ReadOnlyFile
from domain.errors import HomeNotReady
from services.ports import WrappedKey


class _StoreToRead(StoreFile):
    """A store's file that cannot be written by this connection."""

    def _connect(self, path: Path) -> sqlite3.Connection:
        self._file = ReadOnlyFile(path)
        return sqlite3.connect(
            self._file.uri(), uri=True, isolation_level=None, check_same_thread=False
        )

    def _set_up(self) -> None:
        """Leave every setting as it is: some would write."""

    def refuse_if_changed(self) -> None:
        """Refuse what was read of a file that somebody changed meanwhile."""
        self._file.refuse_if_changed()


class ReadOnlyKeyStore:
    """The `KeyStore` port over a file, live or a copy, that is read alone."""

    def __init__(self, path: Path) -> None:
        """Open it; raises HomeNotReady where there is none that can be read whole."""
        if not path.exists():
            raise HomeNotReady(f"{path}: no key store here")
        self._lock = threading.Lock()
        self._file = _StoreToRead(path, "key store")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        with self._lock:
            found = self._file.rows("tag", tags)
            self._file.refuse_if_changed()
            return found

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        with self._lock:
            found = self._file.rows("key_id", key_ids)
            self._file.refuse_if_changed()
            return found

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:  # noqa: ARG002 - the port's
        """Refuse: an audit makes no key."""
        raise HomeNotReady("the key store is open for reading alone")

    def index_key(self, make: Callable[[], bytes]) -> bytes:  # noqa: ARG002 - the port's
        """Give the wrapped index key; none is made."""
        with self._lock:
            found = self._file.index_key()
        if found is None:
            raise HomeNotReady("the key store is new: there is nothing to audit yet")
        return found
