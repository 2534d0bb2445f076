"""Work that goes on beside a door: projecting and checkpoints while the hub is served."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from adapters.assembly.hub import Rooms
from adapters.assembly.nudging import listening
from adapters.beside import Bears, going_on, nobody_asks
from adapters.settings import HubHome
from services.checkpointing import Keeping


def stop_when_told() -> None:
    """Let SIGTERM and Ctrl-C end this process well: what is open is finished and closed first.

    The server stops by handlers of its own, and raises the signal once more when it is done.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: sys.exit(0))


@contextmanager
def checkpointing(keeping: Keeping, bears: Bears = nobody_asks) -> Iterator[None]:
    """Keep checkpoints going in a thread, by a timer; one last round when it ends."""
    with going_on(keeping.run, "checkpoints", bears):
        yield


@contextmanager
def projecting(home: HubHome, rooms: Rooms, bears: Bears = nobody_asks) -> Iterator[None]:
    """Project in a thread: nudged after each commit, here or in another process, and by a timer."""
    with going_on(rooms.projector.run, "projector", bears) as bell:
        for committer in rooms.committers.values():
            committer.after_commit = partial(_both, committer.after_commit, bell.ring)
        with listening(home, rooms.ledgers, bell.ring):
            yield


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()
