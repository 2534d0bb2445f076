"""Making a ledger's tables in a schema of PostgreSQL, and moving them on from release to release.

Tables are made here and nowhere else, by `bhr ledger init` under a role that may, which the hub's
is not. What is in them is what a ledger's file has (`sqlite_schema.py`), and so are the reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow, tuple_row

from adapters.ledger.ledger_format import LEDGER_FORMAT, Origin
from adapters.ledger.postgres_migrations import MIGRATIONS
from adapters.ledger.postgres_statements import SELECT_IDENTITY, SELECT_VERSION
from adapters.ledger.postgres_store import SERVER_MIN, Patience, Place, connect
from domain.errors import HomeNotReady
from domain.tree import EMPTY_ROOT

WRITER = "bhr_writer"
"""Whoever is in this role may append, and change nothing: the hub."""
READER = "bhr_reader"
"""Whoever is in this role may look: an auditor."""

_ANYTHING_THERE = "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(%s) LIMIT 1"
_A_LEDGER_THERE = "SELECT to_regclass(%s) IS NOT NULL AND to_regclass(%s) IS NOT NULL"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('bhr ledger init'))"


def create_ledger(
    place: Place, name: str, *, origin: Origin, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> None:
    """Make an empty ledger, wholly or not at all; raises HomeNotReady."""
    with _owning(place) as connection:
        if _one(connection, _ANYTHING_THERE, _quoted(place.schema)):
            raise HomeNotReady(
                f"there is something in the schema {place.schema} already; a ledger is made once"
            )
        connection.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema))
        )
        for role in (WRITER, READER):
            if not _one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(
                *map(sql.Identifier, (place.schema, WRITER, READER))
            )
        )
        _apply(connection, migrations, after=0)
        connection.execute(
            "INSERT INTO ledger VALUES (1, %s, %s, %s)", (name, LEDGER_FORMAT, origin)
        )
        connection.execute("INSERT INTO head VALUES (1, 0, 0, 0, %s)", (EMPTY_ROOT,))


def ledger_stands(place: Place) -> bool:
    """Say whether there is a ledger in the schema; raises HomeNotReady."""
    tables = (f"{_quoted(place.schema)}.ledger", f"{_quoted(place.schema)}.migration")
    with _owning(place) as connection:
        return bool(_one(connection, _A_LEDGER_THERE, *tables))


def migrate_ledger(
    place: Place, name: str, *, migrations: Sequence[Sequence[str]] = MIGRATIONS
) -> bool:
    """Bring a ledger's tables to this release; gives whether there was anything to do.

    Wholly or not at all; raises HomeNotReady, and for a ledger that a later release made too.
    """
    with _owning(place) as connection:
        if _one(connection, SELECT_IDENTITY) != name:
            raise HomeNotReady(f"the schema {place.schema} is not the ledger {name}")
        version = _one(connection, SELECT_VERSION)
        if not isinstance(version, int) or version > len(migrations):
            raise HomeNotReady(f"the schema {place.schema} was made by a later release")
        _apply(connection, migrations, after=version)
        return version < len(migrations)


def _apply(
    connection: Connection[DictRow], migrations: Sequence[Sequence[str]], *, after: int
) -> None:
    for version, statements in enumerate(migrations[after:], start=after + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migration (version) VALUES (%s)", (version,))


@contextmanager
def _owning(place: Place) -> Iterator[Connection[DictRow]]:
    """Connect as who may make tables, alone, in one transaction."""
    try:
        with connect(place, Patience(statement_ms=0, idle_ms=0)) as connection:
            if connection.info.server_version < SERVER_MIN:
                raise HomeNotReady("PostgreSQL 15 or newer is needed")
            with connection.transaction():
                connection.execute(_ONE_AT_A_TIME)
                yield connection
    except psycopg.Error:
        raise HomeNotReady(
            f"no ledger can be made in the schema {place.schema}: see that the server answers and"
            " that this role may make schemas and roles"
        ) from None


def _one(connection: Connection[DictRow], statement: str, *values: str) -> object:
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(statement, values or None).fetchone()
    return None if row is None else row[0]


def _quoted(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'
