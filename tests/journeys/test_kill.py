"""`kill -9`, again and again: whatever was acknowledged is there once, and the views say so too."""

from __future__ import annotations

import contextlib
import itertools
import json
import random
import sqlite3
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly.borough import borough_client
from domain.errors import Unavailable
from domain.logged_checkpoint import is_event
from domain.record import Leaf, leaf_of
from services.borough.client import BoroughClient
from tests.journeys.counts import factor_counts
from tests.journeys.machines import PATIENCE_S, Running
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import Stage, set_stage, source_of

KILLS = {"hub": 20, "havering": 8, "redbridge": 8, "projector": 14}
"""How often each process is killed: 50 times in all."""
BOROUGHS = ("havering", "redbridge")
LONGEST_LIFE_S = 0.7
SEED = 20261123
TOLD_AGAIN = 12
"""Facts that a source tells again when it comes back, not knowing what of it was sent."""
BETWEEN_SENDS_S = 0.01
ENOUGH = "enough"
PAGE = 5_000
"""Entries that are read at a time: a server is patient with no single question for ever."""


def keep_publishing(borough: str, passphrase: str, folder: Path) -> None:
    """Play a borough's system: tell one fact after another, some of them changed later.

    It goes on until somebody says that it is enough, and then until the hub has answered.
    """
    pause = threading.Event()
    with borough_client(borough, passphrase, patience_s=0) as client:
        for number in itertools.count(max(0, facts_of(borough, folder) - TOLD_AGAIN), 3):
            if (folder / ENOUGH).exists():
                break
            note(borough, folder, number + 3)
            told = [Told(number + one) for one in range(3)]
            changed = [Told(number - 6, version=1)] if number >= 6 else []
            queued = client.publish(drafts_of([*changed, *told]))
            if number % 30 == 0 and queued.submissions:
                client.withdraw(queued.submissions[0], "wrong-file")
            all_sent(client)
            pause.wait(BETWEEN_SENDS_S)
        while not all_sent(client):
            pause.wait(BETWEEN_SENDS_S)


def all_sent(client: BoroughClient) -> bool:
    """Send what there is, and say whether all of it was answered: a hub may go at any moment."""
    with contextlib.suppress(Unavailable):
        return client.send().left == 0
    return False


def facts_of(borough: str, folder: Path) -> int:
    """Give how many facts a borough's system holds; it knows no better which of them were sent."""
    noted = folder / borough
    return int(noted.read_text(encoding="ascii")) if noted.exists() else 0


def note(borough: str, folder: Path, number: int) -> None:
    """Keep a number of facts, whole or not at all."""
    fresh = folder / f"{borough}.new"
    fresh.write_text(str(max(number, facts_of(borough, folder))), encoding="ascii")
    fresh.replace(folder / borough)


@dataclass
class Cast:
    """The processes of the journey, and how each is begun again."""

    stage: Stage
    folder: Path

    def __post_init__(self) -> None:
        """Start everybody."""
        stage = self.stage
        begin: dict[str, Callable[[], Running]] = {
            "hub": lambda: stage.hub.start("serve", "--port", stage.port, "--no-projector"),
            "projector": lambda: stage.hub.start("project"),
        }
        for borough in BOROUGHS:
            begin[borough] = self._publisher(borough)
        self._begin = begin
        self.running = {name: start() for name, start in begin.items()}

    def _publisher(self, borough: str) -> Callable[[], Running]:
        machine = self.stage.machine(borough)
        return lambda: machine.play(keep_publishing, borough, machine.passphrase, self.folder)

    def kill(self, name: str) -> None:
        """Kill a process that is alive, and begin it again."""
        running = self.running[name]
        assert running.alive(), f"{name} ended by itself: {running.said()}"
        running.kill()
        self.running[name] = self._begin[name]()

    def finish(self) -> None:
        """Let the boroughs come to their end."""
        (self.folder / ENOUGH).touch()
        for borough in BOROUGHS:
            running = self.running[borough]
            running.process.join(PATIENCE_S)
            assert running.process.exitcode == 0, running.said()


def kills() -> Iterator[tuple[str, float]]:
    """Give whom to kill, and after how long a life, by chance that repeats."""
    chance = random.Random(SEED)
    order = [name for name, times in KILLS.items() for _ in range(times)]
    chance.shuffle(order)
    return ((name, chance.uniform(0.05, LONGEST_LIFE_S)) for name in order)


def test_fifty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """After 50 kills all that was acknowledged is there once, and views equal a rebuild."""
    stage = set_stage(tmp_path / "stage")
    cast = Cast(stage, tmp_path)
    moment = threading.Event()
    for name, life_s in kills():
        moment.wait(life_s)
        cast.kill(name)
    cast.finish()
    told = {one: tell_the_truth(stage, one, facts_of(one, tmp_path)) for one in BOROUGHS}
    for borough in BOROUGHS:
        check_ledger(stage, borough)
        answer = stage.read_folded("factors")
        assert factor_counts(answer, borough) == counted(told[borough])
    rebuilt = stage.hub.run("views", "rebuild")
    assert rebuilt.status == 0, rebuilt.said()
    assert rebuilt.out.count(" equal") == 4
    for borough in BOROUGHS:
        assert factor_counts(stage.read("factors"), borough) == counted(told[borough])
    for running in cast.running.values():
        assert "Traceback" not in running.said()
        running.kill()


def tell_the_truth(stage: Stage, borough: str, facts: int) -> list[Told]:
    """Tell every fact as it stands in the end, and check that nothing is left in doubt."""
    told = [Told(number, version=number % 2) for number in range(facts)]
    with stage.client(borough) as client:
        client.publish(drafts_of(told))
        sent = client.send()
        assert (sent.left, sent.refused) == (0, 0)
        status = client.status()
    assert {state for _, _, state in status.counts} == {"recorded"}
    assert len(told) >= 100, "the kills left too little time to publish in"
    return told


def check_ledger(stage: Stage, borough: str) -> None:
    """Hold what the borough was told against what stands in its ledger."""
    leaves = _leaves(stage, borough)
    acknowledged = _acknowledged(stage, borough)
    ours = {leaf.event_id: at for at, leaf in leaves if leaf.source == source_of(borough)}
    assert ours == acknowledged
    numbers = sorted(leaf.sequence for _, leaf in leaves if leaf.source == source_of(borough))
    assert numbers == list(range(1, len(acknowledged) + 1))
    assert len({leaf.event_id for _, leaf in leaves}) == len(leaves)


def _leaves(stage: Stage, borough: str) -> list[tuple[int, Leaf]]:
    with stage.rooms() as rooms:
        ledger = rooms.ledgers[borough]
        pages = (ledger.read(start, PAGE) for start in range(0, ledger.head().size, PAGE))
        entries = [entry for page in pages for entry in page]
    return [(entry.position, leaf_of(entry.record)) for entry in entries if is_event(entry.record)]


def _acknowledged(stage: Stage, borough: str) -> dict[uuid.UUID, int]:
    """Give the position of each event that the borough holds an acknowledgement of."""
    with closing(sqlite3.connect(stage.home(borough).store)) as store:
        answers = [row[0] for row in store.execute("SELECT answer FROM outbox ORDER BY number")]
        ((again,),) = store.execute("SELECT count(*) FROM outbox WHERE tries > 1")
    assert again, "no kill came between sending and being answered"
    found: dict[uuid.UUID, int] = {}
    for answer in answers:
        for event in json.loads(answer)["acknowledgement"]["events"]:
            assert event["outcome"] == "recorded"
            event_id = uuid.UUID(event["id"])
            assert event_id not in found, "two acknowledgements of one event"
            found[event_id] = event["position"]
    return found
