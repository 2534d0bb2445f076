"""Work that goes on beside a door: projecting and checkpoints while the hub is served."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from adapters.assembly.hub import Rooms
from adapters.assembly.nudging import listening
from adapters.settings import HubHome
from services.checkpointing import Keeping
from services.projecting import Bell

Bears = Callable[[threading.Thread], threading.Thread]
"""Is told of a thread without which the process is not alive."""


def _same(thread: threading.Thread) -> threading.Thread:
    return thread


def stop_when_told() -> None:
    """Let SIGTERM and Ctrl-C end this process well: what is open is finished and closed first.

    The server stops by handlers of its own, and raises the signal once more when it is done.
    """
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: sys.exit(0))


@contextmanager
def checkpointing(keeping: Keeping, bears: Bears = _same) -> Iterator[None]:
    """Keep checkpoints going in a thread, by a timer; one last round when it ends."""
    bell = Bell()
    worker = bears(threading.Thread(target=keeping.run, args=(bell.wait,), name="checkpoints"))
    worker.start()
    try:
        yield
    finally:
        bell.stop()
        worker.join()


@contextmanager
def projecting(home: HubHome, rooms: Rooms, bears: Bears = _same) -> Iterator[None]:
    """Project in a thread: nudged after each commit, here or in another process, and by a timer."""
    bell = Bell()
    for committer in rooms.committers.values():
        committer.after_commit = partial(_both, committer.after_commit, bell.ring)
    worker = threading.Thread(target=rooms.projector.run, args=(bell.wait,), name="projector")
    bears(worker).start()
    try:
        with listening(home, rooms.ledgers, bell.ring):
            yield
    finally:
        bell.stop()
        worker.join()


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()
