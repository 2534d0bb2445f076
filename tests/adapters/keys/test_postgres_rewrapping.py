"""Wrapping a key store in PostgreSQL anew: complete at the end, or as it was."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from psycopg import Cursor
from psycopg.rows import TupleRow

from adapters.keys import postgres_rewrapping
from adapters.keys.key_encryption import KeyEncryptionFile, KeyEncryptionRing
from adapters.keys.postgres_keys import ReadOnlyPostgresKeys
from adapters.keys.postgres_keys_schema import create_key_store
from adapters.keys.postgres_rewrapping import rewrap_schema, rewrap_schema_index_key
from adapters.postgres_connections import Place, connect
from domain.errors import HomeNotReady, NotOpened, Unavailable
from services.custody import DataKey, KeyCustody, KeyName
from services.key_ports import KeyEncryption
from services.rewrapping import Change, Rewrapped
from tests.adapters.ledger.faults import Fault
from tests.contracts.test_key_store import open_postgres_keys, row
from tests.postgres_server import (
    KEY_ERASER,
    KEYS,
    Server,
    held,
    new_key_store,
    seen_by,
)

pytestmark = pytest.mark.postgres
OLD, NEW = KeyEncryptionFile(b"o" * 32), KeyEncryptionFile(b"n" * 32)
CHANGE = Change(OLD, NEW)
BOTH = KeyEncryptionRing([NEW, OLD])
NAMES = [KeyName("havering", "subject", f"child {number}") for number in range(7)]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few rows take several turns."""
    monkeypatch.setattr(postgres_rewrapping, "ROWS_AT_ONCE", 3)


def opened(place: Place, encryption: KeyEncryption) -> dict[KeyName, DataKey]:
    """Open every key of a store, making those that are not there."""
    with closing(open_postgres_keys(place)) as store:
        return KeyCustody(store, encryption).keys_for(NAMES)


def rewrapped(place: Place, change: Change = CHANGE) -> Rewrapped:
    """Wrap a store's keys anew, as the eraser."""
    rewrap_schema_index_key(seen_by(place, KEY_ERASER), change)
    return rewrap_schema(seen_by(place, KEY_ERASER), change)


def wrapped_in(place: Place) -> list[bytes]:
    """Read every wrapping, the index key's last."""
    with connect(place) as plain:
        rows = plain.execute("SELECT wrapped AS it FROM key UNION ALL SELECT index_key FROM meta")
        return [found["it"] for found in rows]


def test_every_key_opens_under_the_new_one_alone() -> None:
    """The same keys, wrapped anew; the old one opens nothing any more; again changes nothing."""
    place = new_key_store()
    before = opened(place, OLD)
    assert rewrapped(place) == Rewrapped(len(NAMES), 0)
    assert opened(place, NEW) == before
    with pytest.raises(NotOpened):
        opened(place, OLD)
    assert rewrapped(place) == Rewrapped(0, 0)
    assert opened(place, NEW) == before


def test_what_neither_key_opens_stays_and_is_counted() -> None:
    """A row that was lost before is no reason to stop, and nothing is done to it."""
    place = new_key_store()
    before = opened(place, OLD)
    lost = row("lost")
    with closing(open_postgres_keys(place)) as store:
        store.add([lost])
        assert rewrapped(place) == Rewrapped(len(NAMES), 1)
        assert store.find([lost.tag]) == [lost]
    assert opened(place, NEW) == before


def test_a_store_of_other_keys_is_left_alone() -> None:
    """Where the index key does not open nothing is begun: these are not the home's key files."""
    place = new_key_store()
    before = opened(place, OLD)
    other = Change(KeyEncryptionFile(b"x" * 32), NEW)
    with pytest.raises(HomeNotReady, match="index key"):
        rewrapped(place, other)
    assert opened(place, OLD) == before
    assert rewrapped(new_key_store()) == Rewrapped(0, 0)


def test_cut_off_anywhere_both_keys_open_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each statement may fail: both keys together open everything, and it is done again."""
    place = new_key_store()
    before = opened(place, OLD)
    fault, cut = Fault(psycopg.OperationalError), 0
    with monkeypatch.context() as faulty:
        for name in ("execute", "copy"):
            faulty.setattr(psycopg.Cursor, name, fault.around(getattr(psycopg.Cursor, name)))
        for number in range(1, 30):
            fault.at, fault.calls = number, 0
            try:
                rewrapped(place)
            except Unavailable:
                cut += 1
            fault.at = 0
            assert opened(place, BOTH) == before
    assert cut > 15, f"the work was cut off {cut} times alone"
    assert opened(place, NEW) == before


def test_others_use_the_store_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is added while rows are wrapped stays as it is, and what is destroyed stays gone."""
    place = new_key_store()
    before = opened(place, OLD)
    more, gone = KeyName("havering", "stream", "added meanwhile"), NAMES[0]
    added: dict[KeyName, DataKey] = {}
    put_aside = postgres_rewrapping._put_aside_all

    def and_then(cursor: Cursor[TupleRow], change: Change) -> Rewrapped:
        found = put_aside(cursor, change)
        with closing(open_postgres_keys(place)) as store:
            custody = KeyCustody(store, BOTH)
            added.update(custody.keys_for([more]))
            store.destroy([before[gone].key_id], [custody.tag(gone)])
        return found

    monkeypatch.setattr(postgres_rewrapping, "_put_aside_all", and_then)
    rewrapped(place)
    with closing(open_postgres_keys(place)) as store:
        custody = KeyCustody(store, NEW)
        assert custody.keys_for([more]) == added
        assert custody.held([before[gone].key_id]) == {}
        assert custody.keys_for(NAMES[1:]) == {name: before[name] for name in NAMES[1:]}


def test_an_audit_finds_keys_and_makes_none() -> None:
    """It opens what there is, and refuses to add; of a store without an index key it says so."""
    place = new_key_store()
    with (
        closing(ReadOnlyPostgresKeys(seen_by(place, KEYS))) as new,
        pytest.raises(HomeNotReady, match="new"),
    ):
        new.index_key(lambda: b"made")
    with closing(open_postgres_keys(place)) as store:
        store.add([row("a")])
        store.index_key(lambda: b"made")
    with closing(ReadOnlyPostgresKeys(seen_by(place, KEYS))) as store:
        assert store.find([row("a").tag]) == store.by_id([row("a").key_id]) == [row("a")]
        assert store.index_key(lambda: b"another") == b"made"
        with pytest.raises(HomeNotReady):
            store.add([row("b")])
        with (
            store._connections.plain() as plain,
            pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
        ):
            plain.execute("INSERT INTO meta VALUES (1, 'mine')")


@pytest.mark.postgres(own=True)
def test_no_old_wrapping_is_left_in_the_files(server: Server) -> None:
    """Neither of a key nor of the index key."""
    place = Place(server.conninfo, "keys")
    create_key_store(place)
    opened(place, OLD)
    old = wrapped_in(place)
    assert held(server, old) == set(old)
    rewrapped(place)
    assert held(server, old) == set()
