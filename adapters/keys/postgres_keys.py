"""The key store in a schema of PostgreSQL, on a server apart from the ledgers' where there is one.

    key      a row per key, found by its tag or by its id
    meta     the wrapped index key
    fence    the tags that never have a key again, and whether their rows are gone for good
    store    which store it is; the sequence `change` counts what was done to it
    migration  which release's tables these are

Two roles: the hub's own adds keys and removes none; the eraser's writes the store anew without what
is destroyed. To delete a row, or to VACUUM, leaves its bytes on its page until others need the
room, and any old snapshot keeps them longer. So what stays is put into new files in one
transaction, under a lock that nobody shares, and the old files are cut to nothing by its commit; a
segment of the write-ahead log is ended, and a checkpoint lets go of those before. Of these columns
the server keeps no samples, which would outlive their rows. Who looks meanwhile waits, and must not
look with the eyes of before: a snapshot that is older than the new files finds nothing in them
(`looking`, never `reading`). Changes are counted by a sequence: a row would make all who add wait
for each other. After a crash it may have gone on by a few more, never by fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import Connection, Cursor
from psycopg.rows import DictRow, TupleRow

from adapters.keys.postgres_keys_migrations import MIGRATIONS
from adapters.postgres_connections import Patience, Place, one, refuse_forgetful
from adapters.postgres_migrating import SELECT_VERSION
from adapters.postgres_pool import Connections
from adapters.store_mark import Life, StoreMark
from domain.errors import HomeNotReady, Unavailable
from services.destroying_ports import TagsFenced
from services.ports import WrappedKey

KEY_STORE = "key store"
OF_BEFORE = "SELECT to_regclass('store') IS NOT NULL AND to_regclass('migration') IS NULL"
"""Whether a store was made before its tables were brought from release to release."""

_COLUMNS = "tag, key_id, wrapped, ledger, class"
_FIND = f"SELECT {_COLUMNS} FROM key WHERE tag = ANY (%b)"  # noqa: S608 - our own columns
_BY_ID = f"SELECT {_COLUMNS} FROM key WHERE key_id = ANY (%b)"  # noqa: S608 - our own columns
# In the order of tags, so that two who add the same cannot wait for each other.
_ADD = f"""INSERT INTO key ({_COLUMNS})
    SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[], %b::text[], %b::text[])
        AS fresh (tag, key_id, wrapped, ledger, class) ORDER BY tag
    ON CONFLICT (tag) DO NOTHING"""  # noqa: S608 - our own columns
_MAY_SWITCH = "SELECT has_function_privilege('pg_switch_wal()', 'EXECUTE')"
_FENCED = "SELECT tag FROM fence WHERE tag = ANY (%b)"
_LIFE = "SELECT life, last_value + is_called::int FROM store, change"
_CHANGED = "SELECT nextval('change') + 1"
_MAY_DESTROY = (
    "SELECT bool_or(has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
    " OR pg_has_role(relowner, 'MEMBER')) FROM pg_class"
    " WHERE relnamespace = quote_ident(current_schema())::regnamespace AND relkind = 'r'"
)

ALONE = "LOCK TABLE key IN ACCESS EXCLUSIVE MODE"
_KEPT = """CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM key
    WHERE tag <> ALL (%b::bytea[]) AND key_id <> ALL (%b::bytea[])"""
EMPTY = "TRUNCATE key"
PUT_BACK = f"INSERT INTO key ({_COLUMNS}) SELECT {_COLUMNS} FROM pg_temp.kept"  # noqa: S608 - the same
_FENCE = """INSERT INTO fence (tag, gone) SELECT tag, false FROM unnest(%b::bytea[]) AS it (tag)
    GROUP BY tag ORDER BY tag ON CONFLICT (tag) DO UPDATE SET gone = false"""
_GONE = "UPDATE fence SET gone = true WHERE tag = ANY (%b)"
_ALL_GONE = "SELECT count(*) FROM fence WHERE gone AND tag = ANY (%b)"

_ONE_INDEX_KEY = "SELECT pg_advisory_xact_lock(hashtext('bhr index key'))"
INDEX_KEY = "SELECT index_key FROM meta"
_SET_INDEX_KEY = "INSERT INTO meta VALUES (1, %s)"


class _Keys:
    """The rows of one schema, to be looked at."""

    def __init__(self, place: Place, patience: Patience | None = None) -> None:
        self._connections = Connections(place, KEY_STORE, patience)

    def close(self) -> None:
        """Close the connections, once nobody is using any."""
        self._connections.close()

    def find(self, tags: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these tags, in any order."""
        with translated(), self._connections.looking() as cursor:
            return _rows(cursor, _FIND, tags)

    def by_id(self, key_ids: Sequence[bytes]) -> list[WrappedKey]:
        """Give the rows there are for these key ids, in any order."""
        with translated(), self._connections.looking() as cursor:
            return _rows(cursor, _BY_ID, key_ids)


class PostgresKeyStore(_Keys):
    """The `ErasableKeyStore` port over one schema. Threads may share it, and processes."""

    def __init__(
        self,
        place: Place,
        eraser: Place,
        *,
        mark: StoreMark | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Open a store that was made, under two roles; raises HomeNotReady, or Unavailable.

        Where a home has a `mark` of it, neither another store nor an older one is opened.
        """
        super().__init__(place, patience)
        self._mark = mark
        self._eraser = Connections(eraser, KEY_STORE, patience)
        try:
            with _ready(place.schema), self._connections.looking() as cursor:
                _refuse_unfit(cursor, place.schema)
                self._life = _life(cursor)
            if mark is not None:
                mark.refuse_another(self._life)
                mark.keep(self._life)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections, once nobody is using any."""
        super().close()
        self._eraser.close()

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:
        """Add rows in one transaction; gives the rows that stand for their tags, in order."""
        tags = [row.tag for row in rows]
        fresh = {row.tag: row for row in reversed(rows)}
        with translated(), self._connections.writing() as cursor:
            cursor.execute(_ADD, _columns(list(fresh.values())))
            changes = _changed(cursor) if cursor.rowcount else 0
            # Only now: whoever destroys has either fenced, or waits until this is committed.
            if fenced := cursor.execute(_FENCED, (tags,)).fetchall():
                raise TagsFenced(frozenset(tag for (tag,) in fenced))
            standing = {row.tag: row for row in _rows(cursor, _FIND, tags)}
        self._keep(changes)
        return [standing[tag] for tag in tags]

    def destroy(self, key_ids: Sequence[bytes], tags: Sequence[bytes]) -> None:
        """Destroy keys by their ids, and fence the tags; raises Unavailable, and can be repeated.

        Where it raises, some of it may be done; `destroyed` says whether all is.
        """
        with translated():
            with self._eraser.writing() as cursor:
                cursor.execute(ALONE)
                cursor.execute(_KEPT, (list(tags), list(key_ids)))
                cursor.execute(EMPTY)
                cursor.execute(PUT_BACK)
                cursor.execute(_FENCE, (list(tags),))
                changes = _changed(cursor)
            self._keep(changes)
            with self._eraser.plain() as connection:
                settle(connection)
            with self._eraser.writing() as cursor:
                cursor.execute(_GONE, (list(tags),))

    def _keep(self, changes: int) -> None:
        """Remember how far the store has come, once that is committed; 0 where nothing came."""
        if self._mark is not None and changes:
            self._mark.keep(Life(self._life.store, changes))

    def destroyed(self, tags: Sequence[bytes]) -> bool:
        """Say whether `destroy` was finished for all of these tags."""
        wanted = list(dict.fromkeys(tags))
        with translated(), self._connections.looking() as cursor:
            return cursor.execute(_ALL_GONE, (wanted,)).fetchall() == [(len(wanted),)]

    def index_key(self, make: Callable[[], bytes]) -> bytes:
        """Give the wrapped index key, storing `make()` when there is none yet."""
        with translated(), self._connections.writing() as cursor:
            cursor.execute(_ONE_INDEX_KEY)
            for (standing,) in cursor.execute(INDEX_KEY).fetchall():
                return bytes(standing)
            made = make()
            cursor.execute(_SET_INDEX_KEY, (made,))
        return made


class ReadOnlyPostgresKeys(_Keys):
    """The `KeyStore` port over one schema, for an audit: keys are found, and none is made."""

    def __init__(self, place: Place) -> None:
        """Open a store that was made; raises HomeNotReady, or Unavailable."""
        super().__init__(place.looking())
        try:
            with _ready(place.schema), self._connections.looking() as cursor:
                refuse_another_release_s(cursor, place.schema)
        except BaseException:
            self.close()
            raise

    def add(self, rows: Sequence[WrappedKey]) -> list[WrappedKey]:  # noqa: ARG002 - the port's
        """Refuse: an audit makes no key."""
        raise HomeNotReady("the key store is open for reading alone")

    def index_key(self, make: Callable[[], bytes]) -> bytes:  # noqa: ARG002 - the port's
        """Give the wrapped index key; none is made."""
        with translated(), self._connections.looking() as cursor:
            for (standing,) in cursor.execute(INDEX_KEY).fetchall():
                return bytes(standing)
        raise HomeNotReady("the key store is new: there is nothing to audit yet")


def settle(connection: Connection[DictRow]) -> None:
    """Have the server let go of the old files' names, and of the write-ahead log until now."""
    if one(connection, _MAY_SWITCH):
        connection.execute("SELECT pg_switch_wal()")
    connection.execute("CHECKPOINT")


def another_release_s(schema: str) -> HomeNotReady:
    """Say what is to be done about a store that nothing brings up."""
    return HomeNotReady(
        f"the key store in {schema} is not this release's: copy it by `bhr keys backup` of the"
        " release that made it, move the schema away, and put the copy back by `bhr keys restore`"
    )


def refuse_another_release_s(cursor: Cursor[TupleRow], schema: str) -> None:
    """Raise HomeNotReady for tables that are not this release's."""
    if cursor.execute(OF_BEFORE).fetchall() == [(True,)]:
        raise another_release_s(schema)
    if cursor.execute(SELECT_VERSION).fetchall() != [(len(MIGRATIONS),)]:
        raise HomeNotReady(
            f"the tables in {schema} are not this release's: run its `bhr ledger init` where"
            " stores.json says as whom the key store is made: `keys`, `make`"
        )


def _refuse_unfit(cursor: Cursor[TupleRow], schema: str) -> None:
    refuse_another_release_s(cursor, schema)
    refuse_forgetful(cursor)
    if cursor.execute(_MAY_DESTROY).fetchall() != [(False,)]:
        raise HomeNotReady(
            f"this role may remove keys from {schema}: connect as one that is in bhr_keys and no"
            " more"
        )


def _life(cursor: Cursor[TupleRow]) -> Life:
    ((store, changes),) = cursor.execute(_LIFE).fetchall()
    return Life(bytes(store), changes)


def _changed(cursor: Cursor[TupleRow]) -> int:
    ((changes,),) = cursor.execute(_CHANGED).fetchall()
    return int(changes)


def _rows(cursor: Cursor[TupleRow], statement: str, wanted: Sequence[bytes]) -> list[WrappedKey]:
    cursor.execute(statement, (list(wanted),))
    return [WrappedKey(*row) for row in cursor.fetchall()]


def _columns(rows: Sequence[WrappedKey]) -> tuple[list[bytes] | list[str], ...]:
    return (
        [row.tag for row in rows],
        [row.key_id for row in rows],
        [row.wrapped for row in rows],
        [row.ledger for row in rows],
        [str(row.key_class) for row in rows],
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn PostgreSQL's errors into ours; theirs can quote what was to be written."""
    try:
        yield
    except psycopg.IntegrityError:
        raise HomeNotReady("a key's row is malformed, or its key id stands already") from None
    except psycopg.Error:
        raise Unavailable(KEY_STORE) from None


@contextmanager
def _ready(schema: str) -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError):
        raise Unavailable(KEY_STORE) from None
    except psycopg.Error:
        raise HomeNotReady(
            f"the schema {schema} cannot be read as a key store: see that it was made with"
            " `bhr keys init`, and that this role may use it"
        ) from None
