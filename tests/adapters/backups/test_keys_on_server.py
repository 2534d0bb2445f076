"""Keys on a PostgreSQL server: copied, put back and moved there, and never what was destroyed."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from adapters.assembly import backing_up, ceremonies, key_stores, moving_keys, restoring
from adapters.assembly.bringing_up import init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.key_stores import SCHEMA, init_key_store, open_key_store
from adapters.assembly.ledgers import init_ledger
from adapters.backups import dated
from adapters.keys.postgres_keys_schema import create_key_store
from adapters.postgres_connections import Place
from adapters.settings import HubHome
from adapters.store_mark import mark_of
from adapters.stores_settings import KeyServer, Stores
from domain.errors import HomeNotReady, Unavailable
from services.custody import KeyName
from services.destroying_ports import TagsFenced
from tests.adapters.backups.homes import (
    CHEAP,
    DAY,
    FIRST,
    PASSPHRASE,
    SECOND,
    THIRD,
    all_open,
    backup_of,
    beat,
    destroy,
    opened,
)
from tests.postgres_server import database
from tests.stores_on_server import keys_on

pytestmark = pytest.mark.postgres


@pytest.fixture
def server() -> KeyServer:
    """A database of its own for keys, in each of the roles that a hub has there."""
    return keys_on(database())


@pytest.fixture
def apart(tmp_path: Path, recovery: Path, server: KeyServer) -> HubHome:
    """A home whose keys are on that server, with nothing recorded yet."""
    home = HubHome(tmp_path / "apart")
    home.folder.mkdir()
    say(home, server)
    ceremonies.make_hub(home, PASSPHRASE, recovery, cost=CHEAP)
    init_ledgers(home, PASSPHRASE)
    init_ledger(home, "havering")
    return home


def say(home: HubHome, server: KeyServer) -> None:
    """Say that a home's keys are on a server."""
    home.stores.write_bytes(Stores(keys=server).canonical())


def lose_keys(server: KeyServer) -> None:
    """Lose the key store, as a server's disk is lost."""
    assert server.make is not None
    with psycopg.connect(server.make) as connection:
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


def test_a_copy_is_put_back_without_what_was_destroyed(
    apart: HubHome, server: KeyServer, kept: Path
) -> None:
    """Keys of before the copy open, the destroyed one does not, and its name has none again."""
    beat(apart, FIRST, SECOND)
    done = backing_up.back_up_keys(apart, kept)
    assert done.manifest.store.bytes > 0
    key_id, tag = destroy(apart, FIRST)
    beat(apart, THIRD)
    with pytest.raises(HomeNotReady, match="stands on the server"):
        restoring.restore_keys(apart, PASSPHRASE, backup_of(kept, "keys"))
    lose_keys(server)
    init_key_store(apart)
    with pytest.raises(HomeNotReady, match="another key store"):
        open_key_store(apart)
    found = restoring.restore_keys(apart, PASSPHRASE, backup_of(kept, "keys"))
    assert found.destroyed == 1
    assert found.unopened["havering"].entries >= 1  # THIRD's key was made after the copy
    store = open_key_store(apart)
    assert store.by_id([key_id]) == []
    assert store.destroyed([tag])
    store.close()
    with open_hub(apart, PASSPHRASE) as rooms:
        assert opened(rooms)
        with pytest.raises(TagsFenced):
            rooms.custody.keys_for([KeyName("havering", "stream", FIRST)])
    assert not list(apart.folder.glob("keys*.sqlite*"))


def test_a_copy_of_a_server_lapses_too(
    apart: HubHome, server: KeyServer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 35 days it is refused, and the next backup in its folder deletes it."""
    beat(apart, FIRST)
    backing_up.back_up_keys(apart, kept)
    old, now = backup_of(kept, "keys"), dated.now()
    monkeypatch.setattr(dated, "now", lambda: now + 36 * DAY)
    lose_keys(server)
    with pytest.raises(HomeNotReady, match="35 days"):
        restoring.restore_keys(apart, PASSPHRASE, old)
    assert backing_up.back_up_keys(apart, kept).lapsed == (old.name,)


def test_keys_move_to_a_server(home: HubHome, server: KeyServer, kept: Path) -> None:
    """File and mirror are gone from the home, and one copy is left, which lapses."""
    beat(home, FIRST, SECOND)
    destroy(home, FIRST)
    mirror = home.mirror
    assert mirror is not None
    assert mirror.exists()
    say(home, server)
    with pytest.raises(HomeNotReady, match="names another"):
        open_key_store(home)
    moving_keys.move_keys(home, kept)
    assert not list(home.folder.glob("keys.sqlite*"))
    assert not list(mirror.parent.iterdir())
    assert not mark_of(home.key_store).exists()
    assert backup_of(kept, "keys").is_dir()


def test_moved_keys_open_what_they_opened(
    home: HubHome, server: KeyServer, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the move was cut off before the file was removed; a mirror is refused there."""
    beat(home, FIRST, SECOND)
    say(home, server)

    def dies(_: Path) -> None:
        raise Unavailable("the disk")

    with monkeypatch.context() as cut:
        cut.setattr(key_stores, "remove_file", dies)
        with pytest.raises(Unavailable):
            moving_keys.move_keys(home, kept)
    with pytest.raises(HomeNotReady, match="names another"):
        all_open(home)
    moving_keys.move_keys(home, kept)
    with pytest.raises(HomeNotReady, match="BHR_KEY_MIRROR"):
        all_open(home)
    monkeypatch.delenv("BHR_KEY_MIRROR")
    assert all_open(home)
    beat(home, FIRST, THIRD)
    assert all_open(home)
    with pytest.raises(HomeNotReady, match="no key store here"):
        moving_keys.move_keys(home, kept)


def test_keys_move_to_no_other_store(home: HubHome, server: KeyServer, kept: Path) -> None:
    """Where another store stands, nothing is moved, and nothing removed."""
    beat(home, FIRST)
    say(home, server)
    assert server.make is not None
    create_key_store(Place(server.make, SCHEMA))
    with psycopg.connect(server.make) as connection:
        connection.execute("INSERT INTO keys.meta VALUES (1, 'of another')")
    with pytest.raises(HomeNotReady, match="another key store stands"):
        moving_keys.move_keys(home, kept)
    home.stores.unlink()
    assert all_open(home)


def test_a_copy_of_a_server_is_put_back_in_a_file(
    apart: HubHome, server: KeyServer, kept: Path
) -> None:
    """Whoever gives its server up goes on in files."""
    beat(apart, FIRST, SECOND)
    backing_up.back_up_keys(apart, kept)
    lose_keys(server)
    apart.stores.unlink()
    restoring.restore_keys(apart, PASSPHRASE, backup_of(kept, "keys"))
    assert apart.key_store.exists()
    assert all_open(apart)
