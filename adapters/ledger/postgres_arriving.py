"""Taking over a ledger that leaves its file: every row as it is, held against its own root.

All of it is the transaction that makes the schema, so there is a whole ledger afterwards or none.
"""

from __future__ import annotations

from psycopg import Connection, sql
from psycopg.rows import DictRow, tuple_row

from adapters.ledger.moved import NUMBERED, TABLES, Leaving
from adapters.ledger.postgres_rows import copy_records
from adapters.ledger.postgres_schema import create_schema
from adapters.ledger.postgres_statements import MOVE_HEAD, SELECT_LEAVES
from adapters.postgres_connections import Place
from domain.errors import HomeNotReady
from domain.record import leaf_bytes_of
from domain.tree import EMPTY_ROOT, Edge, FullTile, leaf_hash

_AT_ONCE = 5_000
_TILES = "SELECT level, number, hashes, top FROM tile ORDER BY level, number"
_LAST = "SELECT setval(pg_get_serial_sequence({name}, 'number'), max(number)) FROM {table}"


def take_over(place: Place, leaving: Leaving) -> None:
    """Make a schema with all that a ledger holds; raises HomeNotReady, and nothing is made then."""
    identity = leaving.identity

    def fill(connection: Connection[DictRow]) -> None:
        _copy(connection, leaving)
        if _root(connection) != identity.root:
            raise HomeNotReady(
                f"entries and tiles of {identity.name} are not those that its head has the root of:"
                " nothing was moved"
            )

    create_schema(place, identity.name, origin=identity.origin, fill=fill)


def _copy(connection: Connection[DictRow], leaving: Leaving) -> None:
    head, root = leaving.identity.head, leaving.identity.root
    with connection.cursor(row_factory=tuple_row) as cursor:
        for rows in leaving.records():
            copy_records(cursor, rows)
            size = rows[-1][0]
            at = root if size == head.size else EMPTY_ROOT
            cursor.execute(MOVE_HEAD, (size, head.recorded_ms, head.fences, at))
        for table, columns in TABLES.items():
            statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, columns)),
                sql.SQL(", ").join([sql.Placeholder()] * len(columns)),
            )
            cursor.executemany(statement, leaving.rows(table))
        for table in NUMBERED:
            cursor.execute(
                sql.SQL(_LAST).format(name=sql.Literal(table), table=sql.Identifier(table))
            )


def _root(connection: Connection[DictRow]) -> bytes | None:
    """Give the root of what was taken over, from its entries alone; None where tiles differ."""
    edge, full = Edge(), list[FullTile]()
    with connection.cursor(row_factory=tuple_row, binary=True) as cursor:
        while rows := cursor.execute(SELECT_LEAVES, (edge.size, _AT_ONCE)).fetchall():
            edge, filled = edge.grown(leaf_hash(leaf_bytes_of(row[0])) for row in rows)
            full += filled
        stored = [FullTile(*row) for row in cursor.execute(_TILES).fetchall()]
        [(size,)] = cursor.execute("SELECT size FROM head").fetchall()
    whole = size == edge.size and sorted(full) == stored
    return edge.root() if whole else None
