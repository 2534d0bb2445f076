"""The demonstration's clock: the machine's, moved by an offset that all its processes share.

Five years of returns are loaded in two minutes, each as at its own day. The offset stands in a file
of eight bytes that every process of the demonstration maps, so a step is seen by all at once. The
clock that nobody can set is moved by the same offset: for whoever watches the clock a step is no
jump, and any other leap still is one.
"""

from __future__ import annotations

import datetime
import fcntl
import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.ledger.clock_watch import ClockWatch, monotonic_ms, wall_ms

_OFFSET = struct.Struct("<q")


class SteppedClock:
    """The demonstration's alone: a hub takes it for ledgers whose origin is `demo`."""

    def __init__(self, path: Path) -> None:
        """Share the offset in a file; one that is not there yet begins at the machine's time."""
        self._path = path
        path.touch(mode=0o600)
        with path.open("r+b") as file:
            file.truncate(_OFFSET.size)
            self._shared = mmap.mmap(file.fileno(), _OFFSET.size)

    def now_ms(self) -> int:
        """Give the time that the demonstration plays in."""
        return wall_ms() + self._offset_ms()

    def monotonic_ms(self) -> int:
        """Give the clock that nobody can set, with the same steps."""
        return monotonic_ms() + self._offset_ms()

    def watch(self) -> ClockWatch:
        """Give a watch that takes this clock's steps, and no other leap."""
        return ClockWatch(wall_ms=self.now_ms, monotonic_ms=self.monotonic_ms)

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Keep every process from stepping for a while.

        A checkpoint's size, its cosignatures and their times belong together: with a step between
        them an entry would seem to have come after a year that it stood in.
        """
        with self._path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def step_to(self, moment: datetime.datetime) -> None:
        """Play at another moment from now on; `moment` has a time zone."""
        self._step(int(moment.timestamp() * 1000) - wall_ms())

    def step_home(self) -> None:
        """Play at the machine's own time from now on."""
        self._step(0)

    def _step(self, offset_ms: int) -> None:
        with self.steady():
            _OFFSET.pack_into(self._shared, 0, offset_ms)

    def _offset_ms(self) -> int:
        (offset_ms,) = _OFFSET.unpack_from(self._shared)
        return int(offset_ms)
