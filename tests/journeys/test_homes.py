"""Two homes that are never shared: neither side reads, or needs, a file of the other's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.settings import BoroughHome
from tests.journeys.counts import factor_counts
from tests.journeys.machines import Machine
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import AUTHORITIES, Stage, set_stage

FACTS = [Told(number) for number in range(6)]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Give a stage whose hub serves and projects."""
    made = set_stage(tmp_path / "stage")
    running = made.start_hub()
    yield made
    running.kill()


def test_the_hub_works_where_no_borough_is(stage: Stage) -> None:
    """With every borough's home gone the hub goes on: it answers, folds and rebuilds."""
    with stage.client("havering") as client:
        client.publish(drafts_of(FACTS))
        client.send()
    for borough in AUTHORITIES:
        shutil.rmtree(stage.machine(borough).folder)
    assert factor_counts(stage.read_folded("factors"), "havering") == counted(FACTS)
    for command in (("views", "rebuild"), ("views", "status"), ("ledger", "status")):
        assert stage.hub.run(*command).status == 0
    assert not (stage.hub.folder / "boroughs").exists()


def test_a_borough_works_where_no_hub_is(stage: Stage) -> None:
    """A borough's home holds all that a borough needs; of the hub it knows an address and a key."""
    home = stage.home("havering")
    assert not (stage.machine("havering").folder / "hub").exists()
    elsewhere = Machine(stage.folder / "elsewhere", stage.machine("havering").passphrase)
    shutil.move(stage.machine("havering").folder, elsewhere.folder)
    for command in (("canary",), ("outbox", "send"), ("outbox", "status"), ("keys", "status")):
        ended = elsewhere.run(*command, "--borough", "havering")
        assert ended.status == 0, ended.said()
    assert not home.folder.exists()


def test_no_home_holds_the_others_secrets(stage: Stage) -> None:
    """After publishing, nothing that a borough keeps to itself is anywhere in the hub's home."""
    with stage.client("havering") as client:
        client.publish(drafts_of(FACTS))
        client.send()
    theirs = _secrets(stage.home("havering"))
    assert len(theirs) == 2
    held = [path.read_bytes() for path in stage.hub.folder.rglob("*") if path.is_file()]
    assert len(held) > 8
    assert not any(secret in one for secret in theirs for one in held)


def _secrets(home: BoroughHome) -> list[bytes]:
    """Give what must never leave a borough: its token, and a child's own id."""
    store = home.store.read_bytes() + home.store.with_name("borough.sqlite-wal").read_bytes()
    child = FACTS[0].child.encode()
    assert child in store
    return [home.token.read_bytes(), child]
