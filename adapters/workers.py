"""Work that goes on beside a door: projecting in the background while the hub is served."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.assembly.hub import Rooms
from services.projecting import Bell


@contextmanager
def projecting(rooms: Rooms) -> Iterator[None]:
    """Project in a thread: nudged after each commit, and by a timer."""
    bell = Bell()
    for committer in rooms.committers.values():
        committer.after_commit = bell.ring
    worker = threading.Thread(target=rooms.projector.run, args=(bell.wait,), name="projector")
    worker.start()
    try:
        yield
    finally:
        bell.stop()
        worker.join()
