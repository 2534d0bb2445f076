"""A fault that comes with one call to SQLite."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

FOREIGN = "disk I/O error in /secret/place"
Call = Callable[..., None]


@dataclass
class Fault:
    """Fails the `at`-th call to SQLite, before or after it was carried out; 0 fails none."""

    at: int = 0
    after: bool = False
    calls: int = 0

    def around(self, call: Call) -> Call:
        """Give a call that may fail."""

        def carried_out(*args: object) -> None:
            self.calls += 1
            if self.calls != self.at:
                call(*args)
                return
            if self.after:
                call(*args)
            raise sqlite3.OperationalError(FOREIGN)

        return carried_out
