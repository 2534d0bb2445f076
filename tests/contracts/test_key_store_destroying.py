"""What every key store promises of destroying: on SQLite, on PostgreSQL, and the fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.keys.postgres_keys import PostgresKeyStore
from adapters.keys.store import SqliteKeyStore
from services.destroying_ports import ErasableKeyStore, TagsFenced
from tests.contracts.test_key_store import KINDS, opened, row
from tests.fakes_keys import MemoryKeyStore


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[ErasableKeyStore]:
    """Give an empty store of each kind."""
    with opened(request.param) as empty:
        assert isinstance(empty, MemoryKeyStore | SqliteKeyStore | PostgresKeyStore)
        yield empty


def test_what_is_destroyed_is_not_found(store: ErasableKeyStore) -> None:
    """Neither by tag nor by id; every other key stays as it is."""
    gone, kept = row("a"), row("b")
    store.add([gone, kept])
    assert not store.destroyed([gone.tag])
    store.destroy([gone.key_id], [gone.tag])
    assert store.destroyed([gone.tag])
    assert not store.destroyed([gone.tag, kept.tag])
    assert store.find([gone.tag, kept.tag]) == [kept]
    assert store.by_id([gone.key_id, kept.key_id]) == [kept]


def test_a_fenced_tag_never_has_a_key_again(store: ErasableKeyStore) -> None:
    """Whatever is added with it is not added either, and the refusal says which tags."""
    gone = row("a")
    store.add([gone])
    store.destroy([gone.key_id], [gone.tag])
    with pytest.raises(TagsFenced) as refused:
        store.add([row("b"), row("a", 1)])
    assert refused.value.tags == {gone.tag}
    assert store.find([gone.tag, row("b").tag]) == []


def test_destroying_again_changes_nothing(store: ErasableKeyStore) -> None:
    """Also keys that were never here, and tags that never had one: they are fenced all the same."""
    gone, never = row("a"), row("b")
    store.add([gone])
    for _ in range(2):
        store.destroy([gone.key_id, never.key_id], [gone.tag, never.tag])
        assert store.destroyed([gone.tag, never.tag])
    with pytest.raises(TagsFenced):
        store.add([never])


def test_another_key_under_the_tag_goes_too(store: ErasableKeyStore) -> None:
    """What somebody put back from a copy is destroyed by its tag, whatever its id is."""
    other = row("a", 1)
    store.add([other])
    store.destroy([row("a").key_id], [other.tag])
    assert store.by_id([other.key_id]) == []
