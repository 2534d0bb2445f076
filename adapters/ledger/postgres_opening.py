"""What a ledger in PostgreSQL is asked before it is believed and appended to."""

from __future__ import annotations

from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.ledger.ledger_format import LEDGER_FORMAT
from adapters.ledger.postgres_migrations import MIGRATIONS
from adapters.ledger.postgres_rows import read_head
from adapters.ledger.postgres_statements import (
    SELECT_IDENTITY,
    SELECT_LAST,
    SELECT_TOO_MUCH,
)
from adapters.postgres_connections import refuse_forgetful
from adapters.postgres_migrating import SELECT_VERSION
from domain.errors import HomeNotReady


def refuse_another(cursor: Cursor[TupleRow], schema: str, expected: tuple[str, str]) -> None:
    """Refuse what is not this ledger (name and origin), of this release, whole by its count."""
    name, origin = expected
    if cursor.execute(SELECT_IDENTITY).fetchall() != [(name, LEDGER_FORMAT, origin)]:
        raise HomeNotReady(
            f"the schema {schema} is not the ledger {name} ({LEDGER_FORMAT}, {origin})"
        )
    if cursor.execute(SELECT_VERSION).fetchall() != [(len(MIGRATIONS),)]:
        raise HomeNotReady(
            f"the tables in {schema} are not this release's: run its `bhr ledger init`"
        )
    if cursor.execute(SELECT_LAST).fetchall() != [(read_head(cursor)[0].size,)]:
        raise HomeNotReady(f"head and records of the ledger in {schema} differ: restore it")


def refuse_unsafe(cursor: Cursor[TupleRow], schema: str) -> None:
    """Refuse a server that may forget what it acknowledged, and a role that may change it."""
    refuse_forgetful(cursor)
    if cursor.execute(SELECT_TOO_MUCH).fetchall() != [(False,)]:
        raise HomeNotReady(
            f"this role may change what is recorded in {schema}: connect as one that is in"
            " bhr_writer and no more"
        )
