"""Wrapping every key of a store in PostgreSQL anew, under another key-encryption key.

New wrappings are made while others use the store, and put aside. They are put in the place of the
old ones in one transaction, under a lock that nobody shares, as destroying is: the old wrappings
are in files that its commit cuts to nothing. What came meanwhile is under the new key, and what
went is gone. What is wrapped under the new key already is left as it is, so it may be done again. A
row that neither key opens was lost before: it is left as it is, and counted.
"""

from __future__ import annotations

from contextlib import closing

from psycopg import Cursor
from psycopg.rows import TupleRow, tuple_row

from adapters.keys.postgres_keys import (
    ALONE,
    EMPTY,
    INDEX_KEY,
    KEY_STORE,
    PUT_BACK,
    settle,
    translated,
)
from adapters.postgres_connections import Place, connect
from adapters.postgres_pool import Connections
from domain.errors import HomeNotReady, NotOpened
from services.custody import INDEX_CONTEXT, wrap_context
from services.rewrapping import SHUT, Change, Rewrapped

ROWS_AT_ONCE = 5_000
_FRESH = """CREATE TEMPORARY TABLE fresh (key_id bytea PRIMARY KEY, wrapped bytea NOT NULL)"""
_NEXT_ROWS = """SELECT tag, key_id, wrapped, ledger, class FROM key
    WHERE key_id > %s ORDER BY key_id LIMIT %s"""
_PUT_ASIDE = "COPY pg_temp.fresh (key_id, wrapped) FROM STDIN (FORMAT BINARY)"
_KEPT = """CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
    SELECT key.tag, key.key_id, coalesce(fresh.wrapped, key.wrapped) AS wrapped, key.ledger,
    key.class FROM key LEFT JOIN pg_temp.fresh USING (key_id)"""
_NONE_LEFT = "DROP TABLE pg_temp.fresh"
_EMPTY_META = "TRUNCATE meta"
_SET_INDEX_KEY = "INSERT INTO meta VALUES (1, %s)"


def rewrap_schema_index_key(eraser: Place, change: Change) -> None:
    """Wrap the index key anew; nobody may be opening the store meanwhile.

    Raises HomeNotReady for one that neither opens, Unavailable.
    """
    with closing(Connections(eraser, KEY_STORE)) as connections, translated():
        with connections.writing() as cursor:
            cursor.execute(ALONE)
            index_key = _index_key(cursor, change)
            if index_key is not None:
                cursor.execute(_EMPTY_META)
                cursor.execute(_SET_INDEX_KEY, (index_key,))
        with connections.plain() as connection:
            settle(connection)


def rewrap_schema(eraser: Place, change: Change) -> Rewrapped:
    """Wrap all data keys anew, whoever else uses them; nothing is added under the old any more.

    Raises Unavailable.
    """
    with translated(), connect(eraser) as connection:  # its table goes with it, however it ends
        with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
            cursor.execute(_FRESH)
            found = _put_aside_all(cursor, change)
            if found.rows:
                with connection.transaction():
                    cursor.execute(ALONE)
                    cursor.execute(_KEPT)
                    cursor.execute(EMPTY)
                    cursor.execute(PUT_BACK)
            cursor.execute(_NONE_LEFT)
        settle(connection)
    return found


def _put_aside_all(cursor: Cursor[TupleRow], change: Change) -> Rewrapped:
    done = shut = 0
    last = b""
    while rows := cursor.execute(_NEXT_ROWS, (last, ROWS_AT_ONCE)).fetchall():
        fresh, lost = _put_aside(cursor, rows, change)
        done, shut, last = done + fresh, shut + lost, rows[-1][1]
    return Rewrapped(done, shut)


def _put_aside(cursor: Cursor[TupleRow], rows: list[TupleRow], change: Change) -> tuple[int, int]:
    """Put new wrappings aside; gives how many there are, and how many rows neither key opens."""
    found = change.of_all(
        [
            (wrapped, wrap_context(tag, key_id, ledger, key_class))
            for tag, key_id, wrapped, ledger, key_class in rows
        ]
    )
    with cursor.copy(_PUT_ASIDE) as copy:
        copy.set_types(("bytea", "bytea"))
        for new, row in zip(found, rows, strict=True):
            if new:
                copy.write_row((row[1], new))
    return sum(bool(new) for new in found), found.count(SHUT)


def _index_key(cursor: Cursor[TupleRow], change: Change) -> bytes | None:
    for (wrapped,) in cursor.execute(INDEX_KEY).fetchall():
        try:
            return change.of(wrapped, INDEX_CONTEXT)
        except NotOpened:
            raise HomeNotReady("the key store's index key opens with no key file here") from None
    return None
