"""Telling other processes, through the server, that something was appended.

A nudge says nothing but that it is worth looking: whoever misses one finds what is new by a timer.
It is sent after the commit and beside it, by a thread of its own, at most once in 10 ms; inside the
transaction it would hold up every other one that nudges.
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import psycopg
from psycopg import Connection
from psycopg.rows import DictRow

from adapters.postgres_connections import Place, connect

AT_MOST_ONCE_IN_S: Final = 0.010
AGAIN_S: Final = 1.0
"""How long who listens waits before it tries a server again that is away."""
_NOTIFY = "NOTIFY bhr_appended"
_LISTEN = "LISTEN bhr_appended"


class Nudges:
    """Nudges whoever listens at one database."""

    def __init__(self, conninfo: str) -> None:
        """Connect when there is something to tell."""
        self._place = Place(conninfo, "pg_catalog")
        self._wanted = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
        self._thread.start()

    def ring(self) -> None:
        """Have those who listen told, soon; waits for nothing."""
        self._wanted.set()

    def close(self) -> None:
        """Stop; what was wanted last may remain untold."""
        self._closing.set()
        self._wanted.set()
        self._thread.join()

    def _run(self) -> None:
        connection: Connection[DictRow] | None = None
        while self._wanted.wait() and not self._closing.is_set():
            self._wanted.clear()
            connection = self._told(connection)
            self._closing.wait(AT_MOST_ONCE_IN_S)
        if connection is not None:
            connection.close()

    def _told(self, connection: Connection[DictRow] | None) -> Connection[DictRow] | None:
        """Tell them; gives the connection for the next time, or none where it is lost."""
        if connection is not None:
            with suppress(psycopg.Error):
                connection.execute(_NOTIFY)
                return connection
            connection.close()  # it was cut while nothing was told
        with suppress(psycopg.Error):
            connection = connect(self._place)
            connection.execute(_NOTIFY)
            return connection
        return None


class Listening:
    """Hears what is nudged at one database, in a thread; tells of it, and of having been deaf."""

    def __init__(self, conninfo: str, told: Callable[[], None]) -> None:
        """Listen from now on; `told` is called in the thread, and must return at once."""
        self._place = Place(conninfo, "pg_catalog")
        self._told = told
        self._closing = threading.Event()
        self._ends, self._end = os.pipe()
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._closing.set()
        os.close(self._end)
        self._thread.join()
        os.close(self._ends)

    def _run(self) -> None:
        while not self._closing.is_set():
            with suppress(psycopg.Error), connect(self._place) as connection:
                connection.execute(_LISTEN)
                self._told()  # something may have come while nobody listened
                self._hear(connection)
            self._closing.wait(AGAIN_S)

    def _hear(self, connection: Connection[DictRow]) -> None:
        while not self._closing.is_set():
            select.select([connection.fileno(), self._ends], [], [])
            if any(True for _ in connection.notifies(timeout=0)):
                self._told()
