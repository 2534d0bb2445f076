"""The key store of a hub's home: a file with its mirror, or a schema on a server."""

from __future__ import annotations

from adapters.keys.postgres_keys import PostgresKeyStore, ReadOnlyPostgresKeys
from adapters.keys.postgres_keys_schema import create_key_store
from adapters.keys.postgres_rewrapping import rewrap_schema
from adapters.keys.rewrapping import rewrap_store
from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_reading import ReadOnlyKeyStore
from adapters.postgres_connections import Place
from adapters.settings import HubHome
from adapters.stores_settings import KeyServer, stores_of
from domain.errors import HomeNotReady
from services.rewrapping import Change, Rewrapped

SCHEMA = "keys"


def init_key_store(home: HubHome) -> None:
    """Make an empty store unless one stands; raises HomeNotReady."""
    server = key_server(home)
    if server is None:
        SqliteKeyStore.create(home.key_store, home.mirror).close()
    elif server.make is None:
        raise HomeNotReady("stores.json does not say as whom the key store is made: `make`")
    else:
        create_key_store(Place(server.make, SCHEMA))


def open_key_store(home: HubHome) -> SqliteKeyStore | PostgresKeyStore:
    """Open the store, to be closed by the caller; raises HomeNotReady, Unavailable."""
    server = key_server(home)
    if server is None:
        return SqliteKeyStore(home.key_store, home.mirror)
    return PostgresKeyStore(Place(server.connect, SCHEMA), Place(server.erase, SCHEMA))


def open_to_read(home: HubHome) -> ReadOnlyKeyStore | ReadOnlyPostgresKeys:
    """Open the store for an audit, to be closed by the caller; raises HomeNotReady."""
    server = key_server(home)
    if server is None:
        return ReadOnlyKeyStore(home.key_store)
    return ReadOnlyPostgresKeys(Place(server.connect, SCHEMA))


def rewrap_keys(home: HubHome, change: Change) -> Rewrapped:
    """Wrap all keys anew; nobody else may have the home open."""
    server = key_server(home)
    if server is None:
        return rewrap_store(home.key_store, home.mirror, change)
    return rewrap_schema(Place(server.erase, SCHEMA), change)


def refuse_on_server(home: HubHome) -> None:
    """Refuse what is for files alone."""
    if key_server(home) is not None:
        raise HomeNotReady(
            "the key store is on a server: it is copied and put back there, and no copy of it may"
            " be kept for more than 35 days"
        )


def key_server(home: HubHome) -> KeyServer | None:
    """Give the server that the store is on; None where it is a file. Raises HomeNotReady."""
    server = stores_of(home).keys
    if server is not None and home.key_store.exists():
        raise HomeNotReady(
            f"{home.key_store}: a key store stands here, and stores.json names another: a new one"
            " would open nothing that was sealed under this"
        )
    return server
