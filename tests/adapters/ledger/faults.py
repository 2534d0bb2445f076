"""A fault that comes with one call to a database."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psycopg
import pytest

FOREIGN = "disk I/O error in /secret/place"
Call = Callable[..., object]


@dataclass
class Fault:
    """Fails the `at`-th call to a database, before or after it was carried out; 0 fails none."""

    error: type[Exception] = sqlite3.OperationalError
    at: int = 0
    after: bool = False
    calls: int = 0

    def around(self, call: Call) -> Call:
        """Give a call that may fail."""

        def carried_out(*args: object, **named: object) -> object:
            self.calls += 1
            if self.calls != self.at:
                return call(*args, **named)
            if self.after:
                call(*args, **named)
            raise self.error(FOREIGN)

        return carried_out


def on_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    """Give what says when a statement, copy or commit fails that psycopg is asked for."""
    fault = Fault(psycopg.OperationalError)
    for name in ("execute", "executemany", "copy"):
        monkeypatch.setattr(psycopg.Cursor, name, fault.around(getattr(psycopg.Cursor, name)))
    yield fault
    fault.at = 0
