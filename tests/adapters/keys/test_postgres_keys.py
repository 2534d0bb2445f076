"""The key store in PostgreSQL: its two roles, and what is left of a key that was destroyed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import psycopg
import pytest

from adapters.keys.postgres_keys import PostgresKeyStore
from adapters.keys.postgres_keys_schema import create_key_store
from adapters.postgres_connections import Patience, Place, connect
from domain.errors import HomeNotReady, Unavailable
from services.destroying_ports import TagsFenced
from tests.adapters.ledger.faults import FOREIGN, Fault
from tests.contracts.test_key_store import open_postgres_keys, row
from tests.postgres_server import (
    KEY_AUDITOR,
    KEY_ERASER,
    KEYS,
    Server,
    held,
    held_as_it_is,
    new_key_store,
    seen_by,
)

pytestmark = pytest.mark.postgres
TABLES = ("key", "fence", "meta", "migration", "store")


@pytest.fixture
def place() -> Place:
    """An empty store, as its owner reaches it."""
    return new_key_store()


@pytest.fixture
def store(place: Place) -> Iterator[PostgresKeyStore]:
    """The same, open as a hub has it."""
    store = open_postgres_keys(place)
    yield store
    store.close()


def test_each_role_may_do_its_own(place: Place) -> None:
    """The hub adds and finds; the eraser writes anew; an auditor looks; none may do another's."""
    verbs = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    asked = "SELECT has_table_privilege(%s, %s, %s) AS it"
    with connect(place) as plain:
        may = {
            (user, table): {
                verb
                for verb in verbs
                if plain.execute(asked, (user, table, verb)).fetchall() == [{"it": True}]
            }
            for user in (KEYS, KEY_ERASER, KEY_AUDITOR)
            for table in TABLES
        }
    looks = {"SELECT"}
    assert may == {
        (KEYS, "key"): {"SELECT", "INSERT"},
        (KEYS, "fence"): looks,
        (KEYS, "meta"): {"SELECT", "INSERT"},
        (KEYS, "store"): looks,
        (KEY_ERASER, "key"): {"SELECT", "INSERT", "TRUNCATE"},
        (KEY_ERASER, "fence"): {"SELECT", "INSERT", "UPDATE"},
        (KEY_ERASER, "meta"): {"SELECT", "INSERT", "TRUNCATE"},
        (KEY_ERASER, "store"): looks,
        **{(KEY_AUDITOR, table): looks for table in TABLES},
        **{(user, "migration"): looks for user in (KEYS, KEY_ERASER)},
    }


@pytest.mark.parametrize("user", [None, KEY_ERASER])
def test_a_role_that_may_remove_keys_is_no_hub(place: Place, user: str | None) -> None:
    """Neither the owner nor the eraser serves a hub's daily work."""
    hub = place if user is None else seen_by(place, user)
    with pytest.raises(HomeNotReady, match="may remove keys"):
        PostgresKeyStore(hub, seen_by(place, KEY_ERASER))


def test_what_is_no_key_store_is_refused(place: Place) -> None:
    """A schema that is not there is not opened; one that is, is not made twice."""
    nowhere = Place(place.conninfo, "nowhere")
    with pytest.raises(HomeNotReady, match="bhr keys init"):
        open_postgres_keys(nowhere)
    assert not create_key_store(place)


def test_destroying_that_fails_is_finished_by_the_next(
    store: PostgresKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever it is cut off, it is not said to be done; what was kept is there throughout."""
    fault = Fault(psycopg.OperationalError)
    monkeypatch.setattr(psycopg.Cursor, "execute", fault.around(psycopg.Cursor.execute))
    gone, kept = row("gone"), row("kept")
    store.add([gone, kept])
    store.destroy([], [])  # so that a connection lies idle, as it mostly does
    for number in range(2, 16):
        fault.at, fault.calls = number, 0
        try:
            store.destroy([gone.key_id], [gone.tag])
        except Unavailable as error:
            fault.at = 0
            assert FOREIGN not in str(error)  # noqa: PT017 - each of many must not say it
            assert not store.destroyed([gone.tag])
        else:
            assert number in {9, 13}  # on a connection that lay idle: another is taken
        assert store.find([kept.tag]) == [kept]
    store.destroy([gone.key_id], [gone.tag])
    assert fault.calls > 14
    assert store.destroyed([gone.tag])
    assert store.by_id([gone.key_id, kept.key_id]) == [kept]


def test_others_find_their_keys_while_some_are_destroyed(place: Place) -> None:
    """Whoever looks while the store is written anew finds what stays, and may add to it."""
    store, other = open_postgres_keys(place), open_postgres_keys(place)
    kept = [row(f"kept {number}") for number in range(20)]
    store.add(kept)
    done = Event()

    def look() -> int:
        looks = 0
        while not done.is_set():
            assert len(other.find([one.tag for one in kept])) == len(kept)
            assert other.add([row(f"new {looks}")]) == [row(f"new {looks}")]
            looks += 1
        return looks

    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(look)
        for number in range(15):
            gone = row(f"gone {number}")
            store.add([gone])
            store.destroy([gone.key_id], [gone.tag])
            assert other.find([gone.tag]) == []
            with pytest.raises(TagsFenced):
                other.add([gone])
        done.set()
        looks = looking.result(60)
    assert looks > 0
    assert len(store.find([row(f"new {number}").tag for number in range(looks)])) == looks
    store.close()
    other.close()


# --- what is left in the server's files -----------------------------------------------------------


@pytest.mark.postgres(own=True)
def test_nothing_of_a_destroyed_key_is_in_the_files(server: Server) -> None:
    """Table, indices, split pages, samples of columns: and the log: none has it."""
    place = Place(server.conninfo, "keys")
    create_key_store(place)
    rows = [row(str(number)) for number in range(600)]
    gone = rows[7::60]
    secret = [piece for one in gone for piece in (one.wrapped, one.key_id)]
    with (
        closing(open_postgres_keys(place)) as store,
        connect(place, Patience(idle_ms=0)) as since,
        since.transaction(),
    ):
        for at in range(0, 600, 50):
            store.add(rows[at : at + 50])
        with connect(place, Patience(statement_ms=0)) as owner:
            owner.execute("VACUUM ANALYZE")  # as the server does by itself
        since.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        since.execute("SELECT count(*) FROM fence")
        assert held(server, secret) == set(secret)
        store.destroy([one.key_id for one in gone], [one.tag for one in gone])
        assert held_as_it_is(server, [*secret, rows[0].wrapped]) == {rows[0].wrapped}
        assert len(store.by_id([one.key_id for one in rows])) == 590
