"""What more workers gain that take submissions in from Kafka: three ledgers, by three and by one.

Everything of the hub stands on a PostgreSQL server. What the boroughs' clients made lies sealed in
memory, is put into the topics at once, and is waited for in the ledgers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.assembly.hub import Rooms
from adapters.kafka.sending import KafkaQueue
from adapters.keys.encapsulation import seal_to
from adapters.keys.intake_keys import published
from domain.queued import (
    headers_of,
    intake_fingerprint,
    packed,
    public_of,
    read_published,
    sealing_info,
)
from tests import kafka_server, postgres_server
from tests.benchmarks.measuring import Line
from tests.benchmarks.on_postgres import deployed, waiting
from tests.journeys.kafka_stage import Kafka
from tests.journeys.machines import wait_until
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import AUTHORITIES
from tests.kafka_server import OPERATOR, new_prefix, own_broker

CASES = 2_000
"""Referrals of each borough, with an assessment each: submissions of 500 events."""
TURNS = (1, 3, 3, 1)
"""How many workers take in each part of them, so that what a ledger grew weighs on both."""
SETTLED_S = 8.0
"""Time for workers to share the topics, once they take in."""
THREE, ONE = "Kafka intake, 3 workers", "1 worker"
INTAKE_SAID = {
    THREE: "three boroughs' sealed submissions of 500 events, from being put into their topics to "
    "standing in three ledgers, by three `bhr intake` and by one: µs an event (PostgreSQL).",
}


def intake_lines(folder: Path) -> tuple[Line, ...]:
    """Measure taking in from a broker of its own; nothing where no server or broker can be had."""
    if postgres_server.missing(own=True) or kafka_server.missing(own=True):
        return ()
    broker = own_broker()
    try:
        with deployed(folder) as hub:
            kafka = Kafka(hub.stage, broker, new_prefix())
            made = hub.stage.hub.run("kafka", "init", "--copies", "1", **kafka.settings(OPERATOR))
            if made.status != 0:
                raise SystemExit(made.said())
            took = _measured(kafka)
    finally:
        broker.remove()
    three, one = took[3], took[1]
    return (Line(THREE, round(three, 1), ONE, round(one, 1), round(three / one, 2)),)


def _measured(kafka: Kafka) -> dict[int, float]:
    """Give the µs an event that it took so many workers."""
    parts = {borough: _parts(_documents(kafka, borough)) for borough in AUTHORITIES}
    seconds, events = dict.fromkeys(TURNS, 0.0), dict.fromkeys(TURNS, 0)
    with kafka.stage.rooms() as rooms:
        for turn, workers in enumerate(TURNS):
            part = {borough: every[turn] for borough, every in parts.items()}
            seconds[workers] += _taken(kafka, rooms, part, workers)
            events[workers] += sum(_events(one) for every in part.values() for one in every)
    return {workers: took / events[workers] * 1e6 for workers, took in seconds.items()}


def _documents(kafka: Kafka, borough: str) -> list[bytes]:
    with kafka.stage.client(borough) as client:
        client.publish(drafts_of(Told(number) for number in range(CASES)))
    return waiting(kafka.stage, borough)


def _parts(documents: list[bytes]) -> list[list[bytes]]:
    size = len(documents) // len(TURNS)
    return [documents[at * size : (at + 1) * size] for at in range(len(TURNS))]


def _events(document: bytes) -> int:
    return len(json.loads(document)["events"])


def _taken(kafka: Kafka, rooms: Rooms, part: Mapping[str, list[bytes]], workers: int) -> float:
    """Have so many workers take in what each borough sends; gives the seconds that it took."""
    wanted = {
        borough: rooms.ledgers[borough].head().size + sum(map(_events, documents))
        for borough, documents in part.items()
    }
    sealed = {borough: _sealed(kafka, borough, every) for borough, every in part.items()}
    with _working(kafka, workers):
        began = time.perf_counter()
        for borough, messages in sealed.items():
            with closing(KafkaQueue(kafka.client(OPERATOR), borough)) as queue:
                for headers, value in messages:
                    queue.put(headers, value)
        wait_until(
            lambda: all(rooms.ledgers[one].head().size >= size for one, size in wanted.items()),
            "everything is taken in",
        )
        return time.perf_counter() - began


@contextmanager
def _working(kafka: Kafka, workers: int) -> Iterator[None]:
    running = [kafka.start_intake() for _ in range(workers)]
    threading.Event().wait(SETTLED_S)
    try:
        yield
    finally:
        for one in running:
            one.stop()


def _sealed(
    kafka: Kafka, borough: str, documents: list[bytes]
) -> list[tuple[dict[str, bytes], bytes]]:
    raw = published(kafka.stage.hub_home.intake_keys)
    if raw is None:
        raise SystemExit("there is no intake key")
    public = public_of(read_published(raw).intake_key)
    key = intake_fingerprint(public)
    info = sealing_info(borough, key, atomic=False)
    return [
        (headers_of(key, atomic=False), seal_to(public, packed(document), info))
        for document in documents
    ]
