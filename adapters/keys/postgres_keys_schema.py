"""Making the key store's tables in a schema of PostgreSQL, under a role that may."""

from __future__ import annotations

import secrets

from psycopg import sql

from adapters.keys.postgres_keys import KEY_STORE, VERSION, another_release_s
from adapters.postgres_connections import Place, one, owning

HOLDER = "bhr_keys"
"""Whoever is in this role may add keys and find them: the hub."""
ERASER = "bhr_eraser"
"""Whoever is in this role may write the store anew without what is destroyed."""
KEY_READER = "bhr_keys_reader"
"""Whoever is in this role may find wrapped keys, and add none: an auditor with the hub's keys."""
ROLES = (HOLDER, ERASER, KEY_READER)

_TABLES = (
    """
    CREATE TABLE store (
        only_row integer PRIMARY KEY CHECK (only_row = 1),
        version integer NOT NULL,
        life bytea NOT NULL CHECK (octet_length(life) = 16)
    )
    """,
    "CREATE SEQUENCE change MINVALUE 0",
    """
    CREATE TABLE key (
        tag bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
        key_id bytea NOT NULL UNIQUE CHECK (octet_length(key_id) = 32),
        wrapped bytea NOT NULL,
        ledger text NOT NULL,
        class text NOT NULL CHECK (class IN ('ledger', 'stream', 'subject'))
    )
    """,
    """
    CREATE TABLE meta (
        only_row integer PRIMARY KEY CHECK (only_row = 1),
        index_key bytea NOT NULL
    )
    """,
    """
    CREATE TABLE fence (
        tag bytea PRIMARY KEY CHECK (octet_length(tag) = 32),
        gone boolean NOT NULL
    )
    """,
    *(
        f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0"
        for table, column in (("key", "tag"), ("key", "key_id"), ("key", "wrapped"))
    ),
    "ALTER TABLE meta ALTER index_key SET STATISTICS 0",
    f"GRANT SELECT ON store, change, key, meta, fence TO {', '.join(ROLES)}",
    f"GRANT USAGE ON SEQUENCE change TO {HOLDER}, {ERASER}",
    f"GRANT INSERT ON key, meta TO {HOLDER}",
    f"GRANT INSERT, TRUNCATE ON key, meta TO {ERASER}",
    f"GRANT INSERT, UPDATE ON fence TO {ERASER}",
)
_MAY_GRANT = "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE WITH GRANT OPTION')"


def create_key_store(place: Place) -> bool:
    """Make an empty store unless one stands; gives whether it was made.

    Raises HomeNotReady, also for one that another release made.
    """
    schema = sql.Identifier(place.schema)
    with owning(place, KEY_STORE) as connection:
        if one(connection, "SELECT to_regclass('store') IS NOT NULL"):
            if one(connection, "SELECT version FROM store") != VERSION:
                raise another_release_s(place.schema)
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
        for statement in _TABLES:
            connection.execute(statement)
        store = (VERSION, secrets.token_bytes(16))
        connection.execute("INSERT INTO store VALUES (1, %s, %s)", store)
    return True
