"""Connecting to PostgreSQL: where to, how long is waited for what, and what a server must promise.

Stores share theirs (`postgres_pool.py`). What needs a session of its own connects here: locks that
a session holds, listening, tables of its own, and reading for longer than a transaction may take.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row

from domain.errors import HomeNotReady

SERVER_MIN = 150_000
Owner = Connection[DictRow]
"""A connection as who may make tables."""

_DURABLE = (
    "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'"
    " AND current_setting('synchronous_commit') <> 'off'"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store stands: a database, as libpq is told of it, and a schema of its own in it."""

    conninfo: str = field(repr=False)  # a password may be in it
    schema: str
    only_looks: bool = False

    def looking(self) -> Place:
        """Give it to who only looks: whatever the role may, nothing is written by the way."""
        return replace(self, only_looks=True)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, before it counts as gone."""

    connect_s: int = 5
    lock_ms: int = 10_000
    statement_ms: int = 60_000
    idle_ms: int = 10_000
    """A writer that was stopped in the middle would hold up all others; the server ends it."""


def connect(place: Place, patience: Patience | None = None) -> Connection[DictRow]:
    """Connect, with the store's schema alone in view; raises psycopg's own errors."""
    patience = patience or Patience()
    options = {
        "search_path": search_path(place.schema),
        "lock_timeout": patience.lock_ms,
        "statement_timeout": patience.statement_ms,
        "idle_in_transaction_session_timeout": patience.idle_ms,
    }
    asked = " ".join(f"-c {name}={value}" for name, value in options.items())
    given = conninfo_to_dict(place.conninfo)
    connection = Connection.connect(
        make_conninfo(
            place.conninfo,
            options=" ".join(filter(None, (str(given.get("options") or ""), asked))),
            connect_timeout=patience.connect_s,
            client_encoding="UTF8",  # else a database that names none gives its text as bytes
            # A server that is cut off, not stopped, is noticed within half a minute.
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        ),
        autocommit=True,  # transactions are begun and ended here, in so many words
        row_factory=dict_row,
    )
    if place.only_looks:
        _only_look(connection)
    return connection


def _only_look(connection: Connection[DictRow]) -> None:
    """Have transactions read, unless they begin otherwise.

    Said once connected: among the options, libpq would take the server for a standby, and whoever
    asks for the one that can be written to (`target_session_attrs`) would find none.
    """
    try:
        connection.execute("SET default_transaction_read_only = on")
    except BaseException:
        connection.close()
        raise


def search_path(schema: str) -> str:
    """Say what is looked at: a schema, and only then what is temporary, which would hide it."""
    return f'"{schema}",pg_temp'


@contextmanager
def owning(place: Place, what: str) -> Iterator[Owner]:
    """Connect as who may make tables, alone among these, in one transaction."""
    try:
        with connect(place, Patience(statement_ms=0, idle_ms=0)) as connection:
            if connection.info.server_version < SERVER_MIN:
                raise HomeNotReady("PostgreSQL 15 or newer is needed")
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(hashtext('bhr ledger init'))")
                yield connection
    except psycopg.Error:
        raise HomeNotReady(
            f"no {what} can be made in the schema {place.schema}: see that the server answers and"
            " that this role may make schemas and roles"
        ) from None


def one(connection: Connection[DictRow], statement: str, *values: str) -> object:
    """Ask for one value; None where there is no row."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(statement, values or None).fetchone()
    return None if row is None else row[0]


def refuse_forgetful(cursor: Cursor[TupleRow]) -> None:
    """Refuse a server that may lose what it acknowledged."""
    if cursor.execute(_DURABLE).fetchall() != [(True,)]:
        raise HomeNotReady(
            "the server may lose what it acknowledged: set fsync, full_page_writes and"
            " synchronous_commit to on"
        )
