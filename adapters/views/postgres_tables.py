"""The tables of views in a schema of PostgreSQL.

What was deleted is still on its page, and in sight of whoever looks with the eyes of before. So a
batch that forgets writes every table anew that something of a person can stand in, under a lock
that no reader shares; its commit cuts the old files to nothing. Readers take their share of that
lock before they see anything, so that none ever looks into a file that is no more.
"""

from __future__ import annotations

import itertools
import re
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import NoReturn

import psycopg
from psycopg import Cursor, sql
from psycopg.rows import tuple_row

from adapters.postgres_connections import Place
from adapters.postgres_pool import Connections
from adapters.views.tables import Row, Values
from domain.errors import Unavailable

VIEW_STORE = "the view store"
OF_PERSONS = (
    "child", "contribution", "keyed", "lifting", "linkage", "restriction", "state", "told", "total",
    "trait",
)  # fmt: skip
"""The tables in which something of a person can stand: written anew when any is forgotten."""

# LOCK sees nothing yet: what a transaction sees is settled by its first look, after it.
_ASKING = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE;"  # a question lays out tables of its own
    " LOCK TABLE meta IN ACCESS SHARE MODE"
)
# Losing the last commits with the power is harmless: the runner reads the ledgers on from there.
_FOLDING = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL synchronous_commit = off;"
    " LOCK TABLE meta IN ACCESS SHARE MODE"
)
_FORGETTING = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL statement_timeout = 0;"
    " LOCK TABLE meta IN ACCESS EXCLUSIVE MODE"
)
_NOTING = f"{_FOLDING} NOWAIT"
_ANEW = tuple(
    statement.format(table=table)
    for table in OF_PERSONS
    for statement in (
        "CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM {table}",
        "TRUNCATE {table}",
        "INSERT INTO {table} SELECT * FROM pg_temp.kept",
        "DROP TABLE pg_temp.kept",
    )
)

_AMONG = re.compile(r"(NOT )?IN \(SELECT value FROM json_each\((\?|:\w+)\)\)")
_PARAMETER = re.compile(r"\?|(?<![:\w]):(\w+)")
_AT_ONCE = 5_000


@lru_cache(maxsize=1_000)
def spoken(statement: str) -> str:
    """Say one of our statements in PostgreSQL's way."""
    said = _AMONG.sub(_among, statement).replace("CROSS JOIN", "JOIN")
    return _PARAMETER.sub(lambda found: f"%({found[1]})s" if found[1] else "%s", said)


def _among(found: re.Match[str]) -> str:
    numbers = f"ARRAY(SELECT jsonb_array_elements_text({found[2]}::jsonb)::bigint)"
    return f"<> ALL ({numbers})" if found[1] else f"= ANY ({numbers})"


class SchemaTables:
    """The tables of a schema (`tables.Tables`)."""

    def __init__(self, cursor: Cursor[Row], types: dict[str, list[int]]) -> None:
        """Work in the transaction of a cursor; `types` keeps what columns are of."""
        self._connection = cursor.connection
        self._types = types
        self._walks = itertools.count()

    def execute(self, statement: str, values: Values = ()) -> Cursor[Row]:
        """Run one statement."""
        return self._cursor().execute(spoken(statement).encode(), values or None)

    def each(self, statement: str, values: Iterable[Sequence[object]]) -> None:
        """Run one statement for each of these."""
        if every := list(values):
            self._cursor().executemany(spoken(statement).encode(), every)

    def add(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        """Add rows that are not there yet, with all of a table's columns in order."""
        every = list(rows)
        if not every:
            return
        types = self._types_of(table)
        copying = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table))
        with self._cursor().copy(copying) as copy:
            copy.set_types(types)
            for row in every:
                copy.write_row(row)

    def walk(self, statement: str, values: Values = ()) -> Iterator[Row]:
        """Give rows of which there may be too many to hold at once."""
        name = f"walk{next(self._walks)}"
        with self._connection.cursor(name, row_factory=tuple_row) as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(spoken(statement).encode(), values or None, binary=True)
            yield from cursor

    def lay_out(self, name: str, columns: str) -> None:
        """Make an empty table of this question alone, in place of the last question's."""
        said = columns.replace("INTEGER", "bigint").replace("TEXT", "text")
        self.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} ({said}) ON COMMIT DELETE ROWS")
        self.execute(f"TRUNCATE {name}")

    def lasting(self) -> None:
        """Have the server commit as it is set up to: on its disk, and on a standby's, first."""
        self.execute("SET LOCAL synchronous_commit TO DEFAULT")

    def _cursor(self) -> Cursor[Row]:
        return self._connection.cursor(row_factory=tuple_row, binary=True)

    def _types_of(self, table: str) -> list[int]:
        if table not in self._types:
            columns = self.execute(f"SELECT * FROM {table} LIMIT 0").description or []  # noqa: S608 - ours
            self._types[table] = [one.type_code for one in columns]
        return self._types[table]


class SchemaDoor:
    """One way to the tables of a schema, for one thread at a time (`tables.Door`)."""

    def __init__(self, place: Place) -> None:
        """Connect to nothing yet."""
        self._connections = Connections(place, VIEW_STORE)
        # Whoever still reads what a rebuild replaced keeps it open until done with it.
        weakref.finalize(self, self._connections.close)
        self._lock = threading.Lock()
        self._types: dict[str, list[int]] = {}

    @contextmanager
    def reading(self) -> Iterator[SchemaTables]:
        """See everything as of one moment."""
        with self._begun(_ASKING) as cursor:
            yield SchemaTables(cursor, self._types)

    @contextmanager
    def writing(self, *, forgets: bool = False, patient: bool = True) -> Iterator[SchemaTables]:
        """Write all or nothing; where it forgets, tables are written anew, while nobody looks.

        Who is not `patient` waits for nobody who forgets.
        """
        with self._begun(_FORGETTING if forgets else _FOLDING if patient else _NOTING) as cursor:
            yield SchemaTables(cursor, self._types)
            for statement in _ANEW if forgets else ():
                cursor.execute(statement)

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Cursor[Row]]:
        with self._lock, translated(), self._connections.transaction(begin) as cursor:
            yield cursor


class ReadOnlyDoor(SchemaDoor):
    """One way to a schema for who only asks: nothing of it is written, whatever the role may."""

    def writing(self, **_: bool) -> NoReturn:
        """Refuse: these views are open for reading alone."""
        raise Unavailable(f"{VIEW_STORE}, which is open for reading alone,")


@contextmanager
def translated() -> Iterator[None]:
    """Turn PostgreSQL's errors into ours; theirs can quote what was to be written."""
    try:
        yield
    except psycopg.Error:
        raise Unavailable(VIEW_STORE) from None
