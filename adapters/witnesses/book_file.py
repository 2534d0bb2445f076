"""The SQLite file of a witness's book: how it is made, opened and held.

WAL with `synchronous=FULL`: what a transaction wrote is on the disk before anything is answered.
The file is bound to the witness's key: with another file, or none, that key must never sign again,
for nobody would know what it has cosigned. Triggers refuse what a witness may never do.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable

_APPLICATION = 0x62687277  # "bhrw", in the file's own header
_VERSION = 1
_WAIT_SECONDS = 10.0
_DAMAGED = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})
BOOK = "witness's book"

_SCHEMA = (
    """CREATE TABLE witness (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        vkey TEXT NOT NULL
    )""",
    """CREATE TABLE log (
        origin TEXT PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        root BLOB NOT NULL CHECK (typeof(root) = 'blob' AND length(root) = 32),
        note BLOB,
        seconds INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE log_key (
        origin TEXT NOT NULL REFERENCES log,
        vkey TEXT NOT NULL,
        PRIMARY KEY (origin, vkey)
    ) WITHOUT ROWID""",
    """CREATE TABLE evidence (
        number INTEGER PRIMARY KEY,
        origin TEXT NOT NULL REFERENCES log,
        seconds INTEGER NOT NULL,
        text BLOB NOT NULL,
        certain INTEGER NOT NULL CHECK (certain IN (0, 1)),
        kept BLOB,
        request BLOB NOT NULL,
        UNIQUE (origin, text, certain)
    )""",
    """CREATE TRIGGER log_goes_on BEFORE UPDATE ON log
        WHEN NEW.origin <> OLD.origin OR NEW.digest <> OLD.digest OR NEW.size < OLD.size
            OR NEW.seconds < OLD.seconds OR NEW.note IS NULL
            OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
        BEGIN SELECT RAISE(ABORT, 'a log only goes on'); END""",
    """CREATE TRIGGER log_stays BEFORE DELETE ON log
        BEGIN SELECT RAISE(ABORT, 'a log stays'); END""",
    """CREATE TRIGGER evidence_stands BEFORE UPDATE ON evidence
        BEGIN SELECT RAISE(ABORT, 'evidence stands'); END""",
    """CREATE TRIGGER evidence_stays BEFORE DELETE ON evidence
        BEGIN SELECT RAISE(ABORT, 'evidence stays'); END""",
    """CREATE TRIGGER witness_stands BEFORE UPDATE ON witness
        BEGIN SELECT RAISE(ABORT, 'a book is of one key'); END""",
    """CREATE TRIGGER witness_stays BEFORE DELETE ON witness
        BEGIN SELECT RAISE(ABORT, 'a book is of one key'); END""",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_VERSION}",
)


def create(path: Path, vkey: str) -> None:
    """Make the book of a witness's key; raises HomeNotReady where a file stands already."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise HomeNotReady(f"{path}: there already, and never overwritten") from None
    except OSError:
        raise HomeNotReady(f"{path}: cannot be made; check the folder's rights, space") from None
    with translated(path), closing(_connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute("INSERT INTO witness VALUES (1, ?)", (vkey,))


def open_book(path: Path, vkey: str | None) -> sqlite3.Connection:
    """Open the book of a witness's key, or of whichever key it is of; raises HomeNotReady."""
    with translated(path):
        connection = _connect(path)
        try:
            _refuse_another(path, connection, vkey)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
    return connection


def _refuse_another(path: Path, connection: sqlite3.Connection, vkey: str | None) -> None:
    kind = connection.execute(
        "SELECT application_id, user_version FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if kind != (_APPLICATION, _VERSION):
        raise HomeNotReady(f"{path}: not a witness's book, or not of this version")
    if vkey not in {None, vkey_of(connection)}:
        raise HomeNotReady(
            f"{path}: the book of another witness key. A key whose book is lost must not sign "
            "again: make a new witness, and tell the hub's operator its new key"
        )


def vkey_of(connection: sqlite3.Connection) -> str:
    """Give the key whose book this is."""
    row: tuple[str] = connection.execute("SELECT vkey FROM witness").fetchone()
    return row[0]


def refuse_if_moved(path: Path, status: os.stat_result) -> None:
    """Raise Unavailable when another file, or none, stands where the book was opened.

    A file that was deleted would go on taking what nobody will ever find again.
    """
    try:
        moved = not os.path.samestat(path.stat(), status)
    except OSError:
        moved = True
    if moved:
        raise Unavailable(BOOK)


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise HomeNotReady(
            f"{path}: no book here. A witness without what it cosigned must not sign: restore "
            "nothing, make a new witness with `bhr witness init`"
        )
    return sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=rw",
        uri=True,
        timeout=_WAIT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Hold the write lock; what was written is durable on leaving."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours; theirs can quote what was to be written."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _DAMAGED:
            raise HomeNotReady(f"{path}: not a witness's book, or damaged") from None
        raise Unavailable(BOOK) from None
