"""Rows and files of key stores, as the tests of stores and mirrors use them."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from adapters.keys.store import SqliteKeyStore
from services.ports import WrappedKey

Opener = Callable[..., SqliteKeyStore]


def row(tag: int, key: int) -> WrappedKey:
    """Give a row: `tag` says for what, `key` which key."""
    return WrappedKey(bytes([tag]) * 32, bytes([key]) * 32, b"wrapped", "havering", "subject")


def made(*paths: Path) -> None:
    """Make the files of a store and leave them closed."""
    SqliteKeyStore.create(*paths).close()


def ids(path: Path) -> dict[int, int]:
    """Read a file by SQLite alone: which key stands for each tag."""
    with closing(sqlite3.connect(path)) as connection:
        return {tag[0]: key[0] for tag, key in connection.execute("SELECT tag, key_id FROM key")}
