"""Many events from three sources at once: none lost, none doubled, and memory stays as it was."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.assembly.borough import borough_client
from adapters.client.http_hub import HttpHub, HubAddress
from tests.journeys.counts import factor_counts
from tests.journeys.machines import Machine, Running, cold, listens, wait_until
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import AUTHORITIES, Stage, set_stage
from tests.memory import peak_kib

LONG_S = 1200.0
EVENTS_OF_ONE = 2
"""A fact of the sources is told as two events."""
CHUNK = 300
"""Facts are dealt to the sources in chunks, so that the facts of one child stay together."""


@dataclass(frozen=True, slots=True)
class Volume:
    """How many events, and how much more memory than a tenth (or a fifth) of them may take."""

    events: int
    fewer: int
    times: float


SOME = Volume(5_000, 1_000, 1.35)
MANY = Volume(int(os.environ.get("BHR_TEST_EVENTS", "100000")), 10_000, 1.2)


def facts_of(borough: str, events: int) -> Iterable[Told]:
    """Give the facts of one source: a third of all, each told as two events."""
    place, sources = list(AUTHORITIES).index(borough), len(AUTHORITIES)
    numbers = range(events // EVENTS_OF_ONE)
    return (Told(number) for number in numbers if number // CHUNK % sources == place)


def make(borough: str, passphrase: str, store: Path, events: int) -> None:
    """Play a borough that puts everything into its outbox; a copy keeps the bytes."""
    with borough_client(borough, passphrase) as client:
        client.publish(drafts_of(facts_of(borough, events)))
    shutil.copyfile(store, store.with_name("copy.sqlite"))


def send(borough: str, passphrase: str) -> None:
    """Play a borough that empties its outbox."""
    with borough_client(borough, passphrase, patience_s=LONG_S) as client:
        sent = client.send()
    assert (sent.left, sent.refused) == (0, 0), sent.codes
    assert not sent.refused_whole


def send_again(borough: str, passphrase: str, copy: Path, url: str) -> None:
    """Play a borough that sends the very same bytes again: each is answered as it was."""
    with (
        closing(sqlite3.connect(copy)) as store,
        borough_client(borough, passphrase) as client,
        HttpHub(HubAddress(url), copy.with_name("token")) as door,
    ):
        rows = store.execute("SELECT submission, document FROM outbox ORDER BY number")
        for submission, document in rows:
            answer = door.submit(document, atomic=False)
            assert answer.status == 200
            assert answer.body == client.acknowledgement(uuid.UUID(bytes=submission))


def run(folder: Path, events: int) -> tuple[int, int]:
    """Publish so many events, check every count, and give the peaks of hub and projector."""
    stage = set_stage(folder)
    everybody = [(borough, stage.machine(borough)) for borough in AUTHORITIES]
    stores = {borough: stage.home(borough).store for borough in AUTHORITIES}
    _all(
        machine.play(make, borough, machine.passphrase, stores[borough], events)
        for borough, machine in everybody
    )
    with ExitStack() as closing_down:
        hub, projector = _hub(stage, closing_down)
        _all(machine.play(send, borough, machine.passphrase) for borough, machine in everybody)
        _check(stage, events)
        held = stage.events()
        _all(
            machine.play(
                send_again,
                borough,
                machine.passphrase,
                stores[borough].with_name("copy.sqlite"),
                stage.url,
            )
            for borough, machine in everybody
        )
        assert stage.events() == held
        _check(stage, events)
        assert (hub.poll(), projector.poll()) == (None, None)
        return peak_kib(hub.pid), peak_kib(projector.pid)


def _hub(
    stage: Stage, closing_down: ExitStack
) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes]]:
    """Start hub and projector as an operator does."""

    def start(machine: Machine, *arguments: object) -> subprocess.Popen[bytes]:
        log = stage.folder / f"{arguments[0]}.log"
        return closing_down.enter_context(cold(machine, *arguments, log=log))

    hub = start(stage.hub, "serve", "--port", stage.port, "--no-projector")
    projector = start(stage.hub, "project")
    wait_until(lambda: listens(stage.port), "the hub listens")
    return hub, projector


def _all(running: Iterable[Running]) -> None:
    """Wait until everybody has ended, and well."""
    for one in list(running):
        one.process.join(LONG_S)
        assert one.process.exitcode == 0, one.said()


def _check(stage: Stage, events: int) -> None:
    """Every figure of the view is what the sources know, to the unit."""
    answer = stage.read_folded("factors")
    told: Mapping[str, list[Told]] = {one: list(facts_of(one, events)) for one in AUTHORITIES}
    assert sum(len(facts) for facts in told.values()) * EVENTS_OF_ONE == events
    for borough, facts in told.items():
        assert factor_counts(answer, borough) == counted(facts)


def _grows(folder: Path, volume: Volume) -> dict[str, tuple[int, int]]:
    folder.mkdir(mode=0o700)
    fewer = run(folder / "fewer", volume.fewer)
    more = run(folder / "more", volume.events)
    peaks = dict(zip(("hub", "projector"), zip(fewer, more, strict=True), strict=True))
    return {
        name: (less, much) for name, (less, much) in peaks.items() if much > volume.times * less
    }


def test_memory_does_not_follow_some_thousand_events(tmp_path: Path) -> None:
    """5 000 events are all counted, and take not much more memory than 1 000."""
    assert _grows(tmp_path / "volume", SOME) == {}


@pytest.mark.volume
def test_memory_does_not_follow_many_events(tmp_path: Path) -> None:
    """100 000 events, if no other number is asked for, take at most 1.2 times what 10 000 take."""
    assert _grows(tmp_path / "volume", MANY) == {}
