"""What a home says of its stores, and what is said where that cannot be so."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.assembly.ledgers import init_ledger, ledgers_of, places_of
from adapters.assembly.moving import move_ledger
from adapters.ledger.clock_watch import wall_ms
from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.sqlite import SqliteLedger
from adapters.settings import HubHome
from adapters.stores_settings import Server, Stores, stores_of
from domain.errors import HomeNotReady, Unavailable
from domain.reference.participants import PARTNERSHIP
from tests.contracts.ledger_builders import answer_to, batch
from tests.postgres_server import database
from tests.stores_on_server import ledgers_on


@pytest.fixture
def home(tmp_path: Path) -> HubHome:
    """A home that says nothing of its stores."""
    folder = tmp_path / "hub"
    folder.mkdir()
    return HubHome(folder)


@pytest.fixture
def server() -> Server:
    """A database of its own, in each of the roles that a hub has there."""
    return ledgers_on(database())


def log_of(file: Path) -> Path:
    """Name what SQLite keeps beside a file that is written."""
    return file.with_name(file.name + "-wal")


def say(home: HubHome, stores: Stores) -> None:
    """Write what a home says of its stores."""
    home.stores.write_bytes(stores.canonical())


def test_without_a_word_every_ledger_is_a_file(home: HubHome) -> None:
    """Nothing has to be configured for a hub on one machine."""
    assert stores_of(home) == Stores()
    assert init_ledger(home, PARTNERSHIP)
    assert not init_ledger(home, PARTNERSHIP)
    assert places_of(home) == {PARTNERSHIP: None}
    with ledgers_of(home) as ledgers:
        assert isinstance(ledgers[PARTNERSHIP], SqliteLedger)


@pytest.mark.parametrize(
    "said", [b"", b"{", b'{"other":{"connect":"x"}}', b'{"ledgers":{"../x":{"connect":"x"}}}']
)
def test_what_says_something_else_is_refused(home: HubHome, said: bytes) -> None:
    """A word that is misspelt must not make a hub look for its ledgers in another place."""
    home.stores.write_bytes(said)
    with pytest.raises(HomeNotReady, match="stores"):
        places_of(home)


@pytest.mark.postgres
def test_each_ledger_stands_where_it_is_said_to(home: HubHome, server: Server) -> None:
    """One by its name on one server, the others on another; audits open them by their own role."""
    place = ledgers_on(database())
    others = Server(connect=place.connect, make=place.make)  # without a role that looks alone
    say(home, Stores(ledgers={"havering": server}, others=others))
    for name in (PARTNERSHIP, "havering"):
        assert init_ledger(home, name)
        assert not init_ledger(home, name)
    assert not home.ledgers.exists()
    assert list(places_of(home)) == [PARTNERSHIP, "havering"]
    with ledgers_of(home) as ledgers:
        assert {type(one) for one in ledgers.values()} == {PostgresLedger}
        answer_to(ledgers["havering"], batch(1, 0, 3), now_ms=wall_ms())
    with ledgers_of(home, reading=True) as ledgers:
        assert ledgers["havering"].head().size == 3
        with pytest.raises(Unavailable):
            answer_to(ledgers["havering"], batch(2, 3, 1))


@pytest.mark.postgres
def test_who_may_not_make_tables_is_told_so(home: HubHome, server: Server) -> None:
    """A hub's machine need not know as whom ledgers are made: then they are made elsewhere."""
    say(home, Stores(others=Server(connect=server.connect)))
    with pytest.raises(HomeNotReady, match="make"):
        init_ledger(home, PARTNERSHIP)


@pytest.mark.postgres
def test_a_ledger_that_stands_twice_is_not_opened(home: HubHome, server: Server) -> None:
    """Which of two is appended to must not depend on who looks; moving finishes what was begun."""
    for name in (PARTNERSHIP, "havering"):
        init_ledger(home, name)
    say(home, Stores(ledgers={"havering": server}))
    file = home.ledger("havering")
    kept = file.read_bytes()
    move_ledger(home, "havering")
    file.write_bytes(kept)  # as if the move had been cut off before its end
    with pytest.raises(HomeNotReady, match="stands twice"):
        places_of(home)
    assert move_ledger(home, "havering").entries == 0
    assert places_of(home)["havering"] is not None


@pytest.mark.postgres
def test_what_a_killed_hub_left_beside_a_file_moves_and_is_put_away_too(
    home: HubHome, server: Server
) -> None:
    """The file that is put away is whole by itself: its log came into it before it was renamed."""
    init_ledger(home, "havering")
    file, left = home.ledger("havering"), home.folder / "left"
    left.mkdir()
    with closing(SqliteLedger(file, "havering")) as ledger:
        answer_to(ledger, batch(1, 0, 3), now_ms=wall_ms())
        for one in (file, log_of(file)):  # as a hub that is killed now leaves them
            shutil.copy(one, left / one.name)
    for one in left.iterdir():
        one.rename(file.with_name(one.name))
    assert log_of(file).stat().st_size > 0
    say(home, Stores(ledgers={"havering": server}))
    moved = move_ledger(home, "havering")
    assert moved.entries == 3
    assert sorted(one.name for one in file.parent.glob("havering*")) == [moved.file.name]
    with closing(SqliteLedger(moved.file, "havering")) as ledger:
        assert ledger.head().size == 3


@pytest.mark.postgres
def test_a_file_that_somebody_has_open_is_not_moved(home: HubHome, server: Server) -> None:
    """What stands beside it would not come into it: nothing is moved, and nothing put away."""
    init_ledger(home, "havering")
    file = home.ledger("havering")
    say(home, Stores(ledgers={"havering": server}))
    with closing(sqlite3.connect(file)) as reader:
        reader.execute("SELECT 1 FROM head").fetchall()
        with pytest.raises(HomeNotReady, match="open elsewhere"):
            move_ledger(home, "havering")
    assert move_ledger(home, "havering").entries == 0


@pytest.mark.postgres
def test_another_ledger_of_the_name_is_not_taken_for_it(home: HubHome, server: Server) -> None:
    """What stands on the server already must be the very same entries."""
    init_ledger(home, "havering")
    with closing(SqliteLedger(home.ledger("havering"), "havering")) as ledger:
        answer_to(ledger, batch(1, 0, 3), now_ms=wall_ms())
    home.ledger("havering").rename(home.folder / "kept")
    say(home, Stores(ledgers={"havering": server}))
    init_ledger(home, "havering")
    (home.folder / "kept").rename(home.ledger("havering"))
    with pytest.raises(HomeNotReady, match="another ledger"):
        move_ledger(home, "havering")
    assert home.ledger("havering").exists()


def test_a_server_that_does_not_answer_is_unavailable(home: HubHome) -> None:
    """It may come back: nothing is made in its place."""
    say(home, Stores(others=Server(connect="host=/nowhere user=hub dbname=x", make="host=/x")))
    with pytest.raises(Unavailable):
        places_of(home)
