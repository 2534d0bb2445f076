"""Copying a SQLite file while others write to it, into one file that is whole or not there."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from domain.errors import HomeNotReady, Unavailable

_WAIT_S = 30.0
_PIECE = 1 << 20


def copy_online(source: Path, target: Path) -> None:
    """Copy a database as it stands at one moment; its writers go on meanwhile.

    The copy is a single file, with no log beside it, for its owner alone, and on the disk. Raises
    Unavailable, and HomeNotReady where the copy cannot be written.
    """
    _make_private(target)
    address = f"{source.resolve().as_uri()}?mode=rw"
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=_WAIT_S)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            there.execute("PRAGMA synchronous = FULL")
            here.backup(there)
            there.execute("PRAGMA journal_mode = DELETE").fetchall()
    except sqlite3.Error:
        raise Unavailable(f"a copy of {source.name}") from None
    sync(target)


def copy_file(source: Path, target: Path) -> None:
    """Copy a file that nobody writes to; it is for its owner alone, and on the disk."""
    _make_private(target)
    try:
        shutil.copyfile(source, target)
    except OSError:
        raise HomeNotReady(f"{target}: cannot be written; check rights and space") from None
    sync(target)


def write_ahead(path: Path) -> None:
    """Let a restored file be written as the hub writes: with its log beside it."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
    except sqlite3.Error:
        raise HomeNotReady(f"{path}: no database, or damaged") from None
    sync(path)


def digest_of(path: Path) -> tuple[int, bytes]:
    """Give how many bytes a file has, and their SHA-256; raises HomeNotReady."""
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
    except OSError:
        raise HomeNotReady(f"{path}: cannot be read") from None
    return size, digest.digest()


def sync(path: Path) -> None:
    """Put a file or a folder's names on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _make_private(target: Path) -> None:
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        raise HomeNotReady(f"{target}: cannot be made; check rights and space") from None
