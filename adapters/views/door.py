"""One way into a file of views: a connection, the lock that its threads share, one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

from adapters.read_only import ReadOnlyFile
from domain.errors import Unavailable

# Losing the last commits with the power is harmless: rows and positions go together, and the runner
# reads the ledgers on from there. The rest keeps memory flat and checkpoints rare: each ledger's
# file has a door for each direction, so every door keeps few pages.
_SETTINGS = """
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -5120;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA main.secure_delete = ON;
"""
_BUSY_MS = 10_000


class Door:
    """A connection for one thread at a time. What SQLite says stays here: it may hold values."""

    def __init__(self, path: Path, file: ReadOnlyFile | None = None) -> None:
        """Open a file that exists, to be read alone where `file` says how; raises Unavailable."""
        self._file = file
        try:
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw" if file is None else file.uri(),
                uri=True,
                timeout=_BUSY_MS / 1000,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error:
            raise Unavailable("the view store") from None
        # Whoever still reads a file that a rebuild replaced keeps it open until done with it.
        self._closing = weakref.finalize(self, self._connection.close)
        self._lock = threading.Lock()
        self.script(_SETTINGS)

    def empty_the_log(self) -> None:
        """Move the log into the file and empty it, unless somebody still reads from it."""
        self.script("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connection now; what was written is in the file itself then."""
        self._closing()

    def script(self, statements: str) -> None:
        """Run statements outside a transaction."""
        with self._lock:
            try:
                self._connection.executescript(statements)
            except sqlite3.Error:
                raise Unavailable("the view store") from None

    @contextlib.contextmanager
    def transaction(
        self, begin: str = "BEGIN", *, patient: bool = True
    ) -> Iterator[sqlite3.Connection]:
        """Hold the connection for one transaction: all of it stays, or nothing.

        Who is not `patient` waits for nobody else that writes.
        """
        with self._lock:
            try:
                self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS if patient else 0}")
                self._connection.execute(begin)
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                    if self._file is not None:
                        self._file.refuse_if_changed()
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                raise Unavailable("the view store") from None
