"""Who has a hub's home open: any number of processes together, or one that changes all of it.

A lock of the operating system on a file beside the stores: it goes with its process, however that
ends. Who only reads for audit takes none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from domain.errors import HomeNotReady

_NAME, _WORK = "in-use", "being-rewrapped"


class HomeLock:
    """A hold on one home, shared with others or alone."""

    def __init__(self, handle: int) -> None:
        """Hold nothing yet, over an open file."""
        self._handle = handle

    def share(self) -> None:
        """Hold it with others; raises HomeNotReady while one process has it alone."""
        self._take(fcntl.LOCK_SH, "its keys or stores are being replaced: wait until that is done")

    def alone(self) -> None:
        """Hold it alone; raises HomeNotReady while any other process has it open."""
        self._take(fcntl.LOCK_EX, "a hub has it open: stop `bhr serve` and `bhr project` first")

    def _take(self, kind: int, otherwise: str) -> None:
        try:
            fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HomeNotReady(f"this home is in use: {otherwise}") from None


@contextmanager
def home_lock(folder: Path) -> Iterator[HomeLock]:
    """Give the lock of a home, let go at the end; raises HomeNotReady where there is no home."""
    try:
        handle = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        raise HomeNotReady(f"{folder}: no home here that can be written") from None
    try:
        yield HomeLock(handle)
    finally:
        os.close(handle)


@contextmanager
def work_lock(folder: Path) -> Iterator[bool]:
    """Be the one process that wraps a home's keys anew, until the end; False where another is."""
    handle = os.open(folder / _WORK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
