"""Moving a key store in PostgreSQL on from release to release, and refusing what is another's."""

from collections.abc import Callable

import pytest

from adapters.keys.postgres_contents import contents_of_schema
from adapters.keys.postgres_keys import ReadOnlyPostgresKeys
from adapters.keys.postgres_keys_migrations import MIGRATIONS
from adapters.keys.postgres_keys_schema import create_key_store, migrate_key_store
from adapters.postgres_connections import Place, connect
from domain.errors import HomeNotReady
from tests.adapters.ledger.test_postgres_migrations import shape
from tests.contracts.test_key_store import open_postgres_keys, row
from tests.postgres_server import KEY_AUDITOR, empty_place, new_key_store, seen_by

pytestmark = pytest.mark.postgres
LATER = (
    "ALTER TABLE key ADD COLUMN made_ms bigint",
    "ALTER TABLE key ALTER made_ms SET STATISTICS 0",
)
WITH_ONE_MORE = (*MIGRATIONS, LATER)


@pytest.fixture
def place() -> Place:
    """An empty store, as its owner reaches it."""
    return new_key_store()


def opens(place: Place) -> None:
    """Open a store as a hub has it."""
    open_postgres_keys(place).close()


def read(place: Place) -> None:
    """Open a store as an auditor has it."""
    ReadOnlyPostgresKeys(seen_by(place, KEY_AUDITOR)).close()


def copied(place: Place) -> None:
    """Copy a store."""
    with contents_of_schema(place):
        pass


@pytest.mark.parametrize("begun", range(1, len(WITH_ONE_MORE)))
def test_every_older_store_comes_to_the_tables_of_a_new_one(begun: int) -> None:
    """From whichever step it was made at, and once; rehearsed with one step more than there are."""
    older, new = empty_place(), empty_place()
    create_key_store(older, migrations=WITH_ONE_MORE[:begun])
    create_key_store(new, migrations=WITH_ONE_MORE)
    assert migrate_key_store(older, migrations=WITH_ONE_MORE)
    assert not migrate_key_store(older, migrations=WITH_ONE_MORE)
    assert shape(older) == shape(new)


def test_a_migration_keeps_every_key(place: Place) -> None:
    """Rehearsed with one more than there are: keys, fences and index key stand, and it goes on."""
    gone, kept, later = row("gone"), row("kept"), row("later")
    store = open_postgres_keys(place)
    store.add([gone, kept])
    store.destroy([gone.key_id], [gone.tag])
    index_key = store.index_key(lambda: b"an index key, wrapped")
    store.close()
    with pytest.raises(HomeNotReady):
        migrate_key_store(place, migrations=(*MIGRATIONS, (*LATER, "SELECT 1 / 0")))
    opens(place)  # it stands as it stood
    assert migrate_key_store(place, migrations=WITH_ONE_MORE)
    assert not migrate_key_store(place, migrations=WITH_ONE_MORE)
    with connect(place) as owner:
        owner.execute("DELETE FROM migration WHERE version > %s", (len(MIGRATIONS),))
    store = open_postgres_keys(place)
    assert store.find([gone.tag, kept.tag]) == [kept]
    assert store.destroyed([gone.tag])
    assert store.index_key(lambda: b"another") == index_key
    assert store.add([later]) == [later]
    store.close()


@pytest.mark.parametrize("use", [opens, read, copied])
def test_a_store_of_a_later_release_is_refused(place: Place, use: Callable[[Place], None]) -> None:
    """Whoever serves, audits or copies does not use it; bringing it up says what to run."""
    migrate_key_store(place, migrations=WITH_ONE_MORE)
    with pytest.raises(HomeNotReady, match="not this release's"):
        use(place)
    for bring_up in (migrate_key_store, create_key_store):
        with pytest.raises(HomeNotReady, match="later release: run that one"):
            bring_up(place)


@pytest.mark.parametrize("use", [opens, read, copied, migrate_key_store, create_key_store])
def test_a_store_of_before_any_step_is_refused(
    place: Place, use: Callable[[Place], object]
) -> None:
    """One that no step leads from is passed over by nobody: all say how its keys come along."""
    with connect(place) as owner:
        owner.execute("DROP TABLE migration")
    with pytest.raises(HomeNotReady, match=r"this release's.*keys backup.*keys restore"):
        use(place)


def test_where_no_store_stands_none_is_made() -> None:
    """Bringing up is not making: a store that was lost is not put in its place empty."""
    nowhere = empty_place()
    assert not migrate_key_store(nowhere)
    with pytest.raises(HomeNotReady, match="bhr keys init"):
        opens(nowhere)
