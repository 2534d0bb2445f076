"""The processes of the demonstration: one hub, and each body's, with homes of their own."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from adapters.assembly.hub import open_hub
from adapters.assembly.pages import pages
from adapters.assembly.proofs import keeping
from adapters.assembly.stands import wire
from adapters.demonstration.bodies import Loaded, play_borough, play_police
from adapters.demonstration.loads import Load
from adapters.demonstration.stage import Stage
from adapters.demonstration.witnessing import set_witnesses, witnesses_process
from adapters.http.application import guarded
from adapters.http.server import Address, run
from adapters.returns.published_figures import Authority
from adapters.settings import hub_home
from adapters.settled_memory import settle_memory
from adapters.workers import checkpointing
from domain.errors import Unavailable
from services.projecting import Bell

STARTING_S = 60.0
ENDING_S = 30.0

# A server process imports everything once, and every player is forked from it: importing takes a
# second of each player's time otherwise.
_PLAYERS = multiprocessing.get_context("forkserver")
_PLAYERS.set_forkserver_preload([__name__, "adapters.demonstration.bodies"])


def hub_process(stage: Stage) -> None:
    """Play the hub: serve, and keep checkpoints going, until told to stop."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's Ctrl-C is for the parent
    with open_hub(hub_home(), stage.passphrase, demo=True, clock=stage.clock()) as rooms:
        served = guarded(rooms.hub, pages(rooms, hub_home(), secure=False, clock=stage.clock()))
        wire().get_ready()
        settle_memory()
        with keeping(hub_home(), stage.passphrase, rooms.ledgers, rooms.lookout) as kept:
            kept.steady = stage.clock().steady
            with checkpointing(kept):
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
def witnesses_running(stage: Stage) -> Iterator[None]:
    """Make the witnesses and start them in a process of their own; raises Unavailable."""
    port = free_port()
    set_witnesses(stage, port)
    process = _PLAYERS.Process(target=witnesses_process, args=(stage, port), name="witnesses")
    process.start()
    try:
        _wait_for(port, process)
        yield
    finally:
        _end(process)


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
            _end(one)


def _end(process: BaseProcess) -> None:
    """Tell a process to end, and wait until it is gone: the folder is removed after that.

    Where the whole group was told to end, the server that it was forked from is gone, and `join`
    knows nothing any more: what runs on would write into the folder while it is removed.
    """
    process.terminate()
    process.join()
    deadline = time.monotonic() + ENDING_S
    with contextlib.suppress(ProcessLookupError):
        while process.pid is not None and time.monotonic() < deadline:
            os.kill(process.pid, 0)  # asks only whether it is there
            time.sleep(0.02)


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


@dataclass(frozen=True, slots=True)
class Player:
    """A body that plays, and the line to it; `authority` is none for the police command."""

    authority: Authority | None
    line: Connection

    def is_in(self, load: Load, stage: Stage) -> bool:
        """Say whether it has something to do in a load; the police report with all returns."""
        if self.authority is None:
            return load.again is None
        return load.is_by(self.authority, stage.table)


@contextmanager
def bodies_playing(stage: Stage) -> Iterator[tuple[Player, ...]]:
    """Start every body's process; each waits to be told what to do."""
    with ExitStack() as ending:
        players = [
            Player(one, _started(ending, play_borough, stage, one)) for one in stage.authorities
        ]
        if stage.police:
            players.append(Player(None, _started(ending, play_police, stage, stage.police)))
        yield tuple(players)


def _started(ending: ExitStack, play: Callable[..., None], *told: object) -> Connection:
    here, there = _PLAYERS.Pipe()
    process = _PLAYERS.Process(target=play, args=(*told, there))
    process.start()
    there.close()
    ending.callback(_end, process)
    ending.callback(here.close)
    return here


def publish_all(stage: Stage, load: Load, players: Sequence[Player]) -> Iterator[Loaded]:
    """Let every body publish at once; gives what each borough's load came to, in their order.

    Raises Unavailable when one of them ends without a report.
    """
    stage.step(load)
    acting = [one for one in players if one.is_in(load, stage)]
    for answer in _told(acting, load.year):
        if isinstance(answer, Loaded):
            yield answer


def beat_all(players: Sequence[Player]) -> None:
    """Let every body send a canary now; raises Unavailable as `publish_all` does."""
    for _ in _told(players, 0):
        pass


def _told(players: Sequence[Player], year: int) -> Iterator[object]:
    """Tell all of them to go on, and give what each answers."""
    try:
        for one in players:
            one.line.send(year)
        for one in players:
            yield one.line.recv()
    except (EOFError, OSError):
        raise Unavailable("a body of the demonstration") from None
