"""One small pool for each login at a server, shared by all of a process's stores that use it.

A store asks for a transaction in its own schema. It is given a connection that lay idle, one that
stands in that schema if there is any, else one that is turned to it, else a new one. What went
stale while it lay idle, since the server was restarted, is found by the BEGIN, and everything that
lies idle is replaced then; what was begun is never tried twice. A connection is refused at once
when there is no server, and never lent again once anything about it is in doubt. So nothing may be
left on one but what ends with its transaction: who needs a session of its own has `connect`.

Nobody who is lent a connection waits for the same ones as whoever has none: else a pool that is
lent out to the last could wait for itself. Who asks for a second in the middle of a first is given
one of some that are there for nothing else, and for those, too, nobody waits without end.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Final

import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, TupleRow, tuple_row

from adapters.postgres_connections import Patience, Place, connect, search_path
from domain.errors import Unavailable

LENT_AT_ONCE: Final = 8
"""By one pool, to threads that have none."""
IN_THE_MIDDLE: Final = 4
"""Beside these, to threads that have one: a pool never holds more than both together."""
LOOKS_AFTER_S: Final = 30.0
"""How often a pool looks what it can do without: as many as were never lent at once since."""

_BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_BEGIN_LOOKING = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY"
_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_TURN = "SELECT set_config('search_path', %s, false)"


@dataclass(slots=True, eq=False)
class _Loan:
    """A connection while a thread has it, or is about to."""

    thread: int


@dataclass(slots=True, eq=False)
class _Idle:
    """A connection on which nothing is open, and the schema that it stands in."""

    connection: Connection[DictRow]
    schema: str


class _Pool:
    """The connections of one login. All its lists change by single steps, which need no lock."""

    def __init__(self, place: Place, patience: Patience) -> None:
        self._place = place
        self._patience = patience
        self._idle: list[_Idle] = []
        self._loans: list[_Loan] = []
        self._most = 0
        self._permits = threading.BoundedSemaphore(LENT_AT_ONCE)
        self._permits_in_the_middle = threading.BoundedSemaphore(IN_THE_MIDDLE)
        self._users: list[Connections] = []
        self._look: threading.Timer | None = None

    def join(self, user: Connections) -> None:
        """Have one more store that may ask."""
        self._users.append(user)

    def leave(self, user: Connections) -> None:
        """Have one store less; the last one to leave has everything closed that lies idle."""
        with suppress(ValueError):
            self._users.remove(user)
        if not self._users:
            self._close(len(self._idle))

    @contextmanager
    def lent(self, schema: str, begin: str, name: str) -> Iterator[Connection[DictRow]]:
        """Lend a connection on which this was said, in a schema."""
        with self._permitted(name):
            connection = self._begun(schema, begin)
            try:
                yield connection
            finally:
                self._take_back(_Idle(connection, schema))

    @contextmanager
    def _permitted(self, name: str) -> Iterator[None]:
        me = threading.get_ident()
        has_one = any(loan.thread == me for loan in self._loans.copy())
        permits = self._permits_in_the_middle if has_one else self._permits
        if not permits.acquire(timeout=self._patience.lock_ms / 1000):
            raise Unavailable(name)
        loan = _Loan(me)
        try:
            self._loans.append(loan)
            self._most = max(self._most, len(self._loans))
            yield
        finally:
            self._loans.remove(loan)
            permits.release()

    def _begun(self, schema: str, begin: str) -> Connection[DictRow]:
        """Give a connection on which this was said: one that lay idle, else a new one."""
        while (idle := self._taken(schema)) is not None:
            try:
                if idle.schema != schema:
                    idle.connection.execute(_TURN, (search_path(schema),))
                idle.connection.execute(begin)
            except psycopg.Error:
                idle.connection.close()
                self._close(len(self._idle))  # what lay beside it waits for the same dead server
            else:
                return idle.connection
        connection = connect(replace(self._place, schema=schema), self._patience)
        try:
            connection.execute(begin)
        except BaseException:
            connection.close()
            raise
        return connection

    def _taken(self, schema: str) -> _Idle | None:
        """Take the last used in a schema, else the last used; None where none is left."""
        found = self._idle[::-1]
        for one in sorted(found, key=lambda one: one.schema != schema):
            with suppress(ValueError):  # another thread was quicker
                self._idle.remove(one)
                return one
        return None

    def _take_back(self, idle: _Idle) -> None:
        """Keep a connection for the next, with nothing open on it; else close it for good."""
        connection = idle.connection
        if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
            connection.close()
            return
        self._idle.append(idle)
        if self._look is None:
            self._look_later()

    def _look_later(self) -> None:
        self._look = threading.Timer(LOOKS_AFTER_S, self.look)
        self._look.daemon = True
        with suppress(RuntimeError):  # no thread begins in a process that is ending
            self._look.start()

    def look(self) -> None:
        """Close as many as were never lent at once since the last look, longest idle first."""
        most, self._most = self._most, len(self._loans)
        self._close(len(self._idle) + len(self._loans) - most)
        if self._look is threading.current_thread():
            self._look = None
            if self._idle or self._loans:
                self._look_later()

    def _close(self, many: int) -> None:
        for one in self._idle[: max(0, many)]:
            with suppress(ValueError):  # another thread took it meanwhile
                self._idle.remove(one)
                one.connection.close()


_pools: dict[tuple[int, str, bool, Patience], _Pool] = {}
"""By process as well: one that was forked from here has none of these."""


class Connections:
    """How one store reaches its place. Threads may share it; processes each have their own."""

    def __init__(self, place: Place, name: str, patience: Patience | None = None) -> None:
        """Connect to nothing yet; `name` is what is said to be unavailable."""
        self._place = place
        self._name = name
        self._process = os.getpid()
        given = patience or Patience()
        key = (self._process, place.conninfo, place.only_looks, given)
        self._pool = _pools.setdefault(key, _Pool(place, given))
        self._pool.join(self)
        self._patience_s = given.lock_ms / 1000
        self._uses = threading.BoundedSemaphore(LENT_AT_ONCE + IN_THE_MIDDLE)
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
        with self._used(), self._pool.lent(self._place.schema, "SELECT 1", self._name) as lent:
            yield lent

    @contextmanager
    def transaction(self, begin: str) -> Iterator[Cursor[TupleRow]]:
        """Begin in these words, and commit at the end; any exception rolls back."""
        with (
            self._used(),
            self._pool.lent(self._place.schema, begin, self._name) as connection,
            connection.cursor(row_factory=tuple_row, binary=True) as cursor,
        ):
            yield cursor
            cursor.execute("COMMIT")
            if cursor.statusmessage != "COMMIT":  # said of one that had failed before
                raise Unavailable(self._name)

    def close(self) -> None:
        """Give them up, once nobody is using any; whoever comes later is refused."""
        if self._closing or self._process != os.getpid():
            return
        self._closing = True
        for _ in range(LENT_AT_ONCE + IN_THE_MIDDLE):
            self._uses.acquire()
        self._uses.release(LENT_AT_ONCE + IN_THE_MIDDLE)
        self._pool.leave(self)

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Use the pool, unless this store is closed, or another process's."""
        ours = self._process == os.getpid()
        if not ours or not self._uses.acquire(timeout=self._patience_s):
            raise Unavailable(self._name)
        try:
            if self._closing:
                raise Unavailable(self._name)
            yield
        finally:
            self._uses.release()
