"""The key store in memory, for tests that are about something else; under the same contract."""

import threading
from collections.abc import Callable, Sequence

from domain.errors import HomeNotReady
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey


class MemoryKeyStore:
    """The `ErasableKeyStore` port, as durable as the test that holds it."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[bytes, WrappedKey] = {}
        self._index_key: bytes | None = None
        self._fences: set[bytes] = set()
        self._lock = threading.Lock()

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        with self._lock:
            return [self._rows[tag] for tag in set(tags) if tag in self._rows]

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        with self._lock:
            wanted = set(key_ids)
            return [row for row in self._rows.values() if row.key_id in wanted]

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:
        """Add rows in one transaction; gives the rows that stand for their tags, in order."""
        with self._lock:
            if fenced := self._fences & {row.tag for row in rows}:
                raise TagsFenced(frozenset(fenced))
            standing = dict(self._rows)
            for row in rows:
                standing.setdefault(row.tag, row)
            if len({row.key_id for row in standing.values()}) != len(standing) or any(
                len(row.tag) != 32 or len(row.key_id) != 32 for row in rows
            ):
                raise HomeNotReady("a row is malformed, or its key id stands already")
            self._rows = standing
            return [standing[row.tag] for row in rows]

    def destroy(self, key_ids: Sequence[bytes], tags: Sequence[bytes]) -> None:
        """Destroy keys by their ids, and fence the tags."""
        with self._lock:
            self._fences |= set(tags)
            ids = set(key_ids)
            self._rows = {
                tag: row
                for tag, row in self._rows.items()
                if tag not in self._fences and row.key_id not in ids
            }

    def destroyed(self, tags: Sequence[bytes]) -> bool:
        """Say whether `destroy` was finished for all of these tags."""
        with self._lock:
            return set(tags) <= self._fences

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        with self._lock:
            if self._index_key is None:
                self._index_key = make()
            return self._index_key
