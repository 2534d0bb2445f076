"""Locks among the workers of one PostgreSQL server: its advisory locks, held by one session.

A lock goes with its session: when a worker ends, when its connection is cut, when the server goes.
Whether the session still stands is asked before anything is done under its locks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress

import psycopg
from psycopg.rows import DictRow

from adapters.postgres_connections import Place, connect
from domain.errors import Unavailable

_TAKE = "SELECT pg_try_advisory_lock(%s::int, %s::int)::int"
_LET_GO = "SELECT pg_advisory_unlock(%s::int, %s::int)::int"
_TAKEN = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND objid::bigint = ANY (%s) AND classid::bigint = %s"""
_STANDS = "SELECT 1"
_THE_LOCKS = "the server that keeps locks"


class PostgresLocks:
    """The `Locks` port over a database."""

    def __init__(self, place: Place, space: str) -> None:
        """Hold nothing yet; the session begins when something is taken.

        `space` names whose locks they are, where several hubs use one database.
        """
        self._place = place
        self._space = _number(space)
        self._session: psycopg.Connection[DictRow] | None = None
        self._held: set[str] = set()

    def check(self) -> None:
        """See that the session stands, and with it what is held."""
        if self._held:
            self._ask(_STANDS)

    def take(self, name: str) -> bool:
        """Take a lock; False while another worker has it."""
        if name in self._held:
            return True
        if not self._ask(_TAKE, *self._numbers(name)):
            return False
        self._held.add(name)
        return True

    def let_go(self, name: str) -> None:
        """Let go of a lock, if it is held."""
        if name in self._held:
            self._held.discard(name)
            with suppress(Unavailable):  # the session went, and the lock with it
                self._ask(_LET_GO, *self._numbers(name))

    def taken(self, names: Sequence[str]) -> int:
        """Say how many of these any worker has, this one included."""
        return int(self._ask(_TAKEN, [self._numbers(name)[1] for name in names], self._space))

    def close(self) -> None:
        """Let go of everything."""
        self._held.clear()
        if self._session is not None:
            self._session.close()
            self._session = None

    def _ask(self, statement: str, *values: object) -> int:
        try:
            if self._session is None:
                self._session = connect(self._place)
            row = self._session.execute(statement, values or None).fetchone()
        except psycopg.Error:
            self.close()
            raise Unavailable(_THE_LOCKS) from None
        return 0 if row is None else int(next(iter(row.values())))

    def _numbers(self, name: str) -> tuple[int, int]:
        """Give the two numbers of a lock: whose it is, and of the name."""
        return self._space, _number(name)


def _number(text: str) -> int:
    digest = hashlib.sha256(b"bhr-locks/v1\n" + text.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1
