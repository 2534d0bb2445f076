"""Connections to a ledger's file, and the transactions on them.

The library's own connections begin with a plain BEGIN, which fails at once when two processes
write, and hold no pragma that makes a commit durable; its pool makes readers queue behind waiting
writers and loses its writer's lock when a connection cannot be opened. Its pool of connections, its
translation of errors and its reading of events are kept.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from types import TracebackType

from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import DataError, IntegrityError, InterfaceError, OperationalError
from eventsourcing.sqlite import (
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteTransaction,
)

from adapters.read_only import ReadOnlyFile
from domain.errors import Unavailable, Unforeseen

# Readers beyond what is pooled get connections of their own rather than wait for each other.
_POOLED = 4
_BEYOND = 60
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # Pages of the index by stream are written again and again: move them to the file less often.
    "PRAGMA wal_autocheckpoint = 4000",
)


class LedgerTransaction(SQLiteTransaction):
    """A transaction that has the lock from its first statement on when it is to write."""

    connection: LedgerConnection

    def __enter__(self) -> SQLiteCursor:
        """Begin; a writer waits here for the writers of other processes."""
        cursor = self.connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE" if self.commit else "BEGIN")
        except BaseException:
            self.connection.settle()
            raise
        return cursor

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
    ) -> None:
        """End it, and leave nothing of a commit that failed to the next user of the connection."""
        try:
            super().__exit__(exc_type, exc_val, exc_tb)
        finally:
            self.connection.settle()


class LedgerConnection(SQLiteConnection):
    """A connection whose transactions are `LedgerTransaction`."""

    @contextmanager
    def transaction(self, *, commit: bool) -> Iterator[SQLiteCursor]:
        """Begin, and commit or roll back at the end; any exception rolls back."""
        with LedgerTransaction(self, commit=commit) as cursor, cursor:
            yield cursor

    def settle(self) -> None:
        """Roll back what is still open; a connection that cannot is closed for good."""
        if self._sqlite_conn.in_transaction:
            with suppress(sqlite3.Error):
                self.rollback()
        if self._sqlite_conn.in_transaction:
            self.close()


class LedgerPool(SQLiteConnectionPool):
    """Connections to a file that exists; none is ever created by looking for it."""

    def __init__(self, address: str, *, lock_timeout_s: float) -> None:
        """Open nothing yet; the address says how the file is opened."""
        self._lock_timeout_s = lock_timeout_s
        super().__init__(
            db_name=address,
            pool_size=_POOLED,
            max_overflow=_BEYOND,
            pool_timeout=lock_timeout_s,
        )

    def _create_connection(self) -> LedgerConnection:
        try:
            connection = sqlite3.connect(
                self.db_name,
                uri=True,
                check_same_thread=False,  # the pool gives a connection to one thread at a time
                isolation_level=None,
                timeout=self._lock_timeout_s,
            )
        except sqlite3.Error as error:
            raise InterfaceError(error) from error
        try:
            for pragma in _PRAGMAS:
                connection.execute(pragma)
        except sqlite3.Error as error:
            connection.close()
            raise InterfaceError(error) from error
        connection.row_factory = sqlite3.Row
        return LedgerConnection(connection, max_age=None)


def address_to_write(path: Path) -> str:
    """Give the address that opens a file that exists, for reading and writing."""
    return f"{path.absolute().as_uri()}?mode=rw"


class LedgerDatastore(SQLiteDatastore):
    """The pool of one ledger: one writer of this process at a time, readers at any time."""

    def __init__(self, address: str, *, lock_timeout_s: float) -> None:
        """Open nothing yet; a writer waits `lock_timeout_s` for the lock, then gives up."""
        self._lock_timeout_s = lock_timeout_s
        self._writing = threading.Lock()
        self._idle = threading.Condition()
        self._in_use = 0
        self._closing = False
        super().__init__("")
        self.pool = LedgerPool(address, lock_timeout_s=lock_timeout_s)

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        """Lend a connection; raises OperationalError when none is to be had in time."""
        with self._turn() if commit else nullcontext(), self._counted():
            connection = self.pool.get_connection()
            try:
                yield connection
            finally:
                self.pool.put_connection(connection)

    def close(self) -> None:
        """Close the connections, once nobody is using any; whoever comes later is refused."""
        with self._idle:
            self._closing = True
            self._idle.wait_for(lambda: self._in_use == 0)
        super().close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the other writers of this process here, where no reader waits behind."""
        if not self._writing.acquire(timeout=self._lock_timeout_s):
            raise OperationalError("the ledger is being written")
        try:
            yield
        finally:
            self._writing.release()

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._idle:
            if self._closing:
                raise OperationalError("the ledger is closed")
            self._in_use += 1
        try:
            yield
        finally:
            with self._idle:
                self._in_use -= 1
                self._idle.notify_all()


class ReadOnlyDatastore(LedgerDatastore):
    """Connections that cannot write, over a file that is refused once it proves to be changing."""

    def __init__(self, file: ReadOnlyFile, *, lock_timeout_s: float) -> None:
        """Open nothing yet."""
        super().__init__(file.uri(), lock_timeout_s=lock_timeout_s)
        self._file = file

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        """Lend a connection, and refuse afterwards what was read of a file that changed."""
        with super().get_connection(commit=commit) as connection:
            yield connection
        self._file.refuse_if_changed()


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what SQLite and the library say into Unavailable, without a word of theirs.

    What the values themselves are refused for comes again with them: that is Unforeseen.
    """
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.DataError, IntegrityError, DataError):
        raise Unforeseen("the ledger") from None
    except (sqlite3.Error, EventSourcingError):
        raise Unavailable("the ledger") from None
