"""The processes of the demonstration: one hub, and one borough each, with homes of their own."""

from __future__ import annotations

import datetime
import multiprocessing
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from adapters.assembly.borough import borough_client
from adapters.assembly.hub import open_hub, wire
from adapters.assembly.pages import pages
from adapters.demonstration.loads import Load
from adapters.demonstration.stage import Stage
from adapters.http.application import guarded
from adapters.http.server import Address, run
from adapters.returns.cin_publishing import Wanted, publish_return
from adapters.returns.invented import InventedHistory
from adapters.returns.published_figures import Authority
from adapters.returns.reports import Delivery, Events, Report, total
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
class Loaded:
    """What a borough's load came to: children in its return, and events of what they tell."""

    slug: str
    outcome: str
    children: int
    recorded: int
    refused: int
    events: Events


def hub_process(stage: Stage) -> None:
    """Play the hub: serve and project until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    with open_hub(hub_home(), stage.passphrase, demo=True, clock=stage.clock()) as rooms:
        served = guarded(rooms.hub, pages(rooms, hub_home(), secure=False, clock=stage.clock()))
        wire().get_ready()
        settle_memory()
        run(served, Address("127.0.0.1", stage.port))


def projector_process(stage: Stage) -> None:
    """Play the projector, a process of its own, until told to stop."""
    bell = Bell()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: bell.stop())
    with open_hub(hub_home(), stage.passphrase, demo=True, clock=stage.clock()) as rooms:
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


def borough_process(stage: Stage, authority: Authority, line: Connection) -> None:
    """Play one borough: publish each of its returns when told to, and say what became of it.

    While the others are still publishing, the next return is made.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    history = InventedHistory(stage.table, authority.code)
    clock = stage.clock()
    settle_memory()
    with borough_client(authority.slug, stage.passphrase, clock=clock) as client:
        for load in stage.loads:
            if not load.is_by(authority, stage.table):
                continue
            path = stage.file_of(authority, load.year)
            with path.open("w+b") as file:
                if load.again is None:
                    history.write(file, load.year)
                else:
                    history.write_again(file)
                file.seek(0)
                line.recv()
                today = datetime.datetime.fromtimestamp(clock.now_ms() / 1000, LONDON).date()
                wanted = Wanted(authority.code, load.year)
                report = publish_return(file, wanted, client, today=today)
            line.send(_loaded(authority.slug, report))
            report.close()


def _loaded(slug: str, report: Report) -> Loaded:
    delivery = report.delivery or Delivery()
    return Loaded(
        slug,
        report.outcome.name.lower().replace("_", " "),
        next((row.understood or 0 for row in report.rows if row.kind == "child"), 0),
        delivery.recorded,
        delivery.refused,
        total(row.events for row in report.rows if row.events),
    )


@dataclass(frozen=True, slots=True)
class Player:
    """A borough that plays, and the line to it."""

    authority: Authority
    process: BaseProcess
    line: Connection


@contextmanager
def boroughs_playing(stage: Stage) -> Iterator[tuple[Player, ...]]:
    """Start every borough's process; each waits to be told to publish."""
    with ExitStack() as ending:
        yield tuple(_started(stage, authority, ending) for authority in stage.authorities)


def _started(stage: Stage, authority: Authority, ending: ExitStack) -> Player:
    here, there = _PLAYERS.Pipe()
    process = _PLAYERS.Process(
        target=borough_process, args=(stage, authority, there), name=authority.slug
    )
    process.start()
    there.close()
    ending.callback(process.join)
    ending.callback(process.terminate)
    ending.callback(here.close)
    return Player(authority, process, here)


def publish_all(stage: Stage, load: Load, players: Sequence[Player]) -> Iterator[Loaded]:
    """Let every borough publish at once; gives what each load came to, in the boroughs' order.

    Raises Unavailable when one of them ends without a report.
    """
    stage.step(load)
    acting = [one for one in players if load.is_by(one.authority, stage.table)]
    try:
        for one in acting:
            one.line.send(load.year)
        for one in acting:
            loaded: Loaded = one.line.recv()
            yield loaded
    except (EOFError, OSError):
        raise Unavailable("a borough of the demonstration") from None
