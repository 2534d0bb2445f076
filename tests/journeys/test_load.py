"""Mixed load on everything at once, with one fault after another: nothing lost, nothing doubled.

Ledgers, keys and views on a PostgreSQL server; two boroughs publish over HTTP and one by Kafka,
each for half of its time, so at half of what it could; two intakes and two projectors share the
work. In turn everything is killed or cut off and comes back, and the server's disk, where its data
and its write-ahead log are, is full for a while. In the end the broker's files are searched for
whatever it was given.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
import pytest

from adapters.assembly.borough import borough_client
from adapters.stores_settings import Stores
from domain.queued import packed
from tests.journeys.counts import factor_counts
from tests.journeys.kafka_clients import may_write
from tests.journeys.kafka_search import Given, inside, kept_before_sealing, restricted_fields
from tests.journeys.kafka_stage import Kafka
from tests.journeys.machines import Running, wait_until
from tests.journeys.sources import Told, counted, drafts_of
from tests.journeys.stage import set_stage
from tests.journeys.test_kill import (
    ENOUGH,
    all_sent,
    check_ledger,
    facts_of,
    note,
    tell_the_truth,
)
from tests.journeys.test_postgres import verified
from tests.kafka_server import HUB, new_prefix, own_broker
from tests.postgres_server import Server, own_server
from tests.small_disk import SmallDisk, small_disk
from tests.stores_on_server import keys_on, ledgers_on, views_on

pytestmark = [
    pytest.mark.load,
    pytest.mark.kafka(own=True),
    pytest.mark.postgres(own=True),
    pytest.mark.small_disk,
    # Where nobody listens, the library leaves the socket that it tried with to be collected.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
MINUTES = float(os.environ.get("BHR_TEST_MINUTES", "3"))
BETWEEN_FAULTS_S = min(60.0, MINUTES * 60 / 11)
BY_HTTP, BY_KAFKA = ("barking-and-dagenham", "havering"), "redbridge"
BOROUGHS = (*BY_HTTP, BY_KAFKA)
AT_ONCE = 30
"""Facts that a borough's system tells at a time."""
REST_S = 0.05
GROWN = 1.3
"""How much more memory a process may hold late than early."""
END_S = 300
LONG_S = max(END_S, MINUTES * 60)
"""For going through everything that was recorded once more."""
FULL_S = 5.0
"""How long a disk is full once that is noticed."""
GIVEN = "given"
"""The folder of what was published by Kafka, each document as it was before it was sealed."""


def keep_publishing(
    borough: str, passphrase: str, folder: Path, settings: dict[str, str] | None
) -> None:
    """Play a borough's system, which rests as long as it worked, until it is told to end.

    It publishes once more then, when everything is back. With settings of a broker it publishes by
    Kafka.
    """
    os.environ.update(settings or {})
    pause = threading.Event()
    with (
        kept_before_sealing(Given(folder / GIVEN).keep),
        borough_client(borough, passphrase, patience_s=10) as client,
    ):
        for number in itertools.count(facts_of(borough, folder), AT_ONCE):
            last = (folder / ENOUGH).exists()
            began = time.monotonic()
            note(borough, folder, number + AT_ONCE)
            changed = [Told(number - 6, version=1)] if number >= AT_ONCE else []
            client.publish(drafts_of([*changed, *(Told(number + one) for one in range(AT_ONCE))]))
            all_sent(client)
            if last:
                break
            pause.wait(max(REST_S, time.monotonic() - began))
        while not all_sent(client):
            pause.wait(REST_S)


@dataclass
class Cast:
    """Every process, how each is begun again, and how much memory each has held."""

    kafka: Kafka
    server: Server
    disk: SmallDisk
    folder: Path
    running: dict[str, Running] = field(default_factory=dict)
    held: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    broker_back: list[float] = field(default_factory=list)
    """When the broker was there again, each time that it was killed."""

    def __post_init__(self) -> None:
        """Start everybody."""
        stage = self.kafka.stage
        settings = self.kafka.settings
        self.begin: dict[str, Callable[[], Running]] = {
            "hub": lambda: stage.start_hub("--no-projector"),
            **{f"intake {n}": lambda: stage.hub.start("intake", **settings(HUB)) for n in (1, 2)},
            **{f"projector {n}": lambda: stage.hub.start("project") for n in (1, 2)},
            **{borough: self._publisher(borough) for borough in BOROUGHS},
        }
        for name, start in self.begin.items():
            self.running[name] = start()

    def _publisher(self, borough: str) -> Callable[[], Running]:
        machine = self.kafka.stage.machine(borough)
        told = self.kafka.settings(borough) if borough == BY_KAFKA else None
        given = (borough, machine.passphrase, self.folder, told)
        return lambda: machine.play(keep_publishing, *given)

    def faults(self) -> Iterator[Callable[[], None]]:
        """Give one fault after another, over and over."""
        killed = [name for name in self.begin if name not in BOROUGHS]
        kills = [lambda name=name: self._kill(name) for name in killed]
        others = [self._restart_kafka, self._fill_disk, self._restart_postgres, self._cut]
        return itertools.cycle([*kills, *others])

    def look(self) -> None:
        """Note what every process holds, and that it is alive."""
        for name, running in self.running.items():
            assert running.alive(), f"{name} ended by itself: {running.said()}"
            status = Path(f"/proc/{running.process.pid}/status").read_text(encoding="ascii")
            held = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            self.held[name].append(int(held.split()[1]))

    def finish(self) -> None:
        """Let the boroughs come to their end, and then everybody else."""
        (self.folder / ENOUGH).touch()
        for borough in BOROUGHS:
            running = self.running.pop(borough)
            running.process.join(END_S)
            assert running.process.exitcode == 0, running.said()

    def stop(self) -> None:
        """End everybody."""
        for running in self.running.values():
            running.kill()

    def _kill(self, name: str) -> None:
        self.running[name].kill()
        self.running[name] = self.begin[name]()

    def _restart_postgres(self) -> None:
        self.server.stop()
        self.server.start()

    def _restart_kafka(self) -> None:
        self.kafka.broker.kill()
        self.kafka.broker.start()
        self.broker_back.append(time.time())

    def _cut(self) -> None:
        with psycopg.connect(self.server.conninfo, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    def _fill_disk(self) -> None:
        """Leave the server no room; one that ended is started again, as by whoever looks after it.

        A server that cannot lengthen a table says so; one that cannot begin a file of its
        write-ahead log ends.
        """
        self.disk.fill()
        wait_until(self._takes_nothing, "the server has no room")
        threading.Event().wait(FULL_S)
        self.disk.free()
        if self.server.ended():
            self.server.start()

    def _takes_nothing(self) -> bool:
        try:
            with psycopg.connect(self.server.conninfo, connect_timeout=5) as connection:
                connection.execute("CREATE TABLE more AS SELECT generate_series(1, 10000)")
                connection.rollback()
        except psycopg.OperationalError:
            return True
        return False


@contextmanager
def everything(folder: Path, disk: SmallDisk) -> Iterator[tuple[Kafka, Server]]:
    """Set up a server on a small disk, a broker, a hub on both, and three boroughs."""
    server, broker = own_server(within=disk.folder), own_broker()
    try:
        place = server.conninfo
        stores = Stores(others=ledgers_on(place), keys=keys_on(place), views=views_on(place))
        kafka = Kafka(set_stage(folder, stores=stores), broker, new_prefix())
        kafka.initialised()
        yield kafka, server
    finally:
        broker.remove()
        server.remove()


def test_nothing_is_lost_or_doubled_under_load(tmp_path: Path) -> None:
    """Whatever is killed: acknowledged once, recorded once, views equal a rebuild, logs verify."""
    with small_disk() as disk, everything(tmp_path / "stage", disk) as (kafka, server):
        cast = Cast(kafka, server, disk, tmp_path)
        moment = threading.Event()
        try:
            until = time.monotonic() + MINUTES * 60
            for fault in cast.faults():
                moment.wait(BETWEEN_FAULTS_S)
                cast.look()
                if time.monotonic() >= until:
                    break
                fault()
            cast.finish()
            _check(cast, tmp_path)
        finally:
            cast.stop()


def _check(cast: Cast, folder: Path) -> None:
    stage = cast.kafka.stage
    given = Given(folder / GIVEN)
    _look_at_what_was_given(cast, given)
    truth = {
        borough: tell_the_truth(stage, borough, facts_of(borough, folder)) for borough in BOROUGHS
    }
    for borough in BOROUGHS:
        check_ledger(stage, borough)
        answer = stage.read_folded("factors", LONG_S)
        assert factor_counts(answer, borough) == counted(truth[borough])
    cast.stop()  # a small server has no connections to spare
    _search_broker(cast.kafka, given, truth[BY_KAFKA])
    audited = verified(stage, LONG_S)
    assert audited.status == 0, audited.said()
    rebuilt = replace(stage.hub, patience_s=LONG_S).run("views", "rebuild")
    assert rebuilt.status == 0, rebuilt.said()
    assert rebuilt.out.count(" equal") == len(BOROUGHS) + 1
    for name, held in cast.held.items():
        third = max(1, len(held) // 3)
        early, late = max(held[:third]), max(held[-third:])
        assert late < GROWN * early, f"{name} held {early} kB early and {late} kB late"


def _look_at_what_was_given(cast: Cast, given: Given) -> None:
    """All that the borough was answered by Kafka is kept, from before and after a restart of it."""
    with closing(sqlite3.connect(cast.kafka.stage.home(BY_KAFKA).store)) as store:
        rows = store.execute("SELECT submission FROM outbox").fetchall()
    assert {uuid.UUID(bytes=row[0]) for row in rows} <= given.submissions()
    assert cast.kafka.written(BY_KAFKA) >= len(rows) > 0
    times = given.times()
    assert min(times) < cast.broker_back[0] < max(times)


def _search_broker(kafka: Kafka, given: Given, told: list[Told]) -> None:
    """Nothing of what was published by Kafka is in the broker's files, sealed parts included."""
    documents = given.raw()
    wanted = given.fields() | restricted_fields(drafts_of(told)) | set(map(inside, documents))
    wanted.remove(BY_KAFKA.encode())  # its topic's name
    child = told[0].child.encode()
    assert child in wanted
    assert kafka.broker.held(wanted) == set()
    topic = f"{kafka.prefix}.submissions.{BY_KAFKA}"
    assert may_write(kafka, BY_KAFKA, topic, [("child", child)], packed(documents[0]))
    written = {child, topic.encode(), inside(documents[0])}
    assert kafka.broker.held(written) == written
