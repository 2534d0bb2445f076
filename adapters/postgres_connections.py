"""Connections to PostgreSQL, and the transactions on them.

A connection is made when it is wanted, refused at once when there is no server, and never lent
again once anything about it is in doubt. What went stale while it lay idle, since the server was
restarted, is found by the BEGIN and replaced; what was begun is never tried twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore

import psycopg
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row

from domain.errors import HomeNotReady, Unavailable

LENT_AT_ONCE = 8
"""For each store and process: a server for all stores of five processes is asked for 50 at rest,
and for some two hundred when all are busy (`max_connections`)."""
SERVER_MIN = 150_000

_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_LOOKING = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_DURABLE = (
    "SELECT current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'"
    " AND current_setting('synchronous_commit') <> 'off'"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store stands: a database, as libpq is told of it, and a schema of its own in it."""

    conninfo: str = field(repr=False)  # a password may be in it
    schema: str


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, before it counts as gone."""

    connect_s: int = 5
    lock_ms: int = 10_000
    statement_ms: int = 60_000
    idle_ms: int = 10_000
    """A writer that was stopped in the middle would hold up all others; the server ends it."""


def connect(place: Place, patience: Patience | None = None) -> Connection[DictRow]:
    """Connect, with the store's schema alone in view; raises psycopg's own errors."""
    patience = patience or Patience()
    options = {
        "search_path": f'"{place.schema}",pg_temp',  # or a temporary table would hide one of ours
        "lock_timeout": patience.lock_ms,
        "statement_timeout": patience.statement_ms,
        "idle_in_transaction_session_timeout": patience.idle_ms,
    }
    asked = " ".join(f"-c {name}={value}" for name, value in options.items())
    given = conninfo_to_dict(place.conninfo)
    return Connection.connect(
        make_conninfo(
            place.conninfo,
            options=" ".join(filter(None, (str(given.get("options") or ""), asked))),
            connect_timeout=patience.connect_s,
            # A server that is cut off, not stopped, is noticed within half a minute.
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=30_000,
        ),
        autocommit=True,  # transactions are begun and ended here, in so many words
        row_factory=dict_row,
    )


@contextmanager
def owning(place: Place, what: str) -> Iterator[Connection[DictRow]]:
    """Connect as who may make tables, alone among these, in one transaction."""
    try:
        with connect(place, Patience(statement_ms=0, idle_ms=0)) as connection:
            if connection.info.server_version < SERVER_MIN:
                raise HomeNotReady("PostgreSQL 15 or newer is needed")
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(hashtext('bhr ledger init'))")
                yield connection
    except psycopg.Error:
        raise HomeNotReady(
            f"no {what} can be made in the schema {place.schema}: see that the server answers and"
            " that this role may make schemas and roles"
        ) from None


def one(connection: Connection[DictRow], statement: str, *values: str) -> object:
    """Ask for one value; None where there is no row."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(statement, values or None).fetchone()
    return None if row is None else row[0]


def refuse_forgetful(cursor: Cursor[TupleRow]) -> None:
    """Refuse a server that may lose what it acknowledged."""
    if cursor.execute(_DURABLE).fetchall() != [(True,)]:
        raise HomeNotReady(
            "the server may lose what it acknowledged: set fsync, full_page_writes and"
            " synchronous_commit to on"
        )


class Connections:
    """The connections to one place. Threads may share them; each has one to itself at a time."""

    def __init__(self, place: Place, name: str, patience: Patience | None = None) -> None:
        """Connect to nothing yet; `name` is what is said to be unavailable."""
        self._place = place
        self._name = name
        self._patience = patience or Patience()
        self._idle: list[Connection[DictRow]] = []
        self._permits = BoundedSemaphore(LENT_AT_ONCE)
        self._closing = False

    @contextmanager
    def writing(self) -> Iterator[Cursor[TupleRow]]:
        """Begin, and commit at the end; any exception rolls back."""
        with self.transaction(_BEGIN_WRITING) as cursor:
            yield cursor

    @contextmanager
    def reading(self) -> Iterator[Cursor[TupleRow]]:
        """See everything as of one moment, and change nothing."""
        with self.transaction(_BEGIN_READING) as cursor:
            yield cursor

    @contextmanager
    def looking(self) -> Iterator[Cursor[TupleRow]]:
        """See with each statement what is committed by then, and change nothing."""
        with self.transaction(_BEGIN_LOOKING) as cursor:
            yield cursor

    @contextmanager
    def plain(self) -> Iterator[Connection[DictRow]]:
        """Lend a connection on which each statement is a transaction."""
        with self._permitted():
            connection = self._begun("SELECT 1")
            try:
                yield connection
            finally:
                self._take_back(connection)

    def close(self) -> None:
        """Close the connections, once nobody is using any; whoever comes later is refused."""
        self._closing = True
        for _ in range(LENT_AT_ONCE):
            self._permits.acquire()
        while self._idle:
            self._idle.pop().close()
        self._permits.release(LENT_AT_ONCE)

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Cursor[TupleRow]]:
        """Begin in these words, and commit at the end; any exception rolls back."""
        with self._permitted():
            connection = self._begun(begin)
            try:
                with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
                    yield cursor
                    cursor.execute("COMMIT")
                    if cursor.statusmessage != "COMMIT":  # said of one that had failed before
                        raise Unavailable(self._name)
            finally:
                self._take_back(connection)

    @contextmanager
    def _permitted(self) -> Iterator[None]:
        if not self._permits.acquire(timeout=self._patience.lock_ms / 1000):
            raise Unavailable(self._name)
        try:
            if self._closing:
                raise Unavailable(self._name)
            yield
        finally:
            self._permits.release()

    def _begun(self, begin: str) -> Connection[DictRow]:
        """Give a connection on which this was said: one that lay idle, else a new one."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            try:
                connection.execute(begin)
            except psycopg.Error:
                connection.close()
            else:
                return connection
        connection = connect(self._place, self._patience)
        try:
            connection.execute(begin)
        except BaseException:
            connection.close()
            raise
        return connection

    def _take_back(self, connection: Connection[DictRow]) -> None:
        """Keep a connection for the next, with nothing open on it; else close it for good."""
        if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            connection.close()
