"""Single events over HTTP from many publishers at once, and how soon one is to be seen.

The hub is served as `bhr serve` serves it, everything of it on a PostgreSQL server. What is posted
was made before, an event a submission.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from adapters.assembly.hub import Rooms
from domain.wire import SIGNED_TYPE
from tests.benchmarks.floors import Note
from tests.benchmarks.measuring import Line
from tests.benchmarks.on_postgres import Deployed, deployed, library_on, waiting
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import Stage
from tests.postgres_server import Server, missing, new_database

PUBLISHERS = 64
WARMING = 128
"""Posted before, unmeasured: a hub's first requests start its threads and open its connections."""
SINGLES = 1280
SEEN = 100
LOOK_S = 0.001
"""Between looks: without a pause they take a core, and the server another, from the hub."""
BOROUGH = "havering"
SINGLE, LIBRARY = "publish one, 64 at once", "eventsourcing + AES, one"
VISIBLE, DURABLE = "publish to visible, p99", "durable commit, p99"
SINGLES_SAID = {
    SINGLE: "64 publishers post submissions of one event over HTTP, each waiting for its answer: "
    "µs an event, all of them together (PostgreSQL).",
    LIBRARY: "the library's own application with its own cipher saves one event a call, likewise.",
    VISIBLE: "from posting one event to reading a view that has it, µs (the 99th of a hundred).",
    DURABLE: "one row inserted and committed on the same server, µs (likewise).",
}
_LENGTH = re.compile(rb"content-length: ([0-9]+)", re.IGNORECASE)
_FRESH = multiprocessing.get_context("spawn")


def singles_lines(folder: Path) -> tuple[Line, ...]:
    """Measure single events on a server; nothing where none is installed."""
    if missing(own=True):
        return ()
    with deployed(folder) as hub, _served(hub.stage):
        first, *rest = _made(hub.stage, 1 + WARMING + SINGLES + SEEN)
        _post(hub.stage, [first])  # it opens the sealing session that the others name
        _post(hub.stage, [rest.pop() for _ in range(WARMING)])
        posted = _apart(hub.stage, rest[:SINGLES]) / SINGLES * 1e6
        with hub.stage.rooms() as rooms:
            visible = [_seen(hub.stage, rooms, one) for one in rest[SINGLES:]]
        return (
            _line(SINGLE, posted, LIBRARY, _saved_singly(hub)),
            _line(VISIBLE, _p99(visible), DURABLE, _p99(_commits(hub.server))),
        )


def _line(what: str, us: float, floor: str, floor_us: float) -> Line:
    return Line(what, round(us, 1), floor, round(floor_us, 1), round(us / floor_us, 2))


def _p99(seconds: Sequence[float]) -> float:
    return statistics.quantiles(seconds, n=100)[98] * 1e6


@contextmanager
def _served(stage: Stage) -> Iterator[None]:
    running = stage.start_hub()
    try:
        yield
    finally:
        running.kill()


def _made(stage: Stage, many: int) -> list[bytes]:
    """Make so many submissions of one event, or of the first and what opens its session."""
    drafts = list(drafts_of(Told(number) for number in range(many)))[:many]
    with stage.client(BOROUGH) as client:
        for draft in drafts:
            client.publish([draft])
    return waiting(stage, BOROUGH)


def _apart(stage: Stage, documents: list[bytes]) -> float:
    """Post from a process of its own; gives the seconds that it took."""
    with _FRESH.Pool(1) as pool:
        return pool.apply(_post, (stage, documents))


def _post(stage: Stage, documents: list[bytes]) -> float:
    """Post over kept connections, as lean as may be: publishers share the hub's cores here."""
    token = stage.home(BOROUGH).token.read_text().strip()
    head = (
        f"POST /v1/events HTTP/1.1\r\nhost: 127.0.0.1:{stage.port}\r\n"
        f"authorization: Bearer {token}\r\ncontent-type: {SIGNED_TYPE}\r\ncontent-length: "
    )
    left = iter([f"{head}{len(one)}\r\n\r\n".encode() + one for one in documents])

    async def publisher() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", stage.port)
        for request in left:
            writer.write(request)
            await _answered(reader)
        writer.close()

    async def post() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(publisher() for _ in range(min(PUBLISHERS, len(documents)))))
        return time.perf_counter() - began

    return asyncio.run(post())


async def _answered(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is None or not head.startswith(b"HTTP/1.1 2"):
        raise SystemExit("the benchmark's events were not all recorded")
    await reader.readexactly(int(length[1]))


def _seen(stage: Stage, rooms: Rooms, document: bytes) -> float:
    """Post one event and look until the views have it; gives the seconds from the post on."""
    before, pause = rooms.ledgers[BOROUGH].head().size, threading.Event()
    began = time.perf_counter()
    _post(stage, [document])
    while rooms.generations.live().position(BOROUGH) <= before:
        pause.wait(LOOK_S)
    return time.perf_counter() - began


def _saved_singly(hub: Deployed) -> float:
    application = library_on(hub.server)
    try:
        began = time.perf_counter()
        for number in range(SINGLES):
            note = Note()
            note.tell(f"{number:01000}")
            application.save(note)
        return (time.perf_counter() - began) / SINGLES * 1e6
    finally:
        application.close()


def _commits(server: Server) -> list[float]:
    found = []
    with psycopg.connect(new_database(server.conninfo)) as connection:
        connection.execute("CREATE TABLE bare (record bytea NOT NULL)")
        connection.commit()
        for _ in range(SEEN):
            began = time.perf_counter()
            connection.execute("INSERT INTO bare VALUES (%s)", (bytes(800),))
            connection.commit()
            found.append(time.perf_counter() - began)
    return found
