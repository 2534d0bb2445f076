"""The disk of a hub's home is full for a while: its ledgers, keys and views find no room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from adapters.client.http_hub import HttpHub, HubAddress
from tests.journeys.stage import AGREEMENT, PURPOSE, Stage, set_stage
from tests.journeys.test_postgres import known, publish, sent, verified, view
from tests.small_disk import SmallDisk, small_disk

pytestmark = pytest.mark.small_disk
HAVERING = "havering"
SERVICE_UNAVAILABLE = 503


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A disk of a test's own."""
    with small_disk() as disk:
        yield disk


def put_on(disk: SmallDisk, stage: Stage) -> None:
    """Move the hub's machine to a disk of its own."""
    moved = disk.folder / "hub"
    shutil.move(stage.hub.folder, moved)
    stage.hub.folder.symlink_to(moved)


def status_of_reading(stage: Stage) -> int:
    """Say how the hub answers who reads a view."""
    with HttpHub(HubAddress(stage.url), stage.folder / "reader-token") as door:
        return door.get("/v1/factors", [("agreement", AGREEMENT), ("purpose", PURPOSE)]).status


def test_a_hub_whose_disk_is_full_for_a_while(tmp_path: Path, disk: SmallDisk) -> None:
    """Nobody is told that anything was taken, or shown what cannot be recorded; then it goes on.

    By itself, with everything that was acknowledged, and what publishers kept meanwhile.
    """
    stage = set_stage(tmp_path / "stage")
    put_on(disk, stage)
    hub = stage.start_hub()
    assert publish(stage, HAVERING, range(12))
    assert view(stage, HAVERING) == known(range(12))
    disk.fill()
    told = next(facts for facts in count(18, 6) if not publish(stage, HAVERING, range(facts)))
    assert status_of_reading(stage) == SERVICE_UNAVAILABLE
    assert not sent(stage, HAVERING)
    assert hub.alive(), hub.said()
    disk.free()
    assert sent(stage, HAVERING)
    assert view(stage, HAVERING) == known(range(told))
    assert hub.stop() == 0, hub.said()
    assert "Traceback" not in hub.said()
    audited = verified(stage)
    assert audited.status == 0, audited.said()
