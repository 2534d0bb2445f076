"""What publishing costs where everything stands on a PostgreSQL server, beside what it must cost.

A hub of three boroughs, its ledgers, keys and views each in a database of one server, on the disk
and as durable as it is installed. The boroughs' clients have made their submissions before.
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.cipher import AESCipher
from psycopg.conninfo import conninfo_to_dict

from adapters.assembly.hub import open_hub
from adapters.stores_settings import Stores
from services.ports import Caller
from tests.benchmarks.floors import LIBRARY_BATCH, Note
from tests.benchmarks.measuring import Line
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import AUTHORITIES, Stage, set_stage, source_of
from tests.postgres_server import Server, missing, new_database, own_server
from tests.stores_on_server import keys_on, ledgers_on, views_on

CASES = 2_000
"""Referrals of each borough, with an assessment each."""
BATCH = 500
ROUNDS = 3
POSTGRES = "publish, three ledgers"
ON_POSTGRES = {
    POSTGRES: "three boroughs' submissions of 500 events, from their bytes to their durable signed "
    "acknowledgements, by a process a ledger on all cores: everything of the hub in PostgreSQL.",
    "binary COPY": "the same record bytes, by one connection into a table of one column, 500 a "
    "transaction.",
    "eventsourcing + AES, PostgreSQL": "texts of the same length, saved by the library's own "
    "application with its own cipher in PostgreSQL, a hundred at a time.",
}
_FRESH = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Deployed:
    """A hub, and the server that everything of it stands on."""

    stage: Stage
    server: Server


def waiting(stage: Stage, borough: str) -> list[bytes]:
    """Give the submissions in a borough's outbox, in the order of making."""
    with closing(sqlite3.connect(stage.home(borough).store)) as store:
        rows = store.execute("SELECT document FROM outbox ORDER BY number")
        return [document for (document,) in rows]


@contextmanager
def deployed(folder: Path) -> Iterator[Deployed]:
    """Set a hub up on a server of its own."""
    server = own_server(on_disk=True)
    try:
        place = server.conninfo
        stores = Stores(others=ledgers_on(place), keys=keys_on(place), views=views_on(place))
        yield Deployed(set_stage(folder, stores=stores), server)
    finally:
        server.remove()


def postgres_lines(folder: Path) -> tuple[Line, ...]:
    """Measure publishing on a server; nothing where none is installed."""
    if missing(own=True):
        return ()
    folder.mkdir()
    found: dict[str, list[float]] = {name: [] for name in ON_POSTGRES}
    for number in range(ROUNDS):
        with deployed(folder / f"round-{number}") as hub:
            for name, us in _round(hub).items():
                found[name].append(us)
    publish, *floors = ON_POSTGRES
    medians = {name: statistics.median(every) for name, every in found.items()}
    return tuple(
        Line(
            publish,
            round(medians[publish], 1),
            floor,
            round(medians[floor], 1),
            round(
                statistics.median(
                    one / least for one, least in zip(found[publish], found[floor], strict=True)
                ),
                2,
            ),
        )
        for floor in floors
    )


def _round(hub: Deployed) -> dict[str, float]:
    publish, copy, library = ON_POSTGRES
    for borough in AUTHORITIES:
        with hub.stage.client(borough) as client:
            client.publish(drafts_of(Told(number) for number in range(CASES)))
    took = _published(hub.stage)
    with hub.stage.rooms() as rooms:
        ledgers = [rooms.ledgers[name] for name in AUTHORITIES]
        records = [
            entry.record
            for ledger in ledgers
            for start in range(0, ledger.head().size, BATCH)
            for entry in ledger.read(start, BATCH)
        ]
    return {
        publish: took / len(records) * 1e6,
        copy: _copied(hub.server, records) / len(records) * 1e6,
        library: _saved(hub.server, records) / len(records) * 1e6,
    }


def _published(stage: Stage) -> float:
    """Have a process a ledger submit what waits; gives the seconds from first to last."""
    together = _FRESH.Barrier(len(AUTHORITIES))
    times: multiprocessing.SimpleQueue[tuple[float, float]] = _FRESH.SimpleQueue()
    running = [
        _FRESH.Process(target=_submits, args=(stage, borough, together, times))
        for borough in AUTHORITIES
    ]
    for one in running:
        one.start()
    for one in running:
        one.join()
        if one.exitcode != 0:
            raise SystemExit("a process that published has failed")
    began, ended = zip(*(times.get() for _ in running), strict=True)
    return float(max(ended) - min(began))


def _submits(
    stage: Stage,
    borough: str,
    together: Barrier,
    times: multiprocessing.SimpleQueue[tuple[float, float]],
) -> None:
    documents = waiting(stage, borough)
    caller = Caller(borough, source_of(borough), None, "benchmark")
    with open_hub(stage.hub_home, stage.hub.passphrase) as rooms:
        together.wait()
        began = time.perf_counter()
        answers = [rooms.hub.publishing.submit(document, caller) for document in documents]
        times.put((began, time.perf_counter()))
    if sum(answer.recorded for answer in answers) < 2 * CASES:
        raise SystemExit("the benchmark's events were not all recorded")


def _copied(server: Server, records: Sequence[bytes]) -> float:
    with psycopg.connect(new_database(server.conninfo)) as connection:
        connection.execute("CREATE TABLE bare (record bytea NOT NULL)")
        connection.commit()
        began = time.perf_counter()
        for start in range(0, len(records), BATCH):
            with connection.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
                copy.set_types(["bytea"])
                for record in records[start : start + BATCH]:
                    copy.write_row((record,))
            connection.commit()
        return time.perf_counter() - began


def library_on(server: Server) -> Application[UUID]:
    """Give the `eventsourcing` library as it comes, in a new database of a server."""
    place = conninfo_to_dict(new_database(server.conninfo))
    return Application[UUID](
        env={
            "PERSISTENCE_MODULE": "eventsourcing.postgres",
            "POSTGRES_DBNAME": str(place["dbname"]),
            "POSTGRES_HOST": str(place["host"]),
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": str(place["user"]),
            "POSTGRES_PASSWORD": "none is asked for",
            "CIPHER_TOPIC": "eventsourcing.cipher:AESCipher",
            "CIPHER_KEY": AESCipher.create_key(32),
        }
    )


def _saved(server: Server, records: Sequence[bytes]) -> float:
    texts = [record.hex()[: len(record)] for record in records]
    application = library_on(server)
    try:
        began = time.perf_counter()
        for start in range(0, len(texts), LIBRARY_BATCH):
            note = Note()
            for text in texts[start : start + LIBRARY_BATCH]:
                note.tell(text)
            application.save(note)
        return time.perf_counter() - began
    finally:
        application.close()
