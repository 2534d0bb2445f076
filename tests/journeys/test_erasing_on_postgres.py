"""An erasure and a rewrap where keys, ledgers and views are on PostgreSQL: what its files hold."""

from __future__ import annotations

import datetime
from pathlib import Path

import psycopg
import pytest

from adapters.stores_settings import KeyServer, Stores
from tests.journeys.machines import wait_until
from tests.journeys.stage import set_stage
from tests.journeys.test_erasing_end_to_end import (
    BODIES,
    COUNTED,
    RETURN,
    WITHOUT_ANN,
    Erasure,
    well,
)
from tests.journeys.test_returns import publish, view
from tests.postgres_server import Server, held_as_it_is
from tests.stores_on_server import keys_on, ledgers_on, views_on

pytestmark = pytest.mark.postgres(own=True)


def kept(keys: KeyServer) -> dict[bytes, bytes]:
    """Give every wrapped key of the key store by its id."""
    with psycopg.connect(keys.connect) as connection:
        found = connection.execute("SELECT key_id, wrapped FROM keys.key").fetchall()
    return {bytes(key): bytes(wrapped) for key, wrapped in found}


def approved(erasure: Erasure) -> str:
    """Ask for Ann's erasure, have two bodies approve, and wait; gives the request."""
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
    request = erasure.asked("--not-before", soon.strftime("%Y-%m-%dT%H:%M:%SZ"))
    for body in BODIES:
        erasure.approved(request, body)
    wait_until(
        lambda: " approved: " in erasure.at("hub", "erasure", "status", request),
        "the waiting period is over",
    )
    return request


def test_what_is_erased_is_in_no_file_of_the_server(tmp_path: Path, server: Server) -> None:
    """Neither tables nor write-ahead log, once it is carried out; nor, after a rewrap, old ones."""
    place = server.conninfo
    keys = keys_on(place)
    stores = Stores(keys=keys, others=ledgers_on(place), views=views_on(place))
    stage = set_stage(tmp_path / "stage", waits=False, stores=stores)
    hub, erasure = stage.start_hub(), Erasure(stage)
    ended, _ = publish(stage, RETURN)
    assert (ended.status, view(stage)) == (0, COUNTED)
    request = approved(erasure)
    before = kept(keys)
    erasure.at("hub", "erasure", "carry-out", request)
    gone = {before[key] for key in erasure.destroyed(request)}
    assert len(gone) > 1
    stays = set(before.values()) - gone
    assert set(kept(keys).values()) == stays
    assert held_as_it_is(server, [*before.values()]) == stays
    assert view(stage) == WITHOUT_ANN
    assert hub.stop() == 0, hub.said()
    assert "Traceback" not in hub.said()
    well(stage.hub.run("keys", "rewrap", "--recovery", f"{stage.recovery('hub')}.pub"))
    well(stage.hub.run("ledger", "status"))
    assert kept(keys).keys() >= {key for key, row in before.items() if row in stays}
    assert not held_as_it_is(server, [*stays])
    well(stage.hub.run("audit", "verify"))
