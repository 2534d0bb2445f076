"""One way into a file of views: a connection, the lock that its threads share, one transaction."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from adapters.read_only import ReadOnlyFile
from adapters.views.tables import Row, Values
from domain.errors import Unavailable

# Losing the last commits with the power is harmless: rows and positions go together, and the runner
# reads the ledgers on from there. The rest keeps memory flat and checkpoints rare: each ledger's
# file has a door for each direction, so every door keeps few pages.
_SETTINGS = """
PRAGMA synchronous = NORMAL;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -2560;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA main.secure_delete = ON;
"""
_BUSY_MS = 10_000


class FileTables:
    """The tables of a file (`tables.Tables`)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Work on a connection that has begun a transaction."""
        self._connection = connection

    def execute(self, statement: str, values: Values = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self._connection.execute(statement, values)

    def each(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of these."""
        self._connection.executemany(statement, values)

    def add(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Add rows that are not there yet, with all of a table's columns in order."""
        every = list(rows)
        if every:
            marks = ",".join("?" * len(every[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", every)  # noqa: S608 - ours

    def walk(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Give rows of which there may be too many to hold at once."""
        return self._connection.execute(statement, values)

    def lay_out(self, name: str, columns: str) -> None:
        """Make an empty table of this question alone, in place of the last question's."""
        self._connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
        self._connection.execute(f"CREATE TEMP TABLE {name} ({columns})")

    def lasting(self) -> None:
        """Do nothing: what a file loses with the power, no process outlives."""


class FileDoor:
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
    def reading(self) -> Iterator[FileTables]:
        """See everything as of one moment."""
        with self._transaction("BEGIN") as tables:
            yield tables

    @contextlib.contextmanager
    def writing(self, *, forgets: bool = False, patient: bool = True) -> Iterator[FileTables]:
        """Write all or nothing; where it forgets, the log goes into the file and is emptied.

        What is deleted is overwritten; where somebody still reads, the log waits for that. Who is
        not `patient` waits for nobody else that writes.
        """
        with self._transaction("BEGIN IMMEDIATE", patient=patient) as tables:
            yield tables
        if forgets:
            self.script("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextlib.contextmanager
    def _transaction(self, begin: str, *, patient: bool = True) -> Iterator[FileTables]:
        with self._lock, self._waiting(patient=patient):
            try:
                self._connection.execute(begin)
                try:
                    yield FileTables(self._connection)
                    self._connection.execute("COMMIT")
                    if self._file is not None:
                        self._file.refuse_if_changed()
                finally:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                raise Unavailable("the view store") from None

    @contextlib.contextmanager
    def _waiting(self, *, patient: bool) -> Iterator[None]:
        """Wait for who else writes, as every connection does, or for nobody."""
        if patient:
            yield
            return
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
