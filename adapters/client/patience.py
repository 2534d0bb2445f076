"""How long a client waits for a hub that does not answer: the one place where it waits at all."""

from __future__ import annotations

import threading


class Patience:
    """The `Wait` port: waits at most so many seconds in all, and not after `stop`."""

    def __init__(self, seconds: float) -> None:
        """Have patience for `seconds`; 0 means that nothing is tried twice."""
        self._left = seconds
        self._stopped = threading.Event()

    def __call__(self, seconds: float) -> bool:
        """Wait; False when patience does not last for it, or when told to stop."""
        if seconds > self._left or self._stopped.is_set():
            return False
        self._left -= seconds
        return not self._stopped.wait(seconds)

    def stop(self) -> None:
        """Wait no longer, also where it is being waited now."""
        self._stopped.set()
