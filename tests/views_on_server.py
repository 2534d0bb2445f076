"""Views on the tests' PostgreSQL server."""

from __future__ import annotations

from functools import cache

from adapters.postgres_connections import Place
from adapters.views.ledger_schemas import OnServer
from adapters.views.postgres_schema import prepare
from tests.postgres_server import AUDITOR, VIEWS, as_user, database


def views_on_server(*, reading: bool = False) -> OnServer:
    """Keep generations in this run's database, in the role of a hub; or look, as an auditor."""
    return OnServer(as_user(_prepared(), AUDITOR if reading else VIEWS), reading=reading)


@cache
def _prepared() -> str:
    prepare(Place(database(), "pg_catalog"))
    return database()
