"""The processes of the demonstration: one hub, and one borough each, with homes of their own."""

from __future__ import annotations

import datetime
import multiprocessing
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue

from adapters.assembly.borough import borough_client
from adapters.assembly.hub import open_hub, wire
from adapters.demonstration.stage import Stage
from adapters.http.application import guarded
from adapters.http.server import Address, run
from adapters.returns.cin_publishing import Wanted, publish_return
from adapters.returns.published_figures import Authority
from adapters.returns.reports import Delivery
from adapters.settings import hub_home
from adapters.workers import settle_memory
from domain.errors import Unavailable
from domain.values import LONDON
from services.projecting import Bell

STARTING_S = 60.0

# A server process imports everything once, and every player is forked from it: importing takes a
# second of each player's time otherwise.
_PLAYERS = multiprocessing.get_context("forkserver")
_PLAYERS.set_forkserver_preload(["adapters.command_line.main"])


@dataclass(frozen=True, slots=True)
class Load:
    """What a borough's load came to."""

    slug: str
    outcome: str
    children: int
    recorded: int
    refused: int


Loads = SimpleQueue[Load]


def hub_process(stage: Stage) -> None:
    """Play the hub: serve and project until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    with open_hub(hub_home(), stage.passphrase, demo=True) as rooms:
        served = guarded(rooms.hub)
        wire().get_ready()
        settle_memory()
        run(served, Address("127.0.0.1", stage.port))


def projector_process(stage: Stage) -> None:
    """Play the projector, a process of its own, until told to stop."""
    bell = Bell()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: bell.stop())
    with open_hub(hub_home(), stage.passphrase, demo=True) as rooms:
        settle_memory()
        rooms.projector.run(bell.wait)


@contextmanager
def hub_running(stage: Stage) -> Iterator[BaseProcess]:
    """Start the hub's two processes and wait until the hub listens; raises Unavailable."""
    process = _PLAYERS.Process(target=hub_process, args=(stage,), name="hub")
    projector = _PLAYERS.Process(target=projector_process, args=(stage,), name="projector")
    process.start()
    projector.start()
    try:
        _wait_for(stage.port, process)
        yield process
    finally:
        for one in (process, projector):
            one.terminate()
            one.join()


def _wait_for(port: int, process: BaseProcess) -> None:
    deadline = time.monotonic() + STARTING_S
    while time.monotonic() < deadline and process.is_alive():
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise Unavailable("the hub of the demonstration")


def free_port() -> int:
    """Give a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def borough_process(stage: Stage, authority: Authority, loads: Loads) -> None:
    """Play one borough: publish its return, and say what became of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    today = datetime.datetime.now(LONDON).date()
    with (
        stage.file_of(authority).open("rb") as source,
        borough_client(authority.slug, stage.passphrase) as client,
    ):
        wanted = Wanted(authority.code, stage.year)
        settle_memory()
        report = publish_return(source, wanted, client, today=today)
    children = next((row.understood or 0 for row in report.rows if row.kind == "child"), 0)
    delivery = report.delivery or Delivery()
    loads.put(
        Load(
            authority.slug,
            report.outcome.name.lower().replace("_", " "),
            children,
            delivery.recorded,
            delivery.refused,
        )
    )
    report.close()


def publish_all(stage: Stage) -> list[Load]:
    """Let every borough publish at once; gives what each load came to.

    Raises Unavailable when one of them ends without a report.
    """
    loads: Loads = _PLAYERS.SimpleQueue()
    players = [
        _PLAYERS.Process(
            target=borough_process, args=(stage, authority, loads), name=authority.slug
        )
        for authority in stage.authorities
    ]
    for player in players:
        player.start()
    done: list[Load] = []
    while len(done) < len(players):
        if loads.empty() and not any(player.is_alive() for player in players):
            raise Unavailable("a borough of the demonstration")
        if loads.empty():
            time.sleep(0.05)
            continue
        done.append(loads.get())
    for player in players:
        player.join()
    return done
