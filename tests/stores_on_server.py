"""How a hub reaches its stores on a PostgreSQL server of the tests, in each of its roles there.

Each store has a new database of its own, on the server that a superuser's connection string names.
"""

from __future__ import annotations

from adapters.stores_settings import KeyServer, Server, ViewServer
from tests.postgres_server import (
    AUDITOR,
    HUB,
    KEY_AUDITOR,
    KEY_ERASER,
    KEYS,
    VIEWS,
    as_user,
    new_database,
)


def ledgers_on(superuser: str) -> Server:
    """Say how a hub reaches its ledgers in a new database."""
    made = new_database(superuser)
    return Server(connect=as_user(made, HUB), make=made, read=as_user(made, AUDITOR))


def keys_on(superuser: str) -> KeyServer:
    """Say how a hub reaches its key store in a new database."""
    made = new_database(superuser)
    connect, erase, read = (as_user(made, one) for one in (KEYS, KEY_ERASER, KEY_AUDITOR))
    return KeyServer(connect=connect, erase=erase, make=made, read=read)


def views_on(superuser: str) -> ViewServer:
    """Say how a hub reaches its views in a new database."""
    made = new_database(superuser)
    return ViewServer(connect=as_user(made, VIEWS), make=made, read=as_user(made, AUDITOR))
