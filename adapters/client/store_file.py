"""The SQLite file of a borough's store: how it is made, opened and held.

WAL with `synchronous=FULL`: what a transaction wrote is on the disk when it is left, also if the
machine stops. `secure_delete=ON`: what is deleted is overwritten, pages that fall free included, so
that `scrub`, which empties the journal, leaves no byte of it. The file is 0600 in a folder of mode
0700, for it says which child each pseudonym stands for.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.store_mark import Life
from domain.errors import HomeNotReady, Unavailable

IN_LIST_MAX = 500
_APPLICATION = 0x62687262  # "bhrb", in the file's own header
_VERSION = 4
_WAIT_SECONDS = 30.0
_OTHERS = 0o077
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})

# A row of `published` is found in order by its number, which is the source's shifted and the
# sequence: a return of a million events needs no index for that.
SEQUENCE_BITS = 40

_SCHEMA = (
    """CREATE TABLE source (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        next_sequence INTEGER NOT NULL DEFAULT 1
    )""",
    """CREATE TABLE pseudonym (
        class TEXT NOT NULL,
        key TEXT NOT NULL,
        generation INTEGER NOT NULL,
        pseudonym BLOB NOT NULL CHECK (length(pseudonym) = 32),
        PRIMARY KEY (class, key, generation)
    ) WITHOUT ROWID""",
    """CREATE TABLE session (
        session BLOB PRIMARY KEY CHECK (length(session) = 32),
        source INTEGER NOT NULL,
        recipients TEXT NOT NULL,
        secret BLOB,
        opened_ms INTEGER NOT NULL,
        event BLOB NOT NULL,
        parts INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE UNIQUE INDEX session_in_use ON session (source, recipients)
        WHERE secret IS NOT NULL""",
    """CREATE TABLE published (
        number INTEGER PRIMARY KEY,
        event BLOB NOT NULL UNIQUE,
        submission BLOB NOT NULL,
        kind TEXT NOT NULL,
        scope TEXT NOT NULL,
        person TEXT NOT NULL,
        key TEXT NOT NULL,
        stream TEXT NOT NULL,
        time TEXT NOT NULL,
        fact BLOB NOT NULL,
        digest BLOB NOT NULL,
        likeness BLOB NOT NULL,
        supersedes BLOB,
        state TEXT NOT NULL CHECK (state IN ('pending', 'recorded', 'refused', 'adrift')),
        withdrawn_by BLOB,
        episode TEXT,
        beside TEXT NOT NULL
    )""",
    "CREATE INDEX published_fact ON published (fact) WHERE scope <> ''",
    "CREATE INDEX published_person ON published (person) WHERE scope <> ''",
    "CREATE INDEX published_own ON published (kind, number) WHERE scope = ''",
    """CREATE INDEX published_withdrawn ON published (withdrawn_by)
        WHERE withdrawn_by IS NOT NULL""",
    "CREATE INDEX published_beside ON published (number) WHERE beside <> ''",
    """CREATE TABLE outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL,
        submission BLOB NOT NULL UNIQUE,
        atomic INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'acknowledged', 'refused')),
        events BLOB NOT NULL,
        statements BLOB NOT NULL,
        answer BLOB,
        document BLOB,
        renamed INTEGER NOT NULL
    )""",
    """CREATE INDEX outbox_waiting ON outbox (source, renamed DESC, number)
        WHERE state = 'waiting'""",
    """CREATE TABLE refusal (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        source INTEGER NOT NULL,
        submission BLOB NOT NULL,
        event BLOB,
        place TEXT NOT NULL,
        code TEXT NOT NULL
    )""",
    """CREATE TABLE erasure (
        request BLOB PRIMARY KEY,
        number INTEGER NOT NULL UNIQUE,
        mis_sent INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE erasure_person (
        person TEXT NOT NULL,
        request BLOB NOT NULL,
        PRIMARY KEY (person, request)
    ) WITHOUT ROWID""",
    """CREATE TABLE erasure_tag (
        tag BLOB NOT NULL CHECK (length(tag) = 32),
        request BLOB NOT NULL,
        PRIMARY KEY (tag, request)
    ) WITHOUT ROWID""",
    """CREATE TABLE fence (
        person BLOB NOT NULL CHECK (length(person) = 32),
        since TEXT NOT NULL,
        facts BLOB NOT NULL,
        erased INTEGER NOT NULL,
        PRIMARY KEY (person, since, facts, erased)
    ) WITHOUT ROWID""",
    """CREATE TABLE fetched (
        ledger TEXT NOT NULL,
        event BLOB NOT NULL,
        number INTEGER NOT NULL,
        kept TEXT NOT NULL,
        going INTEGER NOT NULL,
        mark BLOB CHECK (mark IS NULL OR length(mark) = 32),
        PRIMARY KEY (ledger, event, number, kept)
    ) WITHOUT ROWID""",
    """CREATE TABLE life (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        store BLOB NOT NULL CHECK (length(store) = 16),
        changes INTEGER NOT NULL
    )""",
    "INSERT INTO life VALUES (1, randomblob(16), 0)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)
_SETTINGS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    # Facts and pseudonyms fall on pages at random: keep them at hand, and let several meet on one.
    "PRAGMA cache_size = -16384",
    "PRAGMA wal_autocheckpoint = 4000",
    # Tags of what a return holds: keyed, so that what SQLite spills of them tells nothing.
    "CREATE TEMP TABLE IF NOT EXISTS seen (tag BLOB PRIMARY KEY) WITHOUT ROWID",
)


class StoreFile:
    """One open file, for one transaction at a time, of whatever thread."""

    def __init__(self, path: Path) -> None:
        """Open the store, making an empty one where there is none.

        Raises HomeNotReady for a file that is not right, Unavailable for one that others hold.
        """
        self._path = path
        self._lock = threading.RLock()
        _make_private(path)
        with self._translated():
            self.connection = sqlite3.connect(
                path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self.connection.close()
                raise

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the file alone; commit when left, roll back when an exception leaves."""
        with self._lock, self._translated():
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            finally:
                if self.connection.in_transaction:
                    with suppress(sqlite3.Error):
                        self.connection.execute("ROLLBACK")

    def life(self) -> Life:
        """Give which store this is, and how often numbers were taken in it."""
        with self._lock, self._translated():
            found: tuple[bytes, int] = self.connection.execute(
                "SELECT store, changes FROM life"
            ).fetchone()
        return Life(*found)

    def scrub(self) -> bool:
        """Empty the journal into the file; False while another process reads from it."""
        with self._lock, self._translated():
            row: tuple[int, int, int] = self.connection.execute(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            ).fetchone()
            return not row[0]

    def _prepare(self) -> None:
        for setting in _SETTINGS:
            self.connection.execute(setting)
        with self.transaction():
            if self._kind() == (0, 0) and not self._has_tables():
                for statement in _SCHEMA:
                    self.connection.execute(statement)
            if self._kind() != (_APPLICATION, _VERSION):
                raise HomeNotReady(f"{self._path}: not a borough's store, or not of this version")

    def _kind(self) -> tuple[int, int]:
        row: tuple[int, int] = self.connection.execute(
            "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        return row

    def _has_tables(self) -> bool:
        return self.connection.execute("SELECT 1 FROM main.sqlite_master").fetchone() is not None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn SQLite's errors into ours; theirs can quote what was to be written."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) in _DAMAGED:
                raise HomeNotReady(f"{self._path}: not a store, or damaged; restore it") from None
            raise Unavailable("the borough's store") from None


def _make_private(path: Path) -> None:
    """Make an empty file that nobody else may read, unless one stands; refuse one they may."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o600)
        try:
            status = os.fstat(handle)
        finally:
            os.close(handle)
        folder = path.parent.stat()
    except OSError:
        raise HomeNotReady(f"{path}: cannot be made; check the folder's rights, space") from None
    if not stat.S_ISREG(status.st_mode):
        raise HomeNotReady(f"{path}: not a plain file")
    if stat.S_IMODE(status.st_mode) & _OTHERS:
        raise HomeNotReady(f"{path}: others may read this file; chmod 600 it")
    if stat.S_IMODE(folder.st_mode) & _OTHERS:
        raise HomeNotReady(f"{path.parent}: others may look in here; chmod 700 it")


def in_lists(values: Sequence[object]) -> Iterator[tuple[str, Sequence[object]]]:
    """Cut values into lists for `IN (…)`: the question marks, and the values they stand for."""
    for start in range(0, len(values), IN_LIST_MAX):
        some = values[start : start + IN_LIST_MAX]
        yield ",".join("?" * len(some)), some
