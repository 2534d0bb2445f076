"""A home knows which key store on a server it used last, and refuses another or an older one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from adapters.keys.postgres_keys import PostgresKeyStore
from adapters.postgres_connections import Place, connect
from adapters.store_mark import StoreMark
from domain.errors import HomeNotReady
from tests.adapters.keys.store_rows import row
from tests.postgres_server import KEY_ERASER, KEYS, new_key_store, seen_by

pytestmark = pytest.mark.postgres
Opener = Callable[[Place], PostgresKeyStore]


@pytest.fixture
def opener(tmp_path: Path) -> Iterator[Opener]:
    """Open stores as one home does, with its mark beside nothing that is on the server."""
    mark = StoreMark(tmp_path / "keys.sqlite", "key store on its server", "see to it")
    with ExitStack() as closing:

        def opened(place: Place) -> PostgresKeyStore:
            hub, eraser = seen_by(place, KEYS), seen_by(place, KEY_ERASER)
            store = PostgresKeyStore(hub, eraser, mark=mark)
            closing.callback(store.close)
            return store

        yield opened


def copied(place: Place) -> int:
    """Say how far a store has come, as a copy of it would have it."""
    with connect(place) as plain:
        (found,) = plain.execute("SELECT last_value FROM change").fetchall()
    return int(found["last_value"])


def put_back(place: Place, changes: int, kept: int) -> None:
    """Make of a store what a copy of it was, as its owner: so many changes, and the first rows."""
    with connect(place) as plain:
        plain.execute("SELECT setval('change', %s)", (changes,))
        plain.execute("DELETE FROM key WHERE tag <> %s", (row(kept, kept).tag,))
        plain.execute("TRUNCATE fence")


@pytest.mark.parametrize("change", ["add", "destroy"])
def test_an_older_copy_is_refused(opener: Opener, change: str) -> None:
    """Whatever the newer had: keys that this one lacks, or keys that were destroyed since."""
    place = new_key_store()
    store = opener(place)
    store.add([row(1, 1)])
    changes = copied(place)
    store.add([row(1, 1)])  # which is nothing new
    assert copied(place) == changes
    if change == "add":
        store.add([row(2, 2)])
    else:
        store.destroy([row(1, 1).key_id], [row(1, 1).tag])
    opener(place)
    put_back(place, changes, 1)
    with pytest.raises(HomeNotReady, match="an older copy of the key store on its server"):
        opener(place)


def test_another_store_is_refused(opener: Opener) -> None:
    """An empty schema in the place of one that was lost would give every name a new key."""
    opener(new_key_store()).add([row(1, 1)])
    with pytest.raises(HomeNotReady, match="another key store on its server"):
        opener(new_key_store())


def test_what_others_added_is_no_older(opener: Opener) -> None:
    """Another machine's hub counts on in the same store; a home that lags refuses nothing."""
    place = new_key_store()
    opener(place).add([row(1, 1)])
    other = PostgresKeyStore(seen_by(place, KEYS), seen_by(place, KEY_ERASER))
    other.add([row(2, 2)])
    other.close()
    opener(place).add([row(3, 3)])


def test_nobody_but_the_owner_sets_the_count_back() -> None:
    """The hub's roles count on; to make a store seem newer or older they may not."""
    place = new_key_store()
    for user in (KEYS, KEY_ERASER):
        with (
            connect(seen_by(place, user)) as plain,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            plain.execute("SELECT setval('change', 1)")
