"""The key store: a small SQLite database of wrapped keys, and its mirror on another disk.

With a mirror there is one rule: *whatever stands in the primary stands in the mirror*. So a new
row is committed to the mirror first, then to the primary, both while the primary's write lock is
held (always primary before mirror, so two processes cannot wait for each other).

A crash between the two commits leaves an orphan in the mirror: a key that nothing was sealed
under, since nobody was given it. The next `add` for its tag must *adopt* that row instead of its
own. To insert its own would break the rule, the tag being unique in the mirror; to replace the
mirror's would lose a key if what looks like an orphan is none: after the primary was restored from
an older backup, the mirror alone holds keys that records are sealed under. For the same reason the
mirror's rows never flow back by themselves: one may have been destroyed since. A lost primary is
restored by putting a copy of the mirror in its place.

Destroying goes the other way about: a row may be gone from one file and stand in the other for a
while, so a tag counts as destroyed only once it is noted as gone in both. What was cut off is
finished by destroying again; until then the fence alone keeps the tag from having another key.

What stands at the store's place must be the file that was opened, at every change, and at opening
no older than the home remembers (`store_mark.py`), with a mirror and without one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from adapters.keys.mirror import MIRROR, copy_lacking
from adapters.keys.store_file import StoreFile, create_file
from adapters.store_mark import StoreMark
from domain.errors import HomeNotReady
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey

_ADVICE = (
    "what was sealed since would not open, and who was erased could be given a key again. Put the"
    " newest back; if it is lost, move this file away and give the newest copy with"
    " `bhr keys restore`"
)


class SqliteKeyStore:
    """The `ErasableKeyStore` port over one SQLite file and, where configured, a mirror of it.

    Safe to share between threads and between processes. Every failure is `Unavailable`, with
    nothing acknowledged, or `HomeNotReady` when waiting will not help.
    """

    def __init__(self, path: Path, mirror: Path | None = None) -> None:
        """Open a store that was created, and copy to the mirror whatever it lacks.

        A mirror that is not there is `Unavailable`, never made here: an empty folder where a disk
        should have been mounted would otherwise pass for one.
        """
        if not path.exists():
            raise HomeNotReady(f"{path}: no key store here; `bhr ledger init` makes one")
        if mirror is not None and mirror.exists() and mirror.samefile(path):
            raise HomeNotReady(f"{mirror}: the key store itself, not a mirror of it")
        self._lock = threading.Lock()
        self._primary = StoreFile(path, "key store")
        self._mirror: StoreFile | None = None
        self._mark = StoreMark(path, "key store", _ADVICE)
        try:
            self._mark.refuse_another(self._primary.life())
            if mirror is not None:
                self._mirror = StoreFile(mirror, MIRROR)
                copy_lacking(path, mirror)
            self._mark.keep(self._primary.life())
        except BaseException:
            self.close()
            raise

    @classmethod
    def create(cls, path: Path, mirror: Path | None = None) -> Self:
        """Make the files that are not there yet, and open the store; what stands is kept."""
        for file in (path, mirror):
            if file is not None:
                create_file(file)
        return cls(path, mirror)

    def close(self) -> None:
        """Close the files; the store is of no use afterwards."""
        with self._lock:
            self._primary.close()
            if self._mirror is not None:
                self._mirror.close()

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        with self._lock:
            return self._primary.rows("tag", tags)

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        with self._lock:
            return self._primary.rows("key_id", key_ids)

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:
        """Add rows in one transaction; gives the rows that stand for their tags, in order."""
        with self._lock, self._changing() as changes:
            if fenced := self._primary.fences([row.tag for row in rows]):
                raise TagsFenced(frozenset(fenced))
            standing = {row.tag: row for row in self._primary.rows("tag", [r.tag for r in rows])}
            fresh = {row.tag: row for row in reversed(rows) if row.tag not in standing}
            if fresh:
                durable = self._mirrored(list(fresh.values()), changes)
                self._primary.insert(durable)
                self._primary.lived(changes)
                standing |= {row.tag: row for row in durable}
            return [standing[row.tag] for row in rows]

    @contextmanager
    def _changing(self) -> Iterator[int]:
        """Hold the primary's write lock; gives the number of the change that is made, if one is."""
        for file in self._files():
            file.refuse_if_moved()
        before = self._primary.life().changes
        with self._primary.writing():
            yield self._primary.life().changes + 1
        if (life := self._primary.life()).changes > before:
            self._mark.keep(life)

    def _mirrored(self, rows: list[WrappedKey], changes: int) -> list[WrappedKey]:
        """Make rows durable in the mirror; gives those that stand there for their tags."""
        if self._mirror is None:
            return rows
        with self._mirror.writing():
            self._mirror.insert(rows)
            self._mirror.lived(changes)
            return self._mirror.rows("tag", [row.tag for row in rows])

    def destroy(self, key_ids: Sequence[bytes], tags: Sequence[bytes]) -> None:
        """Destroy keys by their ids, and fence the tags; raises Unavailable, and can be repeated.

        Where it raises, some of it may be done; `destroyed` says whether all is.
        """
        with self._lock:
            files = self._files()
            with self._changing() as changes:
                if self._mirror is not None:
                    with self._mirror.writing():
                        self._mirror.destroy(key_ids, tags)
                        self._mirror.lived(changes)
                self._primary.destroy(key_ids, tags)
                self._primary.lived(changes)
            for file in files:
                file.settle()
            for file in files:
                with file.writing():
                    file.gone(tags)

    def destroyed(self, tags: Sequence[bytes]) -> bool:
        """Say whether `destroy` was finished for all of these tags."""
        with self._lock:
            found = [file.fences(tags) for file in self._files()]
        return all(fences.get(tag, False) for fences in found for tag in tags)

    def _files(self) -> list[StoreFile]:
        return [self._primary] if self._mirror is None else [self._primary, self._mirror]

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        with self._lock, self._changing() as changes:
            found = self._primary.index_key()
            if found is None:
                found = self._mirrored_index_key(make)
                self._primary.set_index_key(found)
                self._primary.lived(changes)
            return found

    def _mirrored_index_key(self, make: Callable[[], bytes]) -> bytes:
        if self._mirror is None:
            return make()
        with self._mirror.writing():
            found = self._mirror.index_key()
            if found is None:
                found = make()
                self._mirror.set_index_key(found)
            return found
