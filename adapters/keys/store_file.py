"""One SQLite file of wrapped keys: how it is made, opened, read and written.

`key` holds a row per key, found by its tag or by its id; `meta` the wrapped index key; `fence` the
tags that never have a key again, and whether their rows are gone for good; `life` which store it is
and how often it was changed. WAL with
`synchronous=FULL`: what a transaction wrote is on the disk when it is left. `secure_delete`: what
is deleted is overwritten; it is gone once the file was written anew, and the write-ahead log, which
holds pages of before, moved into it and cut to nothing.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal

from adapters.keys.private_file import refuse_others, sync_folder
from adapters.store_mark import Life
from domain.errors import HomeNotReady, Unavailable
from services.ports import WrappedKey

_APPLICATION = 0x6268726B  # "bhrk", in the file's own header
_VERSION = 2
_WAIT_SECONDS = 10.0
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
_IN_LIST_MAX = 500

_SCHEMA = (
    """CREATE TABLE key (
        tag BLOB NOT NULL UNIQUE CHECK (typeof(tag) = 'blob' AND length(tag) = 32),
        key_id BLOB NOT NULL UNIQUE CHECK (typeof(key_id) = 'blob' AND length(key_id) = 32),
        wrapped BLOB NOT NULL CHECK (typeof(wrapped) = 'blob'),
        ledger TEXT NOT NULL,
        class TEXT NOT NULL CHECK (class IN ('ledger', 'stream', 'subject'))
    )""",
    """CREATE TABLE meta (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        index_key BLOB NOT NULL
    )""",
    """CREATE TABLE fence (
        tag BLOB NOT NULL PRIMARY KEY CHECK (typeof(tag) = 'blob' AND length(tag) = 32),
        gone INTEGER NOT NULL CHECK (gone IN (0, 1))
    ) WITHOUT ROWID""",
    """CREATE TABLE life (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        store BLOB NOT NULL CHECK (typeof(store) = 'blob' AND length(store) = 16),
        changes INTEGER NOT NULL
    )""",
    "INSERT INTO life VALUES (1, randomblob(16), 0)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


_SELECT = {
    "tag": "SELECT tag, key_id, wrapped, ledger, class FROM key WHERE tag",
    "key_id": "SELECT tag, key_id, wrapped, ledger, class FROM key WHERE key_id",
}
_INSERT = (
    "INSERT INTO key (tag, key_id, wrapped, ledger, class) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (tag) DO NOTHING"
)
_SELECT_FENCES = "SELECT tag, gone FROM fence WHERE tag"
_FENCE = "INSERT INTO fence (tag, gone) VALUES (?, 0) ON CONFLICT (tag) DO UPDATE SET gone = 0"
_SETTINGS = (
    "journal_mode = WAL",  # again each time: a copy made by SQLite's own means comes without
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",  # where a file is written anew, no copy of it is left on a disk
    "wal_autocheckpoint = 4000",  # rows fall on pages at random: let several meet on one
)


class StoreFile:
    """One of the two files. The store's lock is held around every use of it."""

    def __init__(self, path: Path, name: str) -> None:
        """Open a file that was made; `name` is what an operator calls it."""
        self._path = path
        self._name = name
        try:
            self._status = path.stat()
        except OSError:
            raise Unavailable(name) from None
        refuse_others(path, self._status)
        with translated(path, name):
            self._connection = self._connect(path)
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def _connect(self, path: Path) -> sqlite3.Connection:
        return connect(path)

    def _prepare(self) -> None:
        if _kind(self._connection) != (_APPLICATION, _VERSION):
            raise HomeNotReady(f"{self._path}: not a key store, or not of this version")
        self._set_up()

    def _set_up(self) -> None:
        for setting in _SETTINGS:
            self._connection.execute(f"PRAGMA {setting}")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def refuse_if_moved(self) -> None:
        """Raise Unavailable when another file, or none, stands at the path that was opened.

        A file that was deleted, or whose disk was unmounted, would go on taking rows that nobody
        will ever find again.
        """
        try:
            moved = not os.path.samestat(self._path.stat(), self._status)
        except OSError:
            moved = True
        if moved:
            raise Unavailable(self._name)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock of this file; what was written is durable on leaving."""
        with translated(self._path, self._name):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")

    def rows(self, column: Literal["tag", "key_id"], values: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows whose tag or key id is among the values."""
        wanted = list(dict.fromkeys(values))
        found: list[WrappedKey] = []
        with translated(self._path, self._name):
            for start in range(0, len(wanted), _IN_LIST_MAX):
                chunk = wanted[start : start + _IN_LIST_MAX]
                marks = ",".join("?" * len(chunk))
                query = f"{_SELECT[column]} IN ({marks})"
                found += [WrappedKey(*row) for row in self._connection.execute(query, chunk)]
        return found

    def insert(self, rows: Iterable[WrappedKey]) -> None:
        """Insert the rows whose tags are not there yet."""
        self._connection.executemany(
            _INSERT,
            ((row.tag, row.key_id, row.wrapped, row.ledger, row.key_class) for row in rows),
        )

    def fences(self, tags: Sequence[bytes]) -> dict[bytes, bool]:
        """Give which of the tags are fenced, and of each whether its rows are gone for good."""
        wanted = list(dict.fromkeys(tags))
        found: dict[bytes, bool] = {}
        with translated(self._path, self._name):
            for start in range(0, len(wanted), _IN_LIST_MAX):
                chunk = wanted[start : start + _IN_LIST_MAX]
                marks = ",".join("?" * len(chunk))
                query = f"{_SELECT_FENCES} IN ({marks})"
                found |= {tag: bool(gone) for tag, gone in self._connection.execute(query, chunk)}
        return found

    def destroy(self, key_ids: Iterable[bytes], tags: Sequence[bytes]) -> None:
        """Delete the rows of these ids and tags, and fence the tags."""
        self._connection.executemany("DELETE FROM key WHERE key_id = ?", ((k,) for k in key_ids))
        self._connection.executemany("DELETE FROM key WHERE tag = ?", ((t,) for t in tags))
        self._connection.executemany(_FENCE, ((tag,) for tag in tags))

    def settle(self) -> None:
        """Leave nothing of what was deleted in any file; raises Unavailable where it is read.

        The whole file is written anew: `secure_delete` overwrites a row where it stands, not where
        it stood before its page was split (met in one of some ten thousand rows).
        """
        with translated(self._path, self._name):
            self._connection.execute("VACUUM")
            (busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise Unavailable(self._name)

    def gone(self, tags: Iterable[bytes]) -> None:
        """Note that what was under these tags is in no file any more."""
        self._connection.executemany(
            "UPDATE fence SET gone = 1 WHERE tag = ?", ((tag,) for tag in tags)
        )

    def life(self) -> Life:
        """Give which store this is, and how many changes are in it."""
        with translated(self._path, self._name):
            found: tuple[bytes, int] = self._connection.execute(
                "SELECT store, changes FROM life"
            ).fetchone()
        return Life(*found)

    def lived(self, changes: int) -> None:
        """Count the changes up to a number, in the transaction that makes the last of them."""
        self._connection.execute("UPDATE life SET changes = max(changes, ?)", (changes,))

    def index_key(self) -> bytes | None:
        """Give the wrapped index key, if there is one."""
        row: tuple[bytes] | None = self._connection.execute("SELECT index_key FROM meta").fetchone()
        return None if row is None else row[0]

    def set_index_key(self, wrapped: bytes) -> None:
        """Store the wrapped index key of a file that has none."""
        self._connection.execute("INSERT INTO meta VALUES (1, ?)", (wrapped,))


def connect(path: Path) -> sqlite3.Connection:
    """Open a file that exists, for transactions that are begun and ended by their own words."""
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _kind(connection: sqlite3.Connection) -> tuple[int, int]:
    row: tuple[int, int] = connection.execute(
        "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    return row


def _is_blank(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    return tables is None and _kind(connection) == (0, 0)


@contextmanager
def translated(path: Path, name: str) -> Iterator[None]:
    """Turn SQLite's errors into ours; theirs can quote what was to be written."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise HomeNotReady(f"{path}: a row is malformed, or its key id stands already") from None
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _DAMAGED:
            raise HomeNotReady(f"{path}: not a key store, or damaged; restore it") from None
        raise Unavailable(name) from None


def create_file(path: Path) -> None:
    """Make an empty store, mode 0600, unless one stands; finish what a crash left half made."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        sync_folder(path.parent)
    except OSError:
        raise HomeNotReady(f"{path}: cannot be made; check the folder's rights, space") from None
    with translated(path, "key store"), closing(connect(path)) as connection:
        if _is_blank(connection):
            connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        if _is_blank(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")
