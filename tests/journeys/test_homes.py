"""Two homes that are never shared: neither side reads, or needs, a file of the other's."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.command_line import main
from adapters.settings import BoroughHome
from tests.journeys.counts import factor_counts
from tests.journeys.machines import PATIENCE_S, Machine, listens, wait_until
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import AUTHORITIES, Stage, set_stage

FACTS = [Told(number) for number in range(6)]
COMMANDS: Sequence[tuple[str, Sequence[str]]] = (
    ("hub", ("keys", "status")),
    ("hub", ("ledger", "init")),
    ("hub", ("ledger", "status")),
    ("hub", ("trust", "list")),
    ("hub", ("views", "rebuild")),
    ("hub", ("token", "reader", "redbridge", "analyst")),
    ("havering", ("keys", "status", "--borough", "havering")),
    ("havering", ("trust", "list", "--borough", "havering")),
    ("havering", ("canary", "--borough", "havering")),
    ("redbridge", ("outbox", "send", "--borough", "redbridge")),
    ("redbridge", ("outbox", "status", "--borough", "redbridge")),
)
"""Whose command it is, and what is typed."""


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


def overheard(words: Sequence[str], heard: Path) -> None:
    """Play a command, and write down every file and folder that it looks into."""
    looked: set[str] = set()
    kinds = {"open", "sqlite3.connect", "os.listdir", "os.scandir", "os.mkdir", "os.rename"}

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        if event in kinds and arguments:
            looked.add(str(arguments[0]))

    sys.addaudithook(hear)
    sys.argv = ["bhr", *words]
    try:
        main.run()
    finally:
        heard.write_text("\n".join(sorted(looked)), encoding="utf-8")


def test_side_by_side_they_leave_each_other_alone(tmp_path: Path) -> None:
    """On one machine, as in the demonstration, no command of a body looks into another's home."""
    stage = set_stage(tmp_path / "stage")
    shared = Machine(tmp_path / "shared", stage.hub.passphrase)
    homes = {"hub": shared.folder / "hub"}
    homes |= {borough: shared.folder / "boroughs" / borough for borough in AUTHORITIES}
    (shared.folder / "boroughs").mkdir(parents=True)
    shutil.move(stage.hub_home.folder, homes["hub"])
    for borough in AUTHORITIES:
        shutil.move(stage.home(borough).folder, homes[borough])
    served = tmp_path / "heard-serving"
    hub = shared.play(overheard, ("serve", "--port", str(stage.port)), served)
    wait_until(lambda: listens(stage.port), "the hub listens")
    for number, (body, words) in enumerate(COMMANDS):
        machine = replace(shared, passphrase=stage.machine(body).passphrase)
        heard = tmp_path / f"heard-{number}"
        running = machine.play(overheard, words, heard, daemon=False)  # a rebuild starts others
        running.process.join(PATIENCE_S)
        assert running.process.exitcode == 0, running.said()
        assert _looked_into(heard, homes) == [body], words
    assert hub.stop() == 0
    assert _looked_into(served, homes) == ["hub"]


def _looked_into(heard: Path, homes: Mapping[str, Path]) -> list[str]:
    looked = heard.read_text(encoding="utf-8")
    return [body for body, home in homes.items() if str(home) in looked]


def _secrets(home: BoroughHome) -> list[bytes]:
    """Give what must never leave a borough: its token, and a child's own id."""
    child = FACTS[0].child.encode()
    assert child in home.store.read_bytes()
    return [home.token.read_bytes(), child]
