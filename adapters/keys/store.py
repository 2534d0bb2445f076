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
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Literal, Self

from adapters.keys.private_file import refuse_others, sync_folder
from domain.errors import HomeNotReady, Unavailable
from services.ports import WrappedKey

_OURS = 0x6268726B
"""SQLite's application_id of a key store: "bhrk"."""
_WAIT_SECONDS = 10.0
_IN_LIST_MAX = 500

_COLUMNS = "tag, key_id, wrapped, ledger, class"
_SCHEMA = (
    """CREATE TABLE key (
        tag BLOB PRIMARY KEY CHECK (typeof(tag) = 'blob' AND length(tag) = 32),
        key_id BLOB NOT NULL UNIQUE CHECK (typeof(key_id) = 'blob' AND length(key_id) = 32),
        wrapped BLOB NOT NULL CHECK (typeof(wrapped) = 'blob'),
        ledger TEXT NOT NULL,
        class TEXT NOT NULL CHECK (class IN ('ledger', 'stream', 'subject'))
    ) WITHOUT ROWID""",
    """CREATE TABLE meta (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        index_key BLOB NOT NULL
    )""",
    f"PRAGMA application_id = {_OURS}",
    "PRAGMA user_version = 1",
)

# Read and written on one connection to both files, `main` the primary and `mirror` the mirror.
_DIFFER = """SELECT
    EXISTS (SELECT 1 FROM main.key AS ours JOIN mirror.key AS theirs USING (tag)
            WHERE ours.key_id <> theirs.key_id)
    OR EXISTS (SELECT 1 FROM main.meta AS ours JOIN mirror.meta AS theirs USING (only)
               WHERE ours.index_key <> theirs.index_key)"""
_KEYS_LACKING = "main.key AS ours WHERE tag NOT IN (SELECT tag FROM mirror.key)"
_META_LACKING = "main.meta AS ours WHERE only NOT IN (SELECT only FROM mirror.meta)"
_LACKS = f"SELECT EXISTS (SELECT 1 FROM {_KEYS_LACKING}) OR EXISTS (SELECT 1 FROM {_META_LACKING})"
_COPY = (
    f"INSERT INTO mirror.key SELECT {_COLUMNS} FROM {_KEYS_LACKING}",
    f"INSERT INTO mirror.meta SELECT only, index_key FROM {_META_LACKING}",
)


class SqliteKeyStore:
    """The `KeyStore` port over one SQLite file and, where configured, a mirror of it.

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
        self._lock = threading.Lock()
        self._primary = _Database(path, "key store")
        self._mirror: _Database | None = None
        if mirror is not None:
            try:
                self._mirror = _Database(mirror, "mirror of the key store")
                _level(path, mirror)
            except BaseException:
                self.close()
                raise

    @classmethod
    def create(cls, path: Path, mirror: Path | None = None) -> Self:
        """Make the files that are not there yet, and open the store; what stands is kept."""
        for file in (path, mirror):
            if file is not None:
                _create(file)
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
        with self._lock, self._primary.writing():
            if self._mirror is not None:
                self._mirror.refuse_if_moved()
            standing = {row.tag: row for row in self._primary.rows("tag", [r.tag for r in rows])}
            fresh = {row.tag: row for row in reversed(rows) if row.tag not in standing}
            if fresh:
                durable = self._mirrored(list(fresh.values()))
                self._primary.insert(durable)
                standing |= {row.tag: row for row in durable}
            return [standing[row.tag] for row in rows]

    def _mirrored(self, rows: list[WrappedKey]) -> list[WrappedKey]:
        """Make rows durable in the mirror; gives those that stand there for their tags."""
        if self._mirror is None:
            return rows
        with self._mirror.writing():
            self._mirror.insert(rows)
            return self._mirror.rows("tag", [row.tag for row in rows])

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        with self._lock, self._primary.writing():
            found = self._primary.index_key()
            if found is None:
                found = self._mirrored_index_key(make)
                self._primary.set_index_key(found)
            return found

    def _mirrored_index_key(self, make: Callable[[], bytes]) -> bytes:
        if self._mirror is None:
            return make()
        self._mirror.refuse_if_moved()
        with self._mirror.writing():
            found = self._mirror.index_key()
            if found is None:
                found = make()
                self._mirror.set_index_key(found)
            return found


class _Database:
    """One of the two files. The store's lock is held around every use of it."""

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self._name = name
        try:
            self._status = path.stat()
        except OSError:
            raise Unavailable(name) from None
        refuse_others(path, self._status)
        with _translated(path, name):
            self._connection = _connect(path)
            if _application(self._connection) != _OURS:
                self._connection.close()
                raise HomeNotReady(f"{path}: not a key store")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA secure_delete = ON")

    def close(self) -> None:
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
        with _translated(self._path, self._name):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            finally:
                if self._connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self._connection.execute("ROLLBACK")

    def rows(self, column: Literal["tag", "key_id"], values: Sequence[bytes]) -> list[WrappedKey]:
        wanted = list(dict.fromkeys(values))
        found: list[WrappedKey] = []
        with _translated(self._path, self._name):
            for start in range(0, len(wanted), _IN_LIST_MAX):
                chunk = wanted[start : start + _IN_LIST_MAX]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT {_COLUMNS} FROM key WHERE {column} IN ({marks})"  # noqa: S608 - our own words and question marks
                found += [WrappedKey(*row) for row in self._connection.execute(query, chunk)]
        return found

    def insert(self, rows: Iterable[WrappedKey]) -> None:
        """Insert rows whose tags are not there yet."""
        self._connection.executemany(
            f"INSERT INTO key ({_COLUMNS}) VALUES (?, ?, ?, ?, ?) ON CONFLICT (tag) DO NOTHING",  # noqa: S608 - our own words
            ((row.tag, row.key_id, row.wrapped, row.ledger, row.key_class) for row in rows),
        )

    def index_key(self) -> bytes | None:
        row: tuple[bytes] | None = self._connection.execute("SELECT index_key FROM meta").fetchone()
        return None if row is None else row[0]

    def set_index_key(self, wrapped: bytes) -> None:
        self._connection.execute("INSERT INTO meta (only, index_key) VALUES (1, ?)", (wrapped,))


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _application(connection: sqlite3.Connection) -> int:
    row: tuple[int] = connection.execute("PRAGMA application_id").fetchone()
    return row[0]


@contextmanager
def _translated(path: Path, name: str) -> Iterator[None]:
    """Turn SQLite's errors into ours; theirs can quote what was to be written."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise HomeNotReady(f"{path}: a row is malformed, or its key id stands already") from None
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in (
            sqlite3.SQLITE_NOTADB,
            sqlite3.SQLITE_CORRUPT,
        ):
            raise HomeNotReady(f"{path}: not a key store, or damaged; restore it") from None
        raise Unavailable(name) from None


def _create(path: Path) -> None:
    """Make an empty store, mode 0600, unless one stands; finish what a crash left half made."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        sync_folder(path.parent)
    except OSError:
        raise HomeNotReady(f"{path}: cannot be made; check the folder's rights, space") from None
    with _translated(path, "key store"), closing(_connect(path)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        empty = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if empty and _application(connection) == 0:
            for statement in _SCHEMA:
                connection.execute(statement)
        connection.execute("COMMIT")


def _level(path: Path, mirror: Path) -> None:
    """Copy to the mirror what it lacks. Refuse one that says otherwise of a tag: not its mirror."""
    with _translated(mirror, "mirror of the key store"), closing(_connect(path)) as both:
        both.execute("ATTACH ? AS mirror", (f"{mirror.resolve().as_uri()}?mode=rw",))
        if both.execute(_DIFFER).fetchone()[0]:
            raise HomeNotReady(
                f"{mirror}: a mirror of another key store, or of another past of this one; "
                "set it aside unchanged and make a new mirror"
            )
        if both.execute(_LACKS).fetchone()[0]:
            both.execute("BEGIN IMMEDIATE")  # locks both files, the primary first
            for statement in _COPY:
                both.execute(statement)
            both.execute("COMMIT")
