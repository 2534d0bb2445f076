"""The main job with ledgers, keys and views on PostgreSQL, which goes away and comes back."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from threading import Semaphore

import psycopg
import pytest

from adapters.assembly.evidence import Held
from adapters.assembly.openers import Asked
from adapters.assembly.verifying import verify
from adapters.ledger.postgres_nudges import Listening
from adapters.stores_settings import KeyServer, Stores, ViewServer
from adapters.stores_settings import Server as OnServer
from domain.errors import Unavailable
from domain.opened import OpenedEvent
from services.audit.verifying import report
from services.audit.verifying.report import Report
from tests.journeys.counts import factor_counts
from tests.journeys.machines import PATIENCE_S, Ended, Machine
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import Stage, set_stage
from tests.postgres_server import Server
from tests.stores_on_server import keys_on, ledgers_on, views_on

pytestmark = pytest.mark.postgres(own=True)
HAVERING, REDBRIDGE = "havering", "redbridge"


def publish(stage: Stage, borough: str, facts: range) -> bool:
    """Publish what a borough's system knows; gives whether the hub took all of it."""
    with stage.client(borough, patience_s=0) as client:
        client.publish(drafts_of(Told(number) for number in facts))
        return sent(stage, borough)


def sent(stage: Stage, borough: str) -> bool:
    """Send what lies in a borough's outbox; gives whether the hub took all of it."""
    with stage.client(borough, patience_s=0) as client:
        try:
            return client.send().left == 0
        except Unavailable:
            return False


def verified(stage: Stage, patience_s: float = PATIENCE_S) -> Ended:
    """Verify as an auditor does, by the role that may look."""
    auditor = Machine(stage.folder / "auditor", "", patience_s)
    auditor.folder.mkdir(exist_ok=True)
    passphrase = {"BHR_PASSPHRASE": stage.hub.passphrase}
    return auditor.run("audit", "verify", "--home", stage.hub_home.folder, **passphrase)


def reported(stage: Stage, processes: int) -> Report:
    """Verify with the hub's keys, in so many processes; gives the report."""
    asked = Asked(
        Held(home=stage.hub_home.folder), passphrase=stage.hub.passphrase, processes=processes
    )
    return verify(asked, lambda *_: None).report


def verifies_alike_in_one_process_and_in_two(stage: Stage) -> None:
    """Check that both report the same, and that the views were folded again and are equal."""
    alone, shared = (reported(stage, processes) for processes in (1, 2))
    assert alone.document() == shared.document()
    views = alone.steps[report.VIEWS - 1]
    assert (views.state, views.looked_at > 0) == ("ok", True)


def view(stage: Stage, borough: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Give the figures of a borough, once everything is in them."""
    return factor_counts(stage.read_folded("factors"), borough)


def known(facts: range) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Give what the figures must be."""
    return counted(Told(number) for number in facts)


def test_the_main_job_over_postgresql(tmp_path: Path, server: Server) -> None:
    """From publishers to views and to an auditor; while the server is away, nothing is lost.

    Neither what was acknowledged before it went, nor what publishers had to keep meanwhile.
    """
    place = server.conninfo
    apart, together = ledgers_on(place), ledgers_on(place)  # Redbridge's has a database of its own
    stores = Stores(
        keys=keys_on(place), ledgers={REDBRIDGE: apart}, others=together, views=views_on(place)
    )
    stage = set_stage(tmp_path / "stage", stores=stores)
    assert not stage.hub_home.ledgers.exists()
    assert not stage.hub_home.key_store.exists()
    hub = stage.start_hub()
    assert publish(stage, HAVERING, range(12))
    heard = Semaphore(0)
    with closing(Listening(apart.connect, heard.release)):  # as a projector elsewhere does
        assert heard.acquire(timeout=60)
        assert publish(stage, REDBRIDGE, range(9))
        assert heard.acquire(timeout=60)
    assert view(stage, HAVERING) == known(range(12))
    server.stop()
    assert not publish(stage, HAVERING, range(12, 18))
    server.start()
    assert sent(stage, HAVERING)
    assert view(stage, HAVERING) == known(range(18))
    hub.kill()
    hub = stage.start_hub()
    assert publish(stage, REDBRIDGE, range(9, 15))
    assert view(stage, REDBRIDGE) == known(range(15))
    assert hub.stop() == 0, hub.said()
    assert "Traceback" not in hub.said()
    ended = verified(stage)
    assert ended.status == 0, ended.said()
    verifies_alike_in_one_process_and_in_two(stage)
    status = stage.hub.run("ledger", "status").out
    for name, size in stage.sizes().items():
        assert f"{name:32} {size:>10} entries" in status
    rebuilt = stage.hub.run("views", "rebuild", "--processes", "2")
    assert rebuilt.status == 0, rebuilt.said()
    assert not list(stage.hub_home.views.rglob("*.sqlite"))
    audited_by_who_may_look(stage, stores)


def audited_by_who_may_look(stage: Stage, stores: Stores) -> None:
    """Audit with the roles alone that may change nothing."""
    event = event_of(stage, HAVERING)
    leave_to_auditors(stage, stores)
    whole = ("verify", "--home", stage.hub_home.folder)
    for asked in (("replay",), whole, ("erasures",), ("history", event)):
        audited = stage.hub.run("audit", *asked)
        assert audited.status == 0, audited.said()


def event_of(stage: Stage, borough: str) -> str:
    """Name the last event of a ledger."""
    with stage.rooms() as rooms:
        ledger = rooms.ledgers[borough]
        opened = rooms.rules.open_entries(borough, ledger.read(0, 999))
        return [str(one.event_id) for one in opened if isinstance(one, OpenedEvent)][-1]


def leave_to_auditors(stage: Stage, stores: Stores) -> None:
    """Leave in a home the roles that may look alone: the server refuses them everything else."""
    servers = [*stores.ledgers.values(), stores.others]
    looking = [OnServer(connect=one.read) for one in servers if one and one.read]
    keys, views = stores.keys, stores.views
    assert keys
    assert views
    assert keys.read
    assert views.read
    left = Stores(
        keys=KeyServer(connect=keys.read, erase=keys.read),
        ledgers=dict(zip(stores.ledgers, looking, strict=False)),
        others=looking[-1],
        views=ViewServer(connect=views.read),
    )
    stage.hub_home.stores.write_bytes(left.canonical())
    for conninfo in (keys.read, views.read, *(one.connect for one in looking)):
        refused(conninfo)


def refused(conninfo: str) -> None:
    """See that a server refuses a role whatever would change a table, or make one."""
    with psycopg.connect(conninfo, autocommit=True, client_encoding="UTF8") as connection:
        found = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE has_schema_privilege(schemaname, 'USAGE')"
            " AND schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(found) > 3
        words = (
            "DELETE FROM {0}",
            "TRUNCATE {0}",
            "DROP TABLE {0}",
            "INSERT INTO {0} DEFAULT VALUES",
        )
        for (table,) in found:
            for word in words:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(word.format(table).encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA of_an_auditor")


def test_a_ledger_moves_to_a_server(tmp_path: Path, server: Server) -> None:
    """Positions, roots and answers are the same; its file is put away, and the hub goes on."""
    stage = set_stage(tmp_path / "stage")
    hub = stage.start_hub()
    assert publish(stage, HAVERING, range(12))
    assert view(stage, HAVERING) == known(range(12))
    stage.hub_home.stores.write_bytes(
        Stores(ledgers={HAVERING: ledgers_on(server.conninfo)}).canonical()
    )
    busy = stage.hub.run("ledger", "move", HAVERING)
    assert "in use" in busy.err
    assert hub.stop() == 0, hub.said()
    with stage.rooms() as rooms:
        before = rooms.ledgers[HAVERING].read(0, 999)
    moved = stage.hub.run("ledger", "move", HAVERING)
    assert moved.status == 0, moved.said()
    assert f"{len(before):>10} entries" in moved.out
    assert not stage.hub_home.ledger(HAVERING).exists()
    with stage.rooms() as rooms:
        assert rooms.ledgers[HAVERING].read(0, 999) == before
    hub = stage.start_hub()
    assert publish(stage, HAVERING, range(12, 15))
    assert view(stage, HAVERING) == known(range(15))
    assert hub.stop() == 0, hub.said()
    ended = verified(stage)
    assert ended.status == 0, ended.said()
