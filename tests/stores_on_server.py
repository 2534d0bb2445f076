"""How a hub reaches its stores on a PostgreSQL server of the tests, in each of its roles there.

Each store has a new database of its own, on the server that a superuser's connection string names.
It has no encoding, as those of a server have that was made where no language was set: the worst
that a hub can be given.
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

NO_ENCODING = "SQL_ASCII"


def ledgers_on(superuser: str) -> Server:
    """Say how a hub reaches its ledgers in a new database."""
    made = new_database(superuser, encoding=NO_ENCODING)
    return Server(connect=as_user(made, HUB), make=made, read=as_user(made, AUDITOR))


def keys_on(superuser: str) -> KeyServer:
    """Say how a hub reaches its key store in a new database."""
    made = new_database(superuser, encoding=NO_ENCODING)
    connect, erase, read = (as_user(made, one) for one in (KEYS, KEY_ERASER, KEY_AUDITOR))
    return KeyServer(connect=connect, erase=erase, make=made, read=read)


def views_on(superuser: str) -> ViewServer:
    """Say how a hub reaches its views in a new database."""
    made = new_database(superuser, encoding=NO_ENCODING)
    return ViewServer(connect=as_user(made, VIEWS), make=made, read=as_user(made, AUDITOR))
