"""`bhr ledger init` of a new release: everything that stands on servers is brought up first."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from adapters.assembly import ceremonies, key_stores, ledgers
from adapters.assembly.bringing_up import Initiated, init_ledgers
from adapters.assembly.hub import open_hub
from adapters.assembly.ledgers import init_ledger
from adapters.command_line.ledger import init
from adapters.keys import postgres_keys
from adapters.keys.ceremony import public_half
from adapters.keys.postgres_keys_schema import migrate_key_store
from adapters.ledger.postgres_migrations import MIGRATIONS
from adapters.ledger.postgres_schema import create_schema, standing_ledgers
from adapters.postgres_connections import Place, connect
from adapters.reference.shipped import PARTICIPANTS, shipped_document
from adapters.settings import HubHome
from adapters.stores_settings import Server, Stores
from domain.errors import HomeNotReady
from domain.reference.participants import PARTNERSHIP
from tests.adapters.backups.homes import CHEAP, PASSPHRASE
from tests.adapters.keys.test_postgres_keys_migrations import WITH_ONE_MORE
from tests.postgres_server import database
from tests.stores_on_server import keys_on, ledgers_on

pytestmark = pytest.mark.postgres
HAVERING = "havering"
OTHERS = ("barking-and-dagenham", "redbridge")
NOBODY = "host=127.0.0.1 port=1 dbname=none"


def made(folder: Path, stores: Stores) -> HubHome:
    """Make a hub's home whose stores are on a server."""
    recovery, home = folder / "offline" / "recovery.json", HubHome(folder / "hub")
    ceremonies.make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    home.folder.mkdir()
    home.stores.write_bytes(stores.canonical())
    ceremonies.make_hub(home, PASSPHRASE, public_half(recovery), cost=CHEAP)
    return home


def test_every_ledger_is_brought_up_before_a_hub_is_opened(tmp_path: Path) -> None:
    """Ledgers of an older release, a borough's too, are brought up, of which no hub could open."""
    server = ledgers_on(database())
    home = made(tmp_path, Stores(others=server))
    assert server.make is not None
    for name in (PARTNERSHIP, HAVERING):
        place = Place(server.make, name)
        create_schema(place, name, origin="hub", migrations=MIGRATIONS[:-1])
    with pytest.raises(HomeNotReady, match="bhr ledger init"), open_hub(home, PASSPHRASE):
        pass
    assert init_ledgers(home, PASSPHRASE) == Initiated()
    with open_hub(home, PASSPHRASE) as rooms:
        assert set(rooms.ledgers) == {PARTNERSHIP, HAVERING}


def test_a_borough_whose_server_is_away_holds_up_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What does not answer is passed over, in so many words; all others are made and brought up."""
    nobody = Server(connect=NOBODY, make=NOBODY)
    home = made(tmp_path, Stores(others=ledgers_on(database()), ledgers={HAVERING: nobody}))
    init_ledgers(home, PASSPHRASE)
    with open_hub(home, PASSPHRASE) as rooms:
        rooms.registering.register(shipped_document(PARTICIPANTS).raw)
    monkeypatch.setenv("BHR_HOME", str(tmp_path))
    monkeypatch.setenv("BHR_PASSPHRASE", PASSPHRASE)
    brought: list[str] = []
    monkeypatch.setattr(ledgers, "migrate_ledger", lambda _, name: brought.append(name))
    init()
    assert capsys.readouterr().out.splitlines() == [
        *(f"made ledger {name}" for name in OTHERS),
        f"passed over {HAVERING}: its server is away; once it is back, run this again",
    ]
    assert init_ledgers(home, PASSPHRASE) == Initiated(away=(HAVERING,))
    assert set(brought) == {PARTNERSHIP, *OTHERS}


def test_a_ledger_that_stands_elsewhere_is_not_made_anew(tmp_path: Path) -> None:
    """Bringing up makes nothing: a server of its own that is named too early stays empty."""
    old, new = ledgers_on(database()), ledgers_on(database())
    home = made(tmp_path, Stores(others=old))
    for name in (PARTNERSHIP, HAVERING):
        init_ledger(home, name)
    home.stores.write_bytes(Stores(others=old, ledgers={HAVERING: new}).canonical())
    with pytest.raises(HomeNotReady, match=r"stands at `others`.*`ledgers.havering`"):
        init_ledgers(home, PASSPHRASE)
    assert standing_ledgers(new.connect) == []


def test_the_key_store_is_brought_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of the release before comes to this one's tables, by who may; else that is asked for."""
    keys = keys_on(database())
    home = made(tmp_path, Stores(keys=keys))
    migrate = partial(migrate_key_store, migrations=WITH_ONE_MORE)
    monkeypatch.setattr(key_stores, "migrate_key_store", migrate)
    monkeypatch.setattr(postgres_keys, "MIGRATIONS", WITH_ONE_MORE)
    home.stores.write_bytes(Stores(keys=keys.model_copy(update={"make": None})).canonical())
    with pytest.raises(HomeNotReady, match="`keys`, `make`"):
        init_ledgers(home, PASSPHRASE)
    home.stores.write_bytes(Stores(keys=keys).canonical())
    init_ledgers(home, PASSPHRASE)
    with open_hub(home, PASSPHRASE) as rooms:
        assert set(rooms.ledgers) == {PARTNERSHIP}


def test_a_key_store_of_a_later_release_is_refused(tmp_path: Path) -> None:
    """It is not passed over in silence: that release is to be run."""
    keys = keys_on(database())
    home = made(tmp_path, Stores(keys=keys))
    assert keys.make is not None
    with connect(Place(keys.make, key_stores.SCHEMA)) as owner:
        owner.execute("INSERT INTO migration VALUES (%s)", (len(WITH_ONE_MORE),))
    with pytest.raises(HomeNotReady, match="later release: run that one"):
        init_ledgers(home, PASSPHRASE)
