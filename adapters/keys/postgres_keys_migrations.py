"""What makes a key store's tables in PostgreSQL, release after release: added to, never edited.

See `postgres_migrating.py`. They name no schema: that of the store is the only one in view.
"""

from __future__ import annotations

from adapters.postgres_migrating import MIGRATION_TABLE

HOLDER = "bhr_keys"
"""Whoever is in this role may add keys and find them: the hub."""
ERASER = "bhr_eraser"
"""Whoever is in this role may write the store anew without what is destroyed."""
KEY_READER = "bhr_keys_reader"
"""Whoever is in this role may find wrapped keys, and add none: an auditor with the hub's keys."""
ROLES = (HOLDER, ERASER, KEY_READER)

_TABLES = (
    MIGRATION_TABLE,
    """
    CREATE TABLE store (
        only_row integer PRIMARY KEY CHECK (only_row = 1),
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
    f"GRANT SELECT ON migration, store, change, key, meta, fence TO {', '.join(ROLES)}",
    f"GRANT USAGE ON SEQUENCE change TO {HOLDER}, {ERASER}",
    f"GRANT INSERT ON key, meta TO {HOLDER}",
    f"GRANT INSERT, TRUNCATE ON key, meta TO {ERASER}",
    f"GRANT INSERT, UPDATE ON fence TO {ERASER}",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_TABLES,)
