"""A hub of several servers, one of which is away when it is opened."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from adapters.assembly import ceremonies
from adapters.assembly.hub import Rooms, open_hub
from adapters.assembly.ledgers import init_ledger, ledgers_of
from adapters.keys.ceremony import public_half
from adapters.ledger import late
from adapters.postgres_connections import Place, connect
from adapters.settings import HubHome
from adapters.stores_settings import Stores, stores_of
from domain.errors import Unavailable
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import Canary
from tests.adapters.backups.homes import CHEAP, FIRST, PASSPHRASE
from tests.postgres_server import Server
from tests.stores_on_server import ledgers_on

pytestmark = pytest.mark.postgres(own=True)
HAVERING, REDBRIDGE = "havering", "redbridge"


@pytest.fixture
def home(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> HubHome:
    """A home whose ledger of Havering is on a server of its own."""
    monkeypatch.setattr(late, "AGAIN_S", 0.0)
    recovery = tmp_path / "offline" / "recovery.json"
    ceremonies.make_recovery(recovery, "the recovery of a hub", cost=CHEAP)
    apart = ledgers_on(server.conninfo)
    home = HubHome(tmp_path / "hub")
    home.folder.mkdir()
    home.stores.write_bytes(Stores(ledgers={HAVERING: apart}).canonical())
    ceremonies.make_hub(home, PASSPHRASE, public_half(recovery), cost=CHEAP)
    for name in (PARTNERSHIP, HAVERING, REDBRIDGE):
        init_ledger(home, name)
    return home


def beat(rooms: Rooms, ledger: str) -> int:
    """Record a canary; gives how many entries there are."""
    facts = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
    rooms.events.append(ledger, rooms.events.made(Canary, facts, FIRST))
    return rooms.ledgers[ledger].head().size


def test_one_server_that_is_away_stops_no_other_ledger(
    home: HubHome, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """The hub opens; that ledger is unavailable until its server is back, and then all of it."""
    with open_hub(home, PASSPHRASE) as rooms:
        assert beat(rooms, HAVERING) == 1
    server.stop()
    with caplog.at_level(logging.WARNING), open_hub(home, PASSPHRASE) as rooms:
        assert f"destroying-waits ledger={HAVERING}" in caplog.messages
        assert rooms.lookout.ask_all() == []
        for _ in range(2):
            with pytest.raises(Unavailable):
                beat(rooms, HAVERING)
        with pytest.raises(Unavailable):
            rooms.ledgers[HAVERING].checkpoints.latest_kept()
        assert beat(rooms, REDBRIDGE) == 1
        assert rooms.projector.step() > 0
        assert rooms.generations.live().position(REDBRIDGE) == 1
        server.start()
        assert beat(rooms, HAVERING) == 2
        assert rooms.ledgers[HAVERING].tiles.size() == 2
        while rooms.projector.step():
            pass
        assert rooms.generations.live().position(HAVERING) == 2
    with open_hub(home, PASSPHRASE) as rooms:
        assert rooms.ledgers[HAVERING].head().size == 2


def test_a_ledger_that_was_passed_over_says_once_what_to_do(
    home: HubHome, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Back with an older release's tables, it stays away until it is brought up, and says why."""
    own = stores_of(home).ledgers[HAVERING].make
    assert own is not None
    server.stop()
    with open_hub(home, PASSPHRASE) as rooms:
        server.start()
        with connect(Place(own, HAVERING)) as owner:
            owner.execute("ALTER TABLE migration DISABLE TRIGGER USER")
            owner.execute("UPDATE migration SET version = version + 100")
        for _ in range(2):
            with pytest.raises(Unavailable):
                rooms.ledgers[HAVERING].head()
    told = f"the tables in {HAVERING} are not this release's: run its `bhr ledger init`"
    said = f"ledger-not-ready ledger={HAVERING}: {told}"
    assert [one for one in caplog.messages if one.startswith("ledger-not-ready")] == [said]


def test_what_was_destroyed_meanwhile_is_looked_for_when_it_is_back(
    home: HubHome, server: Server
) -> None:
    """A ledger that opens late is asked what it says of destroyed keys until that is done."""
    server.stop()
    with open_hub(home, PASSPHRASE) as rooms:
        learnt: list[int] = []
        ledger = rooms.ledgers[HAVERING]
        assert isinstance(ledger, late.LateLedger)
        resume = ledger.when_opened

        def learn() -> None:
            learnt.append(1)
            if len(learnt) < 3:
                raise Unavailable("the keys")
            resume()

        ledger.when_opened = learn
        with pytest.raises(Unavailable):
            ledger.head()
        assert learnt == []
        server.start()
        for _ in range(2):  # its server is back before that of the keys
            with pytest.raises(Unavailable):
                ledger.head()
        assert [ledger.head().size, ledger.head().size] == [0, 0]
        assert learnt == [1, 1, 1]


def test_an_audit_leaves_no_ledger_out(home: HubHome, server: Server) -> None:
    """Who audits wants all of them: a server that is away is said to be."""
    server.stop()
    with pytest.raises(Unavailable), ledgers_of(home, reading=True):
        pass
    server.start()
    with ledgers_of(home, reading=True) as ledgers:
        assert sorted(ledgers) == [PARTNERSHIP, HAVERING, REDBRIDGE]
