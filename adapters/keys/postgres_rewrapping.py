"""Wrapping every key of a store in PostgreSQL anew, under another key-encryption key.

One transaction, under a lock that nobody shares, as destroying is: the old wrappings are in files
that its commit cuts to nothing. What is wrapped under the new key already is left as it is, so it
may be done again. A row that neither key opens was lost before: it is left as it is, and counted.
"""

from __future__ import annotations

from contextlib import closing

from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.keys.postgres_keys import (
    ALONE,
    EMPTY,
    INDEX_KEY,
    KEY_STORE,
    PUT_BACK,
    settle,
    translated,
)
from adapters.postgres_connections import Connections, Place
from domain.errors import HomeNotReady, NotOpened
from services.custody import INDEX_CONTEXT, wrap_context
from services.rewrapping import SHUT, Change, Rewrapped

ROWS_AT_ONCE = 5_000
_KEPT = "CREATE TEMPORARY TABLE kept (LIKE key) ON COMMIT DROP"
_NEXT_ROWS = """SELECT tag, key_id, wrapped, ledger, class FROM key
    WHERE tag > %s ORDER BY tag LIMIT %s"""
_KEEP = "COPY pg_temp.kept (tag, key_id, wrapped, ledger, class) FROM STDIN (FORMAT BINARY)"
_TYPES = ("bytea", "bytea", "bytea", "text", "text")
_EMPTY_META = "TRUNCATE meta"
_SET_INDEX_KEY = "INSERT INTO meta VALUES (1, %s)"


def rewrap_schema(eraser: Place, change: Change) -> Rewrapped:
    """Wrap all keys of a store anew; nobody else may have it open.

    Raises HomeNotReady for an index key that neither opens, Unavailable.
    """
    done = shut = 0
    with closing(Connections(eraser, KEY_STORE)) as connections, translated():
        with connections.writing() as cursor:
            cursor.execute(ALONE)
            index_key = _index_key(cursor, change)
            cursor.execute(_KEPT)
            last = b""
            while rows := cursor.execute(_NEXT_ROWS, (last, ROWS_AT_ONCE)).fetchall():
                fresh, lost = _keep(cursor, rows, change)
                done, shut, last = done + fresh, shut + lost, rows[-1][0]
            cursor.execute(EMPTY)
            cursor.execute(PUT_BACK)
            if index_key is not None:
                cursor.execute(_EMPTY_META)
                cursor.execute(_SET_INDEX_KEY, (index_key,))
        with connections.plain() as connection:
            settle(connection)
    return Rewrapped(done, shut)


def _keep(cursor: Cursor[TupleRow], rows: list[TupleRow], change: Change) -> tuple[int, int]:
    """Put rows aside, wrapped anew; gives how many were, and how many neither key opens."""
    found = change.of_all(
        [
            (wrapped, wrap_context(tag, key_id, ledger, key_class))
            for tag, key_id, wrapped, ledger, key_class in rows
        ]
    )
    with cursor.copy(_KEEP) as copy:
        copy.set_types(_TYPES)
        for new, (tag, key_id, wrapped, ledger, key_class) in zip(found, rows, strict=True):
            copy.write_row((tag, key_id, new or wrapped, ledger, key_class))
    return sum(bool(new) for new in found), found.count(SHUT)


def _index_key(cursor: Cursor[TupleRow], change: Change) -> bytes | None:
    for (wrapped,) in cursor.execute(INDEX_KEY).fetchall():
        try:
            return change.of(wrapped, INDEX_CONTEXT)
        except NotOpened:
            raise HomeNotReady("the key store's index key opens with no key file here") from None
    return None
