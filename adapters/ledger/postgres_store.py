"""A ledger's connections, where the eventsourcing library expects its datastore.

The library's own pool waits for its whole patience when the server is down, its transactions commit
what a Python exception should have rolled back, and its retries block for most of a minute. So the
connections are ours (`postgres_connections.py`); of the library there are its reads and its words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
from eventsourcing.domain import EventSourcingError
from eventsourcing.persistence import IntegrityError, OperationalError, PersistenceError
from eventsourcing.postgres import PostgresDatastore
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, TupleRow

from adapters.postgres_connections import Patience, Place
from adapters.postgres_pool import Connections
from domain.errors import HomeNotReady, Unavailable, Unforeseen


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
        self._connections = Connections(place, "the ledger", patience)

    @contextmanager
    def writing(self) -> Iterator[Cursor[TupleRow]]:
        """Begin, and commit at the end; any exception rolls back."""
        with self._connections.writing() as cursor:
            yield cursor

    @contextmanager
    def reading(self) -> Iterator[Cursor[TupleRow]]:
        """See everything as of one moment, and change nothing."""
        with self._connections.reading() as cursor:
            yield cursor

    @contextmanager
    def get_connection(self) -> Iterator[Connection[DictRow]]:
        """Lend the library a connection for what it reads, and speak its language of errors."""
        with in_the_librarys_words(), self._connections.plain() as connection:
            yield connection

    def register_type_adapters(self) -> None:
        """Register none: the library's composite types are for its own way of inserting."""

    def close(self) -> None:
        """Close the connections, once nobody is using any; whoever comes later is refused."""
        self._connections.close()


class ReadOnlyStore(LedgerStore):
    """The connections of who only looks: nothing is written, whatever the role may."""

    def __init__(self, place: Place) -> None:
        """Connect to nothing yet."""
        super().__init__(place.looking())

    def writing(self) -> NoReturn:
        """Refuse: this ledger is open for reading alone."""
        raise Unavailable("the ledger, which is open for reading alone,")


@contextmanager
def unavailable() -> Iterator[None]:
    """Turn what PostgreSQL and the library say into Unavailable, without a word of theirs.

    What the values themselves are refused for comes again with them: that is Unforeseen.
    """
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError):
        raise Unforeseen("the ledger") from None
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
