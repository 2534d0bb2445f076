"""Wrapping every key of a store anew, under another key-encryption key, while others use it.

Both key-encryption keys are known until all is done, so a store that is half rewrapped opens; the
work may be stopped anywhere and begun again. What is wrapped under the new key already is left as
it is, and so is what is being added meanwhile, which is under the new one. A row that neither key
opens was lost before: it is left as it is, and counted.

The index key comes first, while nobody else opens the store: it has the same bytes in both files,
and by these a store knows its mirror.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.keys.mirror import MIRROR
from adapters.keys.store_file import connect, translated
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.custody import INDEX_CONTEXT, wrap_context
from services.ports import KeyClass
from services.rewrapping import SHUT, Change, Rewrapped

ROWS_AT_ONCE = 5_000
_NEXT_ROWS = """SELECT tag, key_id, wrapped, ledger, class FROM key
    WHERE key_id > ? ORDER BY key_id LIMIT ?"""
_WRAP = "UPDATE key SET wrapped = ? WHERE key_id = ?"  # a row that went meanwhile stays gone
_Row = tuple[bytes, bytes, bytes, str, KeyClass]


def rewrap_store(primary: Path, mirror: Path | None, change: Change) -> Rewrapped:
    """Wrap all keys of a store and of its mirror anew; nobody else may have it open.

    Raises HomeNotReady for an index key that neither opens or a mirror of another store,
    Unavailable for a file that is not there.
    """
    rewrap_index_key(primary, mirror, change)
    return rewrap_rows(primary, mirror, change)


def rewrap_index_key(primary: Path, mirror: Path | None, change: Change) -> None:
    """Wrap the index key anew; nobody may be opening the store meanwhile, or adding to it.

    Raises HomeNotReady for an index key that neither opens or a mirror of another store,
    Unavailable for a file that is not there.
    """
    files = _files(primary, mirror)
    _refuse_strange(files, change)
    _rewrap_index_key(files, change)


def rewrap_rows(primary: Path, mirror: Path | None, change: Change) -> Rewrapped:
    """Wrap all data keys anew, whoever else uses them; nothing is added under the old key any more.

    Raises Unavailable: also where a file could not be cleared of what was in it.
    """
    if mirror is not None:
        _rewrap_rows(mirror, MIRROR, change)
    found = _rewrap_rows(primary, "key store", change)
    if mirror is not None:  # it may have been given rows of the store meanwhile, as it stood then
        _rewrap_rows(mirror, MIRROR, change)
    for path, name in _files(primary, mirror):
        _settle(path, name)
    return found


def _files(primary: Path, mirror: Path | None) -> list[tuple[Path, str]]:
    return [(primary, "key store")] + ([(mirror, MIRROR)] if mirror is not None else [])


def _refuse_strange(files: list[tuple[Path, str]], change: Change) -> None:
    """Let nothing begin where an index key does not open, or the files have not the same."""
    keys: set[bytes] = set()
    for path, name in files:
        with translated(path, name), closing(connect(path)) as connection:
            wrapped = _index_key(connection)
        if wrapped is None:
            continue
        try:
            keys.add(change.key(wrapped, INDEX_CONTEXT))
        except NotOpened:
            raise HomeNotReady(f"{path}: its index key opens with no key file here") from None
    if len(keys) > 1:
        raise HomeNotReady(f"{files[-1][0]}: the mirror of another key store; set it aside")


def _rewrap_rows(path: Path, name: str, change: Change) -> Rewrapped:
    done = shut = 0
    last = b""
    with translated(path, name), closing(connect(path)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        while rows := connection.execute(_NEXT_ROWS, (last, ROWS_AT_ONCE)).fetchall():
            fresh, lost = _wrapped_anew(rows, change)
            if fresh:
                with _transaction(connection):
                    connection.executemany(_WRAP, fresh)
            done, shut, last = done + len(fresh), shut + lost, rows[-1][1]
    return Rewrapped(done, shut)


def _wrapped_anew(rows: list[_Row], change: Change) -> tuple[list[tuple[bytes, bytes]], int]:
    """Give new wrappings with their key ids, and how many rows neither key opens."""
    found = change.of_all(
        [
            (wrapped, wrap_context(tag, key_id, ledger, key_class))
            for tag, key_id, wrapped, ledger, key_class in rows
        ]
    )
    fresh = [(new, row[1]) for new, row in zip(found, rows, strict=True) if new]
    return fresh, found.count(SHUT)


def _rewrap_index_key(files: list[tuple[Path, str]], change: Change) -> None:
    """Give every file the same new wrapping: one that stands already, where there is one."""
    standing: list[bytes] = []
    for path, name in files:
        with translated(path, name), closing(connect(path)) as connection:
            wrapped = _index_key(connection)
        if wrapped is not None:
            standing.append(wrapped)
    if not standing:
        return
    done = [one for one in standing if change.of(one, INDEX_CONTEXT) is None]
    wanted = done[-1] if done else change.new.wrap(
        change.key(standing[0], INDEX_CONTEXT), INDEX_CONTEXT
    )  # fmt: skip
    for path, name in reversed(files):
        with translated(path, name), closing(connect(path)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            with _transaction(connection):
                connection.execute("UPDATE meta SET index_key = ?", (wanted,))


def _settle(path: Path, name: str) -> None:
    """Leave no old wrapping behind: neither where a page was split, nor in the log beside it."""
    with translated(path, name), closing(connect(path)) as connection:
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("VACUUM")
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Unavailable(name)


def _index_key(connection: sqlite3.Connection) -> bytes | None:
    row: tuple[bytes] | None = connection.execute("SELECT index_key FROM meta").fetchone()
    return None if row is None else row[0]


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all or nothing; durable on leaving. What a crash cuts off is as if it had not begun."""
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("COMMIT")
