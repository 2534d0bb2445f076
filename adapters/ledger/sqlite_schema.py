"""The tables of a ledger's file, and what protects them.

Tables are made here and nowhere else, once, by `create_ledger`. Nothing in a column says anything
about a person: the stream is a keyed tag, the statement a salted digest, the state is sealed.

Triggers refuse to change, remove, replace or reorder what is recorded, whoever asks, with whatever
tool. They stop accidents and shortcuts; somebody who owns the file can drop them, which is what the
proofs are for.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.ledger.ledger_format import LEDGER_FORMAT, Origin
from domain.errors import HomeNotReady
from domain.tree import EMPTY_ROOT

PAGE_BYTES = 8192

# `rowid` has to be named so: an implicit one is renumbered by VACUUM, and the library reads it by
# this name. Short columns stand before `state`, which may run over onto pages of its own.
_TABLES = (
    """
    CREATE TABLE ledger (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        name TEXT NOT NULL,
        format TEXT NOT NULL,
        origin TEXT NOT NULL CHECK (origin IN ('demo', 'hub'))
    )
    """,
    """
    CREATE TABLE head (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        size INTEGER NOT NULL CHECK (size >= 0),
        recorded_ms INTEGER NOT NULL,
        fences INTEGER NOT NULL CHECK (fences >= 0),
        root BLOB NOT NULL CHECK (length(root) = 32)
    )
    """,
    """
    CREATE TABLE record (
        rowid INTEGER PRIMARY KEY,
        originator_id TEXT NOT NULL,
        originator_version INTEGER NOT NULL,
        topic TEXT NOT NULL,
        event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
        statement BLOB NOT NULL CHECK (length(statement) = 32),
        state BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE submission (
        number INTEGER PRIMARY KEY,
        id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
        source TEXT NOT NULL,
        first INTEGER NOT NULL,
        count INTEGER NOT NULL,
        digests BLOB NOT NULL,
        signature BLOB NOT NULL,
        answer BLOB NOT NULL
    )
    """,
    # Full tiles alone: the right edge is made again from what is later. `top` is the one hash that
    # the tile is in the level above; it stands before `hashes`, most of which run over.
    """
    CREATE TABLE tile (
        level INTEGER NOT NULL CHECK (level >= 0),
        number INTEGER NOT NULL CHECK (number >= 0),
        top BLOB NOT NULL CHECK (length(top) = 32),
        hashes BLOB NOT NULL CHECK (length(hashes) = 8192),
        PRIMARY KEY (level, number)
    )
    """,
    # The size is the key, so that no size has two roots.
    """
    CREATE TABLE checkpoint (
        size INTEGER PRIMARY KEY CHECK (size > 0),
        root BLOB NOT NULL CHECK (length(root) = 32),
        note BLOB NOT NULL,
        kept_ms INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE cosignature (
        number INTEGER PRIMARY KEY,
        size INTEGER NOT NULL REFERENCES checkpoint (size),
        line BLOB NOT NULL,
        taken_ms INTEGER NOT NULL,
        UNIQUE (size, line)
    )
    """,
    """
    CREATE TABLE published (
        number INTEGER PRIMARY KEY,
        size INTEGER NOT NULL REFERENCES checkpoint (size),
        note BLOB NOT NULL,
        published_ms INTEGER NOT NULL
    )
    """,
    "CREATE INDEX published_by_size ON published (size, number)",
    # How far each queue that leads here is taken in: the number of the first message that is not.
    """
    CREATE TABLE queue_offset (
        queue BLOB PRIMARY KEY CHECK (length(queue) = 16),
        reached INTEGER NOT NULL CHECK (reached >= 0)
    ) WITHOUT ROWID
    """,
    # Tags are random, so a batch writes a page of this index for almost every stream in it: the
    # entries are kept as short as can be (the position comes with them).
    "CREATE INDEX record_by_stream ON record (originator_id)",
)

# INSERT OR REPLACE fires no DELETE trigger, so whatever would replace a row is refused on its way
# in; the record's own trigger keeps positions gapless as well.
_TRIGGERS = (
    *(
        f"""
        CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}
        BEGIN SELECT RAISE(ABORT, 'append-only'); END
        """
        for table in (
            *("ledger", "record", "submission", "tile"),
            *("checkpoint", "cosignature", "published"),
        )
        for verb in ("UPDATE", "DELETE")
    ),
    """
    CREATE TRIGGER head_no_delete BEFORE DELETE ON head
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER head_goes_on BEFORE UPDATE ON head
    WHEN NEW.only_row <> OLD.only_row OR NEW.size < OLD.size
        OR NEW.recorded_ms < OLD.recorded_ms OR NEW.fences < OLD.fences
        OR (NEW.size = OLD.size AND NEW.root <> OLD.root)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER queue_offset_no_delete BEFORE DELETE ON queue_offset
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER queue_offset_goes_on BEFORE UPDATE ON queue_offset
    WHEN NEW.queue <> OLD.queue OR NEW.reached < OLD.reached
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER queue_offset_once BEFORE INSERT ON queue_offset
    WHEN EXISTS (SELECT 1 FROM queue_offset WHERE queue = NEW.queue)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER head_once BEFORE INSERT ON head WHEN EXISTS (SELECT 1 FROM head)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER ledger_once BEFORE INSERT ON ledger WHEN EXISTS (SELECT 1 FROM ledger)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER record_in_order BEFORE INSERT ON record
    WHEN NEW.rowid <> coalesce((SELECT max(rowid) FROM record), 0) + 1
        OR EXISTS (SELECT 1 FROM record WHERE event_id = NEW.event_id)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER submission_once BEFORE INSERT ON submission
    WHEN EXISTS (SELECT 1 FROM submission WHERE id = NEW.id OR number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER tile_in_order BEFORE INSERT ON tile
    WHEN NEW.number <> coalesce((SELECT max(number) FROM tile WHERE level = NEW.level), -1) + 1
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER checkpoint_once BEFORE INSERT ON checkpoint
    WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size)
        OR NEW.size > (SELECT size FROM head)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER cosignature_once BEFORE INSERT ON cosignature
    WHEN EXISTS (SELECT 1 FROM cosignature
        WHERE number = NEW.number OR (size = NEW.size AND line = NEW.line))
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
    """
    CREATE TRIGGER published_once BEFORE INSERT ON published
    WHEN EXISTS (SELECT 1 FROM published WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'append-only'); END
    """,
)


def create_ledger(path: Path, name: str, *, origin: Origin) -> None:
    """Make an empty ledger, durable when this returns; raises HomeNotReady.

    Everything is made in one transaction: a file left empty by a crash is simply made again, and
    one that holds anything is refused.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            _refuse_unless_empty(connection, path)
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # only before WAL is chosen
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            _refuse_unless_empty(connection, path)  # somebody else may have been quicker
            for statement in (*_TABLES, *_TRIGGERS):
                connection.execute(statement)
            connection.execute(
                "INSERT INTO ledger VALUES (1, ?, ?, ?)", (name, LEDGER_FORMAT, origin)
            )
            connection.execute("INSERT INTO head VALUES (1, 0, 0, 0, ?)", (EMPTY_ROOT,))
            connection.execute("COMMIT")
        _sync_folder(path.parent)
    except (OSError, sqlite3.Error):
        raise HomeNotReady(f"no ledger can be made at {path}: see who may write there") from None


def _refuse_unless_empty(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is not None:
        raise HomeNotReady(f"there is a file at {path} already; a ledger is made once")


def _sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as its content."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
