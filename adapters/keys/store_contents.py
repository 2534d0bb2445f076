"""Everything in a key store, whatever it is kept in: read at one moment, or written where none is.

Rows come in order of their tags, so that two stores can be held against each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from adapters.keys.store_file import connect, create_file, translated
from services.ports import WrappedKey

_KEYS = "SELECT tag, key_id, wrapped, ledger, class FROM key ORDER BY tag"
_FENCES = "SELECT tag, gone FROM fence ORDER BY tag"
_INDEX_KEY = "SELECT index_key FROM meta"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a store holds; each can be gone through once."""

    index_key: bytes | None
    fences: Iterable[tuple[bytes, bool]]
    keys: Iterable[WrappedKey]

    def digest(self) -> bytes:
        """Digest all of it."""
        found = hashlib.sha256(repr(self.index_key).encode())
        for tag, gone in self.fences:
            found.update(repr((tag, gone)).encode())
        for key in self.keys:
            found.update(repr(astuple(key)).encode())
        return found.digest()


@contextmanager
def contents_of_file(path: Path) -> Iterator[Contents]:
    """Read a store's file as it stands; raises HomeNotReady, Unavailable."""
    with translated(path, "key store"), closing(connect(path)) as connection:
        connection.execute("BEGIN")
        found = [row[0] for row in connection.execute(_INDEX_KEY)]
        yield Contents(
            found[0] if found else None,
            ((tag, bool(gone)) for tag, gone in connection.execute(_FENCES)),
            (WrappedKey(*row) for row in connection.execute(_KEYS)),
        )
        connection.execute("COMMIT")


def write_file(path: Path, contents: Contents) -> None:
    """Make a store's file of this, in one file with no log beside it; raises Unavailable."""
    create_file(path)
    with translated(path, "key store"), closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        if contents.index_key is not None:
            connection.execute("INSERT INTO meta VALUES (1, ?)", (contents.index_key,))
        connection.executemany("INSERT INTO fence VALUES (?, ?)", contents.fences)
        connection.executemany(
            "INSERT INTO key (tag, key_id, wrapped, ledger, class) VALUES (?, ?, ?, ?, ?)",
            map(astuple, contents.keys),
        )
        connection.execute("UPDATE life SET changes = 1")
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = DELETE").fetchall()


def remove_file(path: Path) -> None:
    """Remove a store's file, with what SQLite keeps beside it; raises nothing where it is gone."""
    for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
