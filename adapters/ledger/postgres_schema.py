"""Making a ledger's tables in a schema of PostgreSQL, and moving them on from release to release.

Tables are made here and nowhere else, by `bhr ledger init` under a role that may, which the hub's
is not. What is in them is what a ledger's file has (`sqlite_schema.py`), and so are the reasons.
"""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from psycopg import Connection, sql
from psycopg.rows import DictRow

from adapters.ledger.ledger_format import LEDGER_FORMAT, Origin
from adapters.ledger.postgres_migrations import MIGRATIONS
from adapters.ledger.postgres_statements import SELECT_IDENTITY
from adapters.postgres_connections import Place, connect, one, owning
from adapters.postgres_migrating import Steps, apply, bring_up
from domain.errors import HomeNotReady, Unavailable
from domain.tree import EMPTY_ROOT

WRITER = "bhr_writer"
"""Whoever is in this role may append, and change nothing: the hub."""
READER = "bhr_reader"
"""Whoever is in this role may look: an auditor."""

LEDGER = "ledger"
_ANYTHING_THERE = "SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(%s) LIMIT 1"
_A_LEDGER_THERE = "SELECT to_regclass(%s) IS NOT NULL AND to_regclass(%s) IS NOT NULL"


_STANDING = """SELECT nspname FROM pg_namespace AS at
    WHERE has_schema_privilege(at.oid, 'USAGE') AND (
        SELECT count(*) FROM pg_class WHERE relnamespace = at.oid
        AND relkind = 'r' AND relname IN ('ledger', 'migration', 'head', 'record')
    ) = 4 ORDER BY nspname"""


def create_schema(
    place: Place,
    name: str,
    *,
    origin: Origin,
    migrations: Steps = MIGRATIONS,
    fill: Callable[[Connection[DictRow]], None] | None = None,
) -> None:
    """Make a ledger, empty or filled by this, wholly or not at all; raises HomeNotReady."""
    with owning(place, LEDGER) as connection:
        if one(connection, _ANYTHING_THERE, _quoted(place.schema)):
            raise HomeNotReady(
                f"there is something in the schema {place.schema} already; a ledger is made once"
            )
        connection.execute(
            sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(place.schema))
        )
        for role in (WRITER, READER):
            if not one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}, {}").format(
                *map(sql.Identifier, (place.schema, WRITER, READER))
            )
        )
        apply(connection, migrations)
        connection.execute(
            "INSERT INTO ledger VALUES (1, %s, %s, %s)", (name, LEDGER_FORMAT, origin)
        )
        connection.execute("INSERT INTO head VALUES (1, 0, 0, 0, %s)", (EMPTY_ROOT,))
        if fill is not None:
            fill(connection)


def ledger_stands(place: Place) -> bool:
    """Say whether there is a ledger in the schema; raises HomeNotReady."""
    tables = (f"{_quoted(place.schema)}.ledger", f"{_quoted(place.schema)}.migration")
    with owning(place, LEDGER) as connection:
        return bool(one(connection, _A_LEDGER_THERE, *tables))


def standing_ledgers(conninfo: str) -> list[str]:
    """Name the ledgers that stand in a database, as far as this role may use them.

    Raises Unavailable when the server does not answer.
    """
    try:
        with connect(Place(conninfo, "pg_catalog").looking()) as connection:
            return [str(row["nspname"]) for row in connection.execute(_STANDING)]
    except psycopg.Error:
        raise Unavailable("the ledgers' server") from None


def migrate_ledger(place: Place, name: str, *, migrations: Steps = MIGRATIONS) -> bool:
    """Bring a ledger's tables to this release; gives whether there was anything to do.

    Wholly or not at all; raises HomeNotReady, and for a ledger that a later release made too.
    """
    with owning(place, LEDGER) as connection:
        if one(connection, SELECT_IDENTITY) != name:
            raise HomeNotReady(f"the schema {place.schema} is not the ledger {name}")
        return bring_up(connection, place.schema, migrations)


def _quoted(schema: str) -> str:
    return '"' + schema.replace('"', '""') + '"'
