"""Making the key store's tables in a schema of PostgreSQL, and moving them on, by who may."""

from __future__ import annotations

import secrets

from psycopg import sql

from adapters.keys.postgres_keys import KEY_STORE, OF_BEFORE, another_release_s
from adapters.keys.postgres_keys_migrations import ERASER, MIGRATIONS, ROLES
from adapters.postgres_connections import Owner, Place, one, owning
from adapters.postgres_migrating import Steps, apply, bring_up

_STANDS = "SELECT to_regclass('store') IS NOT NULL"
_MAY_GRANT = "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE WITH GRANT OPTION')"


def create_key_store(place: Place, *, migrations: Steps = MIGRATIONS) -> bool:
    """Make an empty store unless one stands; gives whether it was made.

    One that stands is brought to the tables of this release. Raises HomeNotReady, also for one that
    a later release made.
    """
    schema = sql.Identifier(place.schema)
    with owning(place, KEY_STORE) as connection:
        if one(connection, _STANDS):
            _bring_up(connection, place.schema, migrations)
            return False
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        for role in ROLES:
            if not one(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
        connection.execute(sql.SQL("GRANT pg_checkpoint TO {}").format(sql.Identifier(ERASER)))
        connection.execute(
            sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
                schema, sql.SQL(", ").join(map(sql.Identifier, ROLES))
            )
        )
        if one(connection, _MAY_GRANT):
            connection.execute(
                sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}").format(
                    sql.Identifier(ERASER)
                )
            )
        apply(connection, migrations)
        connection.execute("INSERT INTO store VALUES (1, %s)", (secrets.token_bytes(16),))
    return True


def migrate_key_store(place: Place, *, migrations: Steps = MIGRATIONS) -> bool:
    """Bring a store that stands to this release; gives whether there was anything to do.

    Wholly or not at all. Raises HomeNotReady, also for one that a later release made.
    """
    with owning(place, KEY_STORE) as connection:
        stands = one(connection, _STANDS)
        return bool(stands) and _bring_up(connection, place.schema, migrations)


def _bring_up(connection: Owner, schema: str, migrations: Steps) -> bool:
    if one(connection, OF_BEFORE):
        raise another_release_s(schema)
    return bring_up(connection, schema, migrations)
