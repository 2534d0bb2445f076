"""The key store of a hub's home: a file with its mirror, or a schema on a server."""

from __future__ import annotations

from pathlib import Path

from adapters.backups.copying import copy_online, sync
from adapters.keys.postgres_contents import contents_of_schema, fill_schema, holds_nothing
from adapters.keys.postgres_keys import PostgresKeyStore, ReadOnlyPostgresKeys
from adapters.keys.postgres_keys_schema import create_key_store, migrate_key_store
from adapters.keys.postgres_rewrapping import rewrap_schema, rewrap_schema_index_key
from adapters.keys.rewrapping import rewrap_index_key, rewrap_rows
from adapters.keys.store import SqliteKeyStore
from adapters.keys.store_contents import contents_of_file, remove_file, write_file
from adapters.keys.store_reading import ReadOnlyKeyStore
from adapters.postgres_connections import Place
from adapters.settings import MIRROR_VARIABLE, HubHome
from adapters.store_mark import StoreMark, mark_of
from adapters.stores_settings import KeyServer, stores_of
from domain.errors import HomeNotReady
from services.rewrapping import Change, Rewrapped

SCHEMA = "keys"
_ADVICE = (
    "keys that were made since are not in it, and whoever goes on gives new ones to the same names."
    " Put the newest back; if it is lost, move its schema away and give the newest copy with"
    " `bhr keys restore`"
)


def init_key_store(home: HubHome) -> None:
    """Make an empty store unless one stands; raises HomeNotReady."""
    server = key_server(home)
    if server is None:
        SqliteKeyStore.create(home.key_store, home.mirror).close()
    else:
        create_key_store(_owner(server))


def bring_up_key_store(home: HubHome) -> None:
    """Bring a store that stands on a server to the tables of this release; raises HomeNotReady.

    Where nothing says as whom, it may have been done elsewhere: opening it says when it was not.
    """
    server = key_server(home)
    if server is not None and server.make is not None:
        migrate_key_store(Place(server.make, SCHEMA))


def open_key_store(home: HubHome) -> SqliteKeyStore | PostgresKeyStore:
    """Open the store, to be closed by the caller; raises HomeNotReady, Unavailable."""
    server = key_server(home)
    if server is None:
        return SqliteKeyStore(home.key_store, home.mirror)
    if home.mirror is not None:
        raise HomeNotReady(
            f"{MIRROR_VARIABLE} names a mirror, and the key store is on a server: let that be"
            " replicated, and unset it"
        )
    return PostgresKeyStore(
        Place(server.connect, SCHEMA),
        Place(server.erase, SCHEMA),
        mark=StoreMark(home.key_store, "key store on its server", _ADVICE),
    )


def open_to_read(home: HubHome) -> ReadOnlyKeyStore | ReadOnlyPostgresKeys:
    """Open the store for an audit, to be closed by the caller; raises HomeNotReady."""
    server = key_server(home)
    if server is None:
        return ReadOnlyKeyStore(home.key_store)
    return ReadOnlyPostgresKeys(Place(server.read or server.connect, SCHEMA))


def rewrap_index(home: HubHome, change: Change) -> None:
    """Wrap the store's index key anew; nobody may be opening the store meanwhile."""
    server = key_server(home)
    if server is None:
        rewrap_index_key(home.key_store, home.mirror, change)
    else:
        rewrap_schema_index_key(Place(server.erase, SCHEMA), change)


def rewrap_keys(home: HubHome, change: Change) -> Rewrapped:
    """Wrap all data keys anew, whoever else uses them."""
    server = key_server(home)
    if server is None:
        return rewrap_rows(home.key_store, home.mirror, change)
    return rewrap_schema(Place(server.erase, SCHEMA), change)


def copy_of_keys(home: HubHome, target: Path) -> None:
    """Write all keys as they stand into one file of a key store; raises HomeNotReady, Unavailable.

    Wherever they are kept, the copy is a file: it can be put back in a file or on a server.
    """
    server = key_server(home)
    if server is not None:
        with contents_of_schema(Place(server.connect, SCHEMA)) as contents:
            write_file(target, contents)
    elif home.key_store.exists():
        copy_online(home.key_store, target)
    else:
        raise HomeNotReady(f"{home.key_store}: no key store here")


def refuse_where_keys_stand(home: HubHome) -> None:
    """Raise HomeNotReady unless a store can be put where this home has its keys."""
    server = key_server(home)
    if server is None:
        if home.key_store.exists():
            raise HomeNotReady(f"{home.key_store}: a key store stands here; move it away first")
        return
    owner = _owner(server)
    create_key_store(owner)
    if not holds_nothing(owner):
        raise HomeNotReady("a key store stands on the server; move its schema away first")


def put_keys(home: HubHome, beside: Path) -> None:
    """Put a file of keys, which lies beside its place, where this home has its keys."""
    server = key_server(home)
    if server is None:
        mark_of(beside).replace(mark_of(home.key_store))
        beside.rename(home.key_store)
    else:
        with contents_of_file(beside) as contents:
            if not fill_schema(_owner(server), contents):
                raise HomeNotReady("a key store stands on the server; move its schema away first")
        remove_file(beside)
        for mark in (mark_of(beside), mark_of(home.key_store)):  # of the one that was lost
            mark.unlink(missing_ok=True)
    sync(home.folder)


def move_keys(home: HubHome) -> None:
    """Put the keys of a home's file on the server that it names, and remove file and mirror.

    Nobody else may have the home open. Where it was cut off, it is done again.
    Raises HomeNotReady, also where another store stands there; Unavailable.
    """
    server = stores_of(home).keys
    if server is None:
        raise HomeNotReady("stores.json names no server for keys: `keys`")
    SqliteKeyStore(home.key_store, home.mirror).close()  # raises for one that is not the newest
    owner = _owner(server)
    create_key_store(owner)
    with contents_of_file(home.key_store) as contents:
        fill_schema(owner, contents)
    with contents_of_file(home.key_store) as ours, contents_of_schema(owner) as theirs:
        if ours.digest() != theirs.digest():
            raise HomeNotReady("another key store stands on the server; move its schema away first")
    for path in (home.mirror, home.key_store):
        if path is not None:
            remove_file(path)
    mark_of(home.key_store).unlink(missing_ok=True)
    sync(home.folder)


def _owner(server: KeyServer) -> Place:
    if server.make is None:
        raise HomeNotReady("stores.json does not say as whom the key store is made: `make`")
    return Place(server.make, SCHEMA)


def key_server(home: HubHome) -> KeyServer | None:
    """Give the server that the store is on; None where it is a file. Raises HomeNotReady."""
    server = stores_of(home).keys
    if server is not None and home.key_store.exists():
        raise HomeNotReady(
            f"{home.key_store}: a key store stands here, and stores.json names another: a new one"
            " would open nothing that was sealed under this"
        )
    return server
