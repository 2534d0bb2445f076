"""Looks at something that grows, shared by those who want to know it at once.

Each look takes a lock and asks a store; of many callers that wait for the lock, one look serves all
that called before it began.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Looks:
    """Knows when the last look began. Safe between threads."""

    def __init__(self, look: Callable[[], None]) -> None:
        """Look by `look`, one thread at a time; a look that raises counts for nobody."""
        self._look = look
        self._lock = threading.Lock()
        self._turns = itertools.count(1)
        self._began = 0
        """The turn at which the last look began that came to an end."""
        self._here = threading.local()

    def fresh(self) -> None:
        """See that what stood at the time of this call is known."""
        if getattr(self._here, "steady", False):
            return
        called = next(self._turns)
        with self._lock:
            if self._began < called:
                began = next(self._turns)
                self._look()
                self._began = began

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Have one look, at the beginning, answer all that this thread asks in here."""
        self.fresh()
        outermost = not getattr(self._here, "steady", False)
        self._here.steady = True
        try:
            yield
        finally:
            self._here.steady = not outermost
