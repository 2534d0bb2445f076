"""What is done to the rows of a ledger when keys are destroyed, and how the rows are found.

Beside what an event gives stand tags of the keys that its parts are under (`keyed`), in order of
entry, so that writing them costs next to nothing; whoever looks for a key's entries reads all of
them, which happens once an erasure. The ids of destroyed keys stand as they are: random bytes that
open nothing any more. Deleted rows are overwritten, in the file and, once nobody reads it, in its
log.
"""

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator

from adapters.views.asking import ledger_row
from adapters.views.schema import first_entry
from domain.keyed import hmac_sha256
from services.folded import FoldedEvent

_OF_ENTRIES = (
    "child", "contribution", "keyed", "lifting", "linkage", "restriction", "told",
)  # fmt: skip
"""What an event gives, and who is in it: all that goes and comes again."""
_OF_THE_LEDGER = ("day", "left_out", "link", "parked", "state", "touched")
_MOST_PARAMETERS = 500


def key_tag(key: bytes, key_id: bytes) -> int:
    """Give the number that stands for a key in a file of this view key."""
    return int.from_bytes(hmac_sha256(key, b"key\n" + key_id)[:8], "big", signed=True)


def write_keys(
    connection: sqlite3.Connection, ledger: int, view_key: bytes, events: Iterable[FoldedEvent]
) -> None:
    """Write under which keys the parts of events are."""
    first = first_entry(ledger)
    tag = functools.cache(functools.partial(key_tag, view_key))
    connection.executemany(
        "INSERT OR IGNORE INTO keyed VALUES (?, ?)",
        [(first + one.link.position, tag(key)) for one in events for key in one.keys],
    )


def forget(
    connection: sqlite3.Connection,
    ledger: int,
    destroyed: Collection[bytes],
    again: Collection[FoldedEvent],
) -> None:
    """Keep which keys are destroyed, and take away what these events gave."""
    _keep(connection, ledger, destroyed)
    first = first_entry(ledger)
    entries = json.dumps([first + one.link.position for one in again])
    for table in _OF_ENTRIES if again else ():
        connection.execute(
            f"DELETE FROM {table} WHERE entry IN (SELECT value FROM json_each(?))",  # noqa: S608 - ours
            [entries],
        )
    wipe_traits(connection)


def begin_again(
    connection: sqlite3.Connection, ledger: int, before: int, destroyed: Collection[bytes]
) -> None:
    """Take away everything of a ledger, which readers wait for until it is folded so far again."""
    _keep(connection, ledger, destroyed)
    bounds = [first_entry(ledger), first_entry(ledger + 1) - 1]
    for table in (*_OF_ENTRIES, "amending", "standing"):
        connection.execute(
            f"DELETE FROM {table} WHERE entry BETWEEN ? AND ?",  # noqa: S608 - a name of ours
            bounds,
        )
    for table in _OF_THE_LEDGER:
        connection.execute(f"DELETE FROM {table} WHERE ledger = ?", [ledger])  # noqa: S608 - ours
    connection.execute("UPDATE ledger SET again_to = ? WHERE id = ?", [before, ledger])
    wipe_traits(connection)


def wipe_traits(connection: sqlite3.Connection) -> None:
    """Empty the combinations of traits that nobody has any more; their numbers stay taken."""
    connection.execute(
        "UPDATE trait SET sealed = x'' WHERE length(sealed) > 0 "
        "AND id NOT IN (SELECT trait FROM child)"
    )


def destroyed_keys(
    connection: sqlite3.Connection, ledger: str, keys: Collection[bytes]
) -> set[bytes]:
    """Give those of these keys that are destroyed."""
    number, _ = ledger_row(connection, ledger)
    statement = "SELECT key FROM destroyed WHERE ledger = ? AND key IN ({})"
    return {
        row[0]
        for some in _cut([*keys])
        for row in connection.execute(statement.format(",".join("?" * len(some))), [number, *some])
    }


def entries_under(
    connection: sqlite3.Connection, ledger: str, view_key: bytes, keys: Collection[bytes]
) -> list[int]:
    """Give the positions of entries that have a part under one of these keys."""
    number, _ = ledger_row(connection, ledger)
    first, last = first_entry(number), first_entry(number + 1) - 1
    rows = connection.execute(
        "SELECT DISTINCT entry - ? FROM keyed WHERE entry BETWEEN ? AND ? "
        "AND key IN (SELECT value FROM json_each(?)) ORDER BY 1",
        [first, first, last, json.dumps([key_tag(view_key, one) for one in keys])],
    )
    return [row[0] for row in rows]


def parked_for(connection: sqlite3.Connection, ledger: str) -> list[tuple[int, str]]:
    """Give position and reason of what is parked for a reason."""
    number, _ = ledger_row(connection, ledger)
    return connection.execute(
        "SELECT position, reason FROM parked WHERE ledger = ? AND reason IS NOT NULL ORDER BY 1",
        [number],
    ).fetchall()


def forgotten(connection: sqlite3.Connection) -> int:
    """Give how often something was forgotten: what was read at another number may be untrue."""
    times: int = connection.execute("SELECT forgotten FROM meta").fetchone()[0]
    return times


def _keep(connection: sqlite3.Connection, ledger: int, destroyed: Collection[bytes]) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO destroyed VALUES (?, ?)", [(ledger, one) for one in destroyed]
    )
    connection.execute("UPDATE meta SET forgotten = forgotten + 1")
    connection.execute("DELETE FROM total")


def _cut(keys: list[bytes]) -> Iterator[list[bytes]]:
    return (keys[at : at + _MOST_PARAMETERS] for at in range(0, len(keys), _MOST_PARAMETERS))
