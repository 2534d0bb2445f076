"""The server of a hub is lost while boroughs publish, and one that followed takes its place."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from adapters.stores_settings import KeyServer, Stores, ViewServer
from adapters.stores_settings import Server as OnServer
from tests.journeys.counts import factor_counts
from tests.journeys.machines import PATIENCE_S
from tests.journeys.sources import counted
from tests.journeys.stage import set_stage
from tests.journeys.test_kill import (
    ENOUGH,
    check_ledger,
    facts_of,
    keep_publishing,
    tell_the_truth,
)
from tests.journeys.test_postgres import verified
from tests.journeys.test_rewrapping import more_is_told
from tests.postgres_server import Server, own_server
from tests.stores_on_server import keys_on, ledgers_on, views_on

pytestmark = [pytest.mark.load, pytest.mark.postgres(own=True)]
HAVERING = "havering"
Place = TypeVar("Place", OnServer, KeyServer, ViewServer)


def following(primary: Server) -> Server:
    """Make and start a server that follows another, which waits for it with every commit."""
    folder = Path(tempfile.mkdtemp(prefix="bhr-postgres-", dir=primary.folder.parent))
    shutil.chown(folder, primary.folder.owner())
    standby = Server(folder, primary.programs)
    reached = make_conninfo(primary.conninfo, application_name="standby")
    standby.make("pg_basebackup", "-d", reached, "-R", "--checkpoint=fast", "--no-sync")
    standby.start()
    with psycopg.connect(primary.conninfo, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET synchronous_commit = remote_apply")
        connection.execute("ALTER SYSTEM SET synchronous_standby_names = standby")
        connection.execute("SELECT pg_reload_conf()")
    return standby


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """A server, and one that follows it."""
    primary = own_server()
    standby = following(primary)
    yield primary, standby
    standby.remove()
    primary.remove()


def on_whichever(place: Place, servers: tuple[Server, Server]) -> Place:
    """Name both servers as an operator does: libpq takes the one that can be written to."""
    hosts = ",".join(str(one.folder) for one in servers)
    both = {
        name: make_conninfo(conninfo, host=hosts, target_session_attrs="read-write")
        for name, conninfo in place.model_dump(exclude_none=True).items()
    }
    return place.model_validate(both)


def test_a_hub_goes_on_with_the_standby(tmp_path: Path, servers: tuple[Server, Server]) -> None:
    """All that was acknowledged is there, once, in ledgers and views; nothing is started again."""
    primary, standby = servers
    stores = Stores(
        others=on_whichever(ledgers_on(primary.conninfo), servers),
        keys=on_whichever(keys_on(primary.conninfo), servers),
        views=on_whichever(views_on(primary.conninfo), servers),
    )
    stage = set_stage(tmp_path / "stage", stores=stores)
    hub = stage.start_hub()
    machine = stage.machine(HAVERING)
    publisher = machine.play(keep_publishing, HAVERING, machine.passphrase, tmp_path)
    more_is_told(stage, tmp_path, publisher)
    primary.kill()
    more_is_told(stage, tmp_path, publisher)
    with psycopg.connect(standby.conninfo, autocommit=True) as connection:
        assert connection.execute("SELECT pg_promote()").fetchall() == [(True,)]
    more_is_told(stage, tmp_path, publisher)
    (tmp_path / ENOUGH).touch()
    publisher.process.join(PATIENCE_S)
    assert publisher.process.exitcode == 0, publisher.said()
    truth = tell_the_truth(stage, HAVERING, max(100, facts_of(HAVERING, tmp_path)))
    check_ledger(stage, HAVERING)
    assert factor_counts(stage.read_folded("factors"), HAVERING) == counted(truth)
    assert hub.stop() == 0, hub.said()
    assert "Traceback" not in hub.said()
    audited = verified(stage)
    assert audited.status == 0, audited.said()
