"""Our clock beside the witnesses': a recorded time can never be taken back, so nobody runs ahead.

Each cosignature says what its witness's clock showed. What has passed since, on a clock that nobody
can set, is added, and gives what it shows now. Appending stops while our clock is more than five
minutes ahead of every witness that was heard: so one witness whose clock stands still, or that
lies, stops nobody, and one alone is believed.
"""

from __future__ import annotations

from collections.abc import Callable

from domain.errors import ClockJumped

TOLERANCE_MS = 5 * 60 * 1000


class WitnessTimes:
    """What witnesses' clocks showed when they were heard last. Safe between threads."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        """Count what has passed on a clock that nobody can set."""
        self._monotonic_ms = monotonic_ms
        self._behind_ms: dict[str, int] = {}
        """By witness: its clock less the one that nobody can set."""

    def heard(self, who: str, seconds: int) -> None:
        """Take the time of a cosignature that has just come, and that holds."""
        shown = seconds * 1000 - self._monotonic_ms()
        self._behind_ms = {**self._behind_ms, who: shown}

    def check(self, now_ms: int) -> None:
        """Raise ClockJumped while our clock is ahead of every witness that was heard."""
        if not self._behind_ms:
            return
        latest = max(self._behind_ms.values()) + self._monotonic_ms()
        if now_ms > latest + TOLERANCE_MS:
            raise ClockJumped("the clock (it is ahead of every witness's: correct it)")
