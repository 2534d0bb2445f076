"""Connections to a ledger in PostgreSQL, and the transactions on them.

The library's own pool waits for its whole patience when the server is down, its transactions commit
what a Python exception should have rolled back, and its retries block for most of a minute. So
connections are lent here: made when they are wanted, refused at once when there is no server, and
never lent again once anything about them is in doubt. What went stale while it lay idle, since the
server was restarted, is found by the BEGIN and replaced; what was begun is never tried twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import BoundedSemaphore

import psycopg
from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import IntegrityError, OperationalError, PersistenceError
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection, Cursor
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, TupleRow, dict_row, tuple_row

from domain.errors import HomeNotReady, Unavailable

LENT_AT_ONCE = 8
"""So that all ledgers of a hub, in a few processes, stay below what a server takes by default."""

BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
SERVER_MIN = 150_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ledger stands: a database, as libpq is told of it, and a schema of its own in it."""

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
    """Connect, with the ledger's schema alone in view; raises psycopg's own errors."""
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


class LedgerStore(PostgresDatastore):
    """The connections of one ledger. Threads may share it; each has one to itself at a time."""

    def __init__(self, place: Place, *, patience: Patience | None = None) -> None:
        """Connect to nothing yet."""
        super().__init__(
            *("", "", "", "", ""),  # its pool is never opened
            schema=place.schema,
            originator_id_type="uuid",
            enable_db_functions=False,  # they would go past lock, tree and head
        )
        self._place = place
        self._patience = patience or Patience()
        self._idle: list[Connection[DictRow]] = []
        self._permits = BoundedSemaphore(LENT_AT_ONCE)
        self._closing = False

    @contextmanager
    def writing(self) -> Iterator[Cursor[TupleRow]]:
        """Begin, and commit at the end; any exception rolls back."""
        with self._transaction(BEGIN_WRITING) as cursor:
            yield cursor

    @contextmanager
    def reading(self) -> Iterator[Cursor[TupleRow]]:
        """See everything as of one moment, and change nothing."""
        with self._transaction(BEGIN_READING) as cursor:
            yield cursor

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Lend the library a connection for what it reads, and speak its language of errors."""
        with in_the_librarys_words(), self._permitted():
            connection = self._begun("SELECT 1")
            try:
                yield connection
            finally:
                self._take_back(connection)

    def register_type_adapters(self) -> None:
        """Register none: the library's composite types are for its own way of inserting."""

    def close(self) -> None:
        """Close the connections, once nobody is using any; whoever comes later is refused."""
        self._closing = True
        for _ in range(LENT_AT_ONCE):
            self._permits.acquire()
        while self._idle:
            self._idle.pop().close()
        self._permits.release(LENT_AT_ONCE)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Cursor[TupleRow]]:
        with self._permitted():
            connection = self._begun(begin)
            try:
                with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
                    yield cursor
                    cursor.execute("COMMIT")
                    if cursor.statusmessage != "COMMIT":  # said of one that had failed before
                        raise Unavailable("the ledger")
            finally:
                self._take_back(connection)

    @contextmanager
    def _permitted(self) -> Iterator[None]:
        if not self._permits.acquire(timeout=self._patience.lock_ms / 1000):
            raise Unavailable("the ledger")
        try:
            if self._closing:
                raise Unavailable("the ledger")
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
        connection.execute(begin)
        return connection

    def _take_back(self, connection: Connection[DictRow]) -> None:
        """Keep a connection for the next, with nothing open on it; else close it for good."""
        status = connection.info.transaction_status
        if status is not psycopg.pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        if connection.info.transaction_status is psycopg.pq.TransactionStatus.IDLE:
            self._idle.append(connection)
        else:
            connection.close()


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what PostgreSQL and the library say into Unavailable, without a word of theirs."""
    try:
        yield
    except (psycopg.Error, EventSourcingError):
        raise Unavailable("the ledger") from None


@contextmanager
def in_the_librarys_words() -> Iterator[None]:
    """Turn what PostgreSQL says into what the library's callers expect."""
    try:
        yield
    except psycopg.IntegrityError as error:
        raise IntegrityError(error) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise OperationalError(error) from error
    except psycopg.Error as error:
        raise PersistenceError(error) from error


@contextmanager
def not_ready(schema: str) -> Iterator[None]:
    """Say what an operator has to see to; a server that does not answer stays Unavailable."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise Unavailable("the ledger's server") from None
    except psycopg.Error:
        raise HomeNotReady(
            f"the schema {schema} cannot be read as a ledger: see that it was made with"
            " `bhr ledger init`, and that this role may use it"
        ) from None
