"""Everything in a key store in PostgreSQL: read at one moment, or written where none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple

from psycopg.rows import tuple_row

from adapters.keys.postgres_keys import (
    ALONE,
    INDEX_KEY,
    KEY_STORE,
    refuse_another_release_s,
    translated,
)
from adapters.keys.store_contents import Contents
from adapters.postgres_connections import Place, one, owning
from adapters.postgres_pool import Connections
from services.ports import WrappedKey

# The lock comes before the first look: whoever writes the store anew has to wait until we are done,
# and nobody sees the files of before.
_AT_ONE_MOMENT = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE key IN ACCESS SHARE MODE"
)
_FENCES = "SELECT tag, gone FROM fence ORDER BY tag"
_KEYS = "SELECT tag, key_id, wrapped, ledger, class FROM key ORDER BY tag"
_ANYTHING = (
    "SELECT EXISTS (SELECT FROM key) OR EXISTS (SELECT FROM fence) OR EXISTS (SELECT FROM meta)"
)
_COPY = "COPY {} FROM STDIN (FORMAT BINARY)"
_KEY = ("key (tag, key_id, wrapped, ledger, class)", ("bytea", "bytea", "bytea", "text", "text"))
_FENCE = ("fence (tag, gone)", ("bytea", "bool"))
_AT_ONCE = 5_000


@contextmanager
def contents_of_schema(place: Place) -> Iterator[Contents]:
    """Read a store as it stands; raises Unavailable, and HomeNotReady for another release's."""
    with (
        translated(),
        closing(Connections(place, KEY_STORE)) as connections,
        connections.transaction(_AT_ONE_MOMENT) as cursor,
        cursor.connection.cursor("fences", row_factory=tuple_row) as fences,
        cursor.connection.cursor("keys", row_factory=tuple_row) as keys,
    ):
        refuse_another_release_s(cursor, place.schema)
        found = cursor.execute(INDEX_KEY).fetchall()
        for walk, statement in ((fences, _FENCES), (keys, _KEYS)):
            walk.itersize = _AT_ONCE
            walk.execute(statement, binary=True)
        yield Contents(
            found[0][0] if found else None,
            ((tag, gone) for tag, gone in fences),
            (WrappedKey(*row) for row in keys),
        )


def fill_schema(owner: Place, contents: Contents) -> bool:
    """Fill an empty store with this, wholly or not at all; gives whether it was empty.

    Raises HomeNotReady.
    """
    with owning(owner, KEY_STORE) as connection:
        connection.execute(ALONE)
        if one(connection, _ANYTHING):
            return False
        if contents.index_key is not None:
            connection.execute("INSERT INTO meta VALUES (1, %s)", (contents.index_key,))
        keys = map(astuple, contents.keys)
        with connection.cursor() as cursor:
            for (table, types), rows in ((_FENCE, contents.fences), (_KEY, keys)):
                with cursor.copy(_COPY.format(table).encode()) as copy:
                    copy.set_types(types)
                    for row in rows:
                        copy.write_row(row)
    return True


def holds_nothing(place: Place) -> bool:
    """Say whether a store is empty; raises Unavailable."""
    with (
        translated(),
        closing(Connections(place, KEY_STORE)) as connections,
        connections.looking() as cursor,
    ):
        return cursor.execute(_ANYTHING).fetchall() == [(False,)]
