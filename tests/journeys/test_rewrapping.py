"""The key-encryption key is replaced under a hub that serves, and the replacing is killed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from adapters.assembly.rotating import rewrap
from adapters.keys import postgres_rewrapping, rewrapping
from adapters.keys.succession import Succession
from adapters.settings import HubHome
from adapters.stores_settings import Stores
from tests.journeys.counts import factor_counts
from tests.journeys.machines import PATIENCE_S, Running, wait_until
from tests.journeys.sources import counted
from tests.journeys.stage import COST, Stage, set_stage
from tests.journeys.test_kill import ENOUGH, facts_of, keep_publishing, tell_the_truth
from tests.journeys.test_killed_keys import dies, dies_at_commit
from tests.journeys.test_postgres import verified
from tests.postgres_server import Server
from tests.stores_on_server import keys_on, ledgers_on, views_on

HAVERING = "havering"
FACTS = 9
"""So many are told, with keys of their own, before, between and after."""
ON_SERVER = pytest.param("server", marks=pytest.mark.postgres(own=True))


def rewrap_and_die(home: Path, recovery: Path, *, server: bool) -> None:
    """Wrap every key anew, and be killed on the way: by a few rows in files, all on a server."""
    if server:
        dies(1, "before", (postgres_rewrapping, "settle"))
    else:
        rewrapping.ROWS_AT_ONCE = 5
        dies_at_commit(3, "after")
    hub = HubHome(home)
    passphrase = "the passphrase of hub"
    rewrap(hub, passphrase, recovery, "due", cost=COST)


def more_is_told(stage: Stage, folder: Path, publisher: Running) -> None:
    """Wait until some more facts were told."""
    until = facts_of(HAVERING, folder) + FACTS
    wait_until(lambda: facts_of(HAVERING, folder) >= until or not publisher.alive(), "more is told")
    assert publisher.alive(), publisher.said()


def stores_of(where: str, request: pytest.FixtureRequest) -> Stores | None:
    """Say where ledgers, keys and views are kept."""
    if where == "files":
        return None
    server = request.getfixturevalue("server")
    assert isinstance(server, Server)
    place = server.conninfo
    return Stores(others=ledgers_on(place), keys=keys_on(place), views=views_on(place))


@pytest.mark.load
@pytest.mark.parametrize("where", ["files", ON_SERVER])
def test_rewrapped_while_boroughs_publish(
    tmp_path: Path, where: str, request: pytest.FixtureRequest
) -> None:
    """Killed midway and begun again: publishing goes on, the hub is not started again, all opens.

    With the newest key alone, once the work is done.
    """
    stage = set_stage(tmp_path / "stage", stores=stores_of(where, request))
    recovery = stage.recovery("hub").with_name("recovery-hub.json.pub")
    hub = stage.start_hub()
    machine = stage.machine(HAVERING)
    publisher = machine.play(keep_publishing, HAVERING, machine.passphrase, tmp_path)
    told = partial(more_is_told, stage, tmp_path, publisher)
    told()
    die = partial(rewrap_and_die, server=where == "server")
    dying = stage.hub.play(die, stage.hub_home.folder, recovery)
    dying.process.join(PATIENCE_S)
    assert dying.process.exitcode == -9, dying.said()
    keys = Succession(stage.hub_home.key_files, "key-encryption")
    assert keys.successor.exists()
    told()
    ended = stage.hub.run("keys", "rewrap", "--recovery", recovery)
    assert ended.status == 0, ended.said()
    assert not keys.successor.exists()
    told()
    (tmp_path / ENOUGH).touch()
    publisher.process.join(PATIENCE_S)
    assert publisher.process.exitcode == 0, publisher.said()
    for former in keys.former():
        former.unlink()
    truth = tell_the_truth(stage, HAVERING, max(100, facts_of(HAVERING, tmp_path)))
    assert factor_counts(stage.read_folded("factors"), HAVERING) == counted(truth)
    assert hub.stop() == 0, hub.said()
    assert "Traceback" not in hub.said()
    audited = verified(stage)
    assert audited.status == 0, audited.said()
