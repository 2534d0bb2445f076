"""Bringing a mirror of the key store up to date when the store is opened with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from adapters.keys.store_file import connect, translated
from domain.errors import HomeNotReady

MIRROR: Final = "mirror of the key store"

# All on one connection to both files. Keys are compared by id, which both indexes have in one
# order, so that a mirror that lacks nothing costs a quick look.
_STRANGE = """SELECT EXISTS (SELECT 1 FROM main.meta AS ours, mirror.meta AS theirs
    WHERE theirs.index_key <> ours.index_key)"""
_LACKS = """SELECT
    EXISTS (SELECT 1 FROM main.key WHERE key_id NOT IN (SELECT key_id FROM mirror.key)
        AND tag NOT IN (SELECT tag FROM mirror.fence))
    OR EXISTS (SELECT 1 FROM main.fence WHERE tag NOT IN (SELECT tag FROM mirror.fence))
    OR (SELECT count(*) FROM main.meta) > (SELECT count(*) FROM mirror.meta)
    OR NOT EXISTS (SELECT 1 FROM main.life AS ours, mirror.life AS theirs
        WHERE theirs.store = ours.store AND theirs.changes >= ours.changes)"""
_COPY_KEYS = """INSERT INTO mirror.key (tag, key_id, wrapped, ledger, class)
    SELECT tag, key_id, wrapped, ledger, class FROM main.key
    WHERE key_id NOT IN (SELECT key_id FROM mirror.key)
    AND tag NOT IN (SELECT tag FROM mirror.fence)"""
_COPY_FENCES = """INSERT INTO mirror.fence (tag, gone)
    SELECT tag, 0 FROM main.fence WHERE tag NOT IN (SELECT tag FROM mirror.fence)"""
_COPY_LIFE = """UPDATE mirror.life SET (store, changes) =
    (SELECT store, max(changes, mirror.life.changes) FROM main.life)"""
_COPY_INDEX_KEY = """INSERT INTO mirror.meta SELECT * FROM main.meta
    WHERE NOT EXISTS (SELECT 1 FROM mirror.meta)"""


def copy_lacking(primary: Path, mirror: Path) -> None:
    """Copy to the mirror whatever stands in the primary alone: all of it when the mirror is new.

    What the mirror has as destroyed stays so there: a restored primary does not bring it back.

    Raises HomeNotReady when the mirror has another key for a tag, or another index key: it is the
    mirror of another store, or of another past of this one, and may hold the only copy of a key.
    """
    with translated(mirror, MIRROR), closing(connect(primary)) as both:
        both.execute("ATTACH ? AS mirror", (f"{mirror.resolve().as_uri()}?mode=rw",))
        if both.execute(_STRANGE).fetchone()[0]:
            raise _strange(mirror)
        if both.execute(_LACKS).fetchone()[0]:
            both.execute("BEGIN IMMEDIATE")  # locks both files, the primary first
            try:
                both.execute(_COPY_KEYS)
                both.execute(_COPY_FENCES)
                both.execute(_COPY_INDEX_KEY)
                both.execute(_COPY_LIFE)
            except sqlite3.IntegrityError:
                raise _strange(mirror) from None
            both.execute("COMMIT")


def _strange(mirror: Path) -> HomeNotReady:
    return HomeNotReady(
        f"{mirror}: the mirror of another key store, or of another past of this one; "
        "set it aside unchanged and make a new mirror"
    )
