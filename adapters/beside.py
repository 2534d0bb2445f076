"""A thread that goes on beside what a process does, and ends with it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from services.projecting import Bell

Run = Callable[[Callable[[float], bool]], None]
"""Goes on until `wait(seconds)` says to stop."""
Bears = Callable[[threading.Thread], threading.Thread]
"""Is told of a thread without which the process is not alive."""


def nobody_asks(thread: threading.Thread) -> threading.Thread:
    """Tell nobody of a thread."""
    return thread


@contextmanager
def going_on(run: Run, name: str, bears: Bears = nobody_asks) -> Iterator[Bell]:
    """Run in a thread of this name; gives the bell that it waits at. It has ended afterwards."""
    bell = Bell()
    worker = bears(threading.Thread(target=run, args=(bell.wait,), name=name))
    worker.start()
    try:
        yield bell
    finally:
        bell.stop()
        worker.join()
