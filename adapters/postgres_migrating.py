"""Bringing a store's tables from release to release, by steps that are added to and never edited.

The store has the number of those that were applied to it, in its table `migration`, which the first
of them makes. Each is applied once, in order; in one transaction, which is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.postgres_connections import Owner, one
from domain.errors import HomeNotReady

Steps = Sequence[Sequence[str]]
"""The statements of each step."""

MIGRATION_TABLE = """
    CREATE TABLE migration (
        version integer PRIMARY KEY CHECK (version > 0),
        applied timestamptz NOT NULL DEFAULT now()
    )
    """
SELECT_VERSION = "SELECT max(version) FROM migration"


def apply(connection: Owner, steps: Steps, *, after: int = 0) -> None:
    """Apply every step after one; 0 is an empty schema."""
    for version, statements in enumerate(steps[after:], start=after + 1):
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migration (version) VALUES (%s)", (version,))


def bring_up(connection: Owner, schema: str, steps: Steps) -> bool:
    """Apply what was not applied yet; gives whether there was anything.

    Raises HomeNotReady for tables that a later release made.
    """
    version = one(connection, SELECT_VERSION)
    if not isinstance(version, int) or version > len(steps):
        raise HomeNotReady(f"the schema {schema} was made by a later release: run that one")
    apply(connection, steps, after=version)
    return version < len(steps)
