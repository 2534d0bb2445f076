"""Whether the wall clock may be believed when a ledger is about to stamp what it records.

`recorded` can never go back, so a clock that leaps ahead for a moment would spoil every stamp after
it. The wall clock is therefore held against one that nobody can set: what has passed on it since
the last commit (or since opening) is what should have passed on the wall.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from domain.errors import ClockJumped, ClockWentBack

TOLERANCE_MS = 5 * 60 * 1000
"""How far the wall clock may run ahead, or behind what is recorded, before appending stops."""

# A clock that goes on while the machine sleeps, where there is one: a lid that was closed for an
# hour is no jump.
_UNSETTABLE = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def wall_ms() -> int:
    """Give the wall clock in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Give milliseconds on a clock that nobody can set; its zero means nothing."""
    return time.clock_gettime_ns(_UNSETTABLE) // 1_000_000


class ClockWatch:
    """Remembers the wall clock and a monotonic one as of the last commit, or of opening."""

    def __init__(
        self,
        *,
        wall_ms: Callable[[], int] = wall_ms,
        monotonic_ms: Callable[[], int] = monotonic_ms,
    ) -> None:
        """Begin with both clocks as they stand; a stepped clock passes the monotonic one it has."""
        self._monotonic_ms = monotonic_ms
        self._anchor = (wall_ms(), monotonic_ms())

    def check(self, now_ms: int, recorded_ms: int) -> None:
        """Hold `now_ms` against the time that has passed and the ledger's last recorded time.

        Raises ClockJumped until the clock comes back or the process is started again by somebody
        who has looked at it, and ClockWentBack while the clock is far behind what is recorded.
        """
        wall_then, monotonic_then = self._anchor
        expected_ms = wall_then + self._monotonic_ms() - monotonic_then
        if now_ms > expected_ms + TOLERANCE_MS:
            raise ClockJumped(
                "the clock (it jumped ahead: correct it, or restart when it is right)"
            )
        if now_ms < recorded_ms - TOLERANCE_MS:
            raise ClockWentBack("the clock (it is behind what is recorded: correct it)")

    def committed(self, now_ms: int) -> None:
        """Take a commit's time as the one to measure from: slow drift is no jump."""
        self._anchor = (now_ms, self._monotonic_ms())
