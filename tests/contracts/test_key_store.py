"""What every key store promises: on SQLite, with and without a mirror, on PostgreSQL; the fake."""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.keys.postgres_keys import PostgresKeyStore
from adapters.keys.store import SqliteKeyStore
from adapters.postgres_connections import Place
from domain.errors import HomeNotReady
from services.ports import KeyClass, KeyStore, WrappedKey
from tests.fakes_keys import MemoryKeyStore
from tests.postgres_server import KEY_ERASER, KEYS, new_key_store, seen_by

Open = Callable[[Path], KeyStore]

OPENED: dict[str, Open] = {
    "memory": lambda _: MemoryKeyStore(),
    "sqlite": lambda folder: SqliteKeyStore.create(folder / "keys.db"),
    "mirrored": lambda folder: SqliteKeyStore.create(folder / "keys.db", folder / "mirror.db"),
    "postgres": lambda _: open_postgres_keys(new_key_store()),
}
KINDS = tuple(
    pytest.param(kind, marks=pytest.mark.postgres if kind == "postgres" else ()) for kind in OPENED
)


def open_postgres_keys(place: Place) -> PostgresKeyStore:
    """Open a key store in PostgreSQL, under the two roles that a hub has for it."""
    return PostgresKeyStore(seen_by(place, KEYS), seen_by(place, KEY_ERASER))


@contextmanager
def opened(kind: str) -> Iterator[KeyStore]:
    """Give an empty store of a kind, and put it away."""
    with tempfile.TemporaryDirectory() as folder:
        store = OPENED[kind](Path(folder))
        yield store
        if isinstance(store, SqliteKeyStore | PostgresKeyStore):
            store.close()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Name each store in turn."""
    return str(request.param)


@pytest.fixture
def store(kind: str) -> Iterator[KeyStore]:
    """Give an empty store of each kind."""
    with opened(kind) as empty:
        yield empty


def row(name: str, take: int = 0, key_class: KeyClass = "subject") -> WrappedKey:
    """Give a row for a name; another `take` is another key for the same name."""
    tag = hashlib.sha256(name.encode()).digest()
    key_id = hashlib.sha256(f"{name} {take}".encode()).digest()
    return WrappedKey(tag, key_id, f"wrapped {name} {take}".encode(), "havering", key_class)


def test_adds_and_finds(store: KeyStore) -> None:
    """What was added is found by its tag and by its id, whole, and nothing else is."""
    rows = [row("a", key_class="ledger"), row("b", key_class="stream"), row("c")]
    assert store.add(rows) == rows
    assert set(store.find([rows[0].tag, rows[2].tag, bytes(32)])) == {rows[0], rows[2]}
    assert store.by_id([rows[1].key_id, bytes(32)]) == [rows[1]]
    assert store.find([rows[1].key_id]) == store.by_id([rows[1].tag]) == []


def test_nothing_asked_nothing_given(store: KeyStore) -> None:
    """Empty questions have empty answers."""
    assert store.find([]) == store.by_id([]) == store.add([]) == []


def test_first_add_stands(store: KeyStore) -> None:
    """Of two adds for one tag the first stands, and both callers are given it."""
    assert store.add([row("a", 1)]) == [row("a", 1)]
    assert store.add([row("b", 1), row("a", 2)]) == [row("b", 1), row("a", 1)]
    assert store.by_id([row("a", 2).key_id]) == []


def test_first_stands_within_one_add(store: KeyStore) -> None:
    """Of two rows for one tag in one add the first stands, and it is given for both."""
    added = store.add([row("a", 1), row("b", 1), row("a", 2)])
    assert added == [row("a", 1), row("b", 1), row("a", 1)]
    assert store.find([row("a").tag]) == [row("a", 1)]


def test_asked_twice_given_once(store: KeyStore) -> None:
    """A tag or an id that is asked for many times is answered once."""
    rows = [row(str(number)) for number in range(1200)]
    store.add(rows)
    tags = [one.tag for one in rows]
    assert sorted(one.tag for one in store.find(tags + tags)) == sorted(tags)
    assert len(store.by_id([rows[0].key_id] * 3000)) == 1


def test_many_rows_at_once(store: KeyStore) -> None:
    """More rows than a statement takes arguments are added, found and given in order."""
    rows = [row(str(number)) for number in range(40_000)]
    assert store.add(rows) == rows
    assert set(store.find([one.tag for one in rows])) == set(rows)
    assert set(store.by_id([one.key_id for one in rows])) == set(rows)


@pytest.mark.parametrize(
    "wrong",
    [
        WrappedKey(b"short", row("b").key_id, b"wrapped", "havering", "subject"),
        WrappedKey(row("b").tag, b"short", b"wrapped", "havering", "subject"),
        WrappedKey(row("b").tag, row("a").key_id, b"wrapped", "havering", "subject"),
    ],
    ids=["tag", "key id", "key id of another"],
)
def test_refuses_malformed_rows(store: KeyStore, wrong: WrappedKey) -> None:
    """A row of a wrong length, or with another's key id, is refused with its neighbours."""
    store.add([row("a")])
    with pytest.raises(HomeNotReady):
        store.add([row("c"), wrong])
    assert store.find([row("c").tag, wrong.tag]) == []
    assert store.add([row("c")]) == [row("c")]


def test_index_key_is_made_once(store: KeyStore) -> None:
    """The index key is made when there is none, and given unchanged ever after."""
    assert store.index_key(lambda: b"first") == b"first"
    assert store.index_key(lambda: b"second") == b"first"


def test_index_key_that_was_not_made(store: KeyStore) -> None:
    """When making the index key fails, nothing is stored and the next may make it."""

    def fails() -> bytes:
        raise HomeNotReady("no key-encryption key")

    with pytest.raises(HomeNotReady, match="no key-encryption key"):
        store.index_key(fails)
    assert store.index_key(lambda: b"made") == b"made"


def test_threads_agree(store: KeyStore) -> None:
    """Threads that add rows for the same tags at once are all given the same ones."""
    start = threading.Barrier(4)

    def adds(take: int) -> list[WrappedKey]:
        start.wait()
        return [one for name in range(50) for one in store.add([row(str(name), take)])]

    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(adds, range(4)))
    assert given[0] == given[1] == given[2] == given[3]


@settings(max_examples=15)
@given(st.lists(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), max_size=6)))
def test_is_a_dictionary_that_keeps_the_first(adds: list[list[tuple[str, int]]]) -> None:
    """Whatever is added in whatever order, each store is a dictionary in which the first stands."""
    with opened("memory") as memory, opened("sqlite") as plain, opened("mirrored") as mirrored:
        model: dict[bytes, WrappedKey] = {}
        for names in adds:
            rows = [row(name, take) for name, take in names]
            for one in rows:
                model.setdefault(one.tag, one)
            for each in (memory, plain, mirrored):
                assert each.add(rows) == [model[one.tag] for one in rows]
        for each in (memory, plain, mirrored):
            assert set(each.find([row(name).tag for name in "abcdef"])) == set(model.values())
