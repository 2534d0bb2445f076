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
from collections.abc import Collection, Iterable

from adapters.views.asking import cut, ledger_row
from adapters.views.schema import first_entry
from adapters.views.tables import Tables
from domain.keyed import hmac_sha256
from services.folded import FoldedEvent

_OF_ENTRIES = (
    "child", "contribution", "keyed", "lifting", "linkage", "restriction", "told",
)  # fmt: skip
"""What an event gives, and who is in it: all that goes and comes again."""
_OF_THE_LEDGER = ("day", "left_out", "link", "parked", "state", "touched")


def key_tag(key: bytes, key_id: bytes) -> int:
    """Give the number that stands for a key in a file of this view key."""
    return int.from_bytes(hmac_sha256(key, b"key\n" + key_id)[:8], "big", signed=True)


def write_keys(tables: Tables, ledger: int, view_key: bytes, events: Iterable[FoldedEvent]) -> None:
    """Write under which keys the parts of events are."""
    first = first_entry(ledger)
    tag = functools.cache(functools.partial(key_tag, view_key))
    tables.add(
        "keyed", {(first + one.link.position, tag(key)) for one in events for key in one.keys}
    )


def forget(
    tables: Tables,
    ledger: int,
    destroyed: Collection[bytes],
    again: Collection[FoldedEvent],
) -> None:
    """Keep which keys are destroyed, and take away what these events gave."""
    _keep(tables, ledger, destroyed)
    first = first_entry(ledger)
    entries = json.dumps([first + one.link.position for one in again])
    for table in _OF_ENTRIES if again else ():
        tables.execute(
            f"DELETE FROM {table} WHERE entry IN (SELECT value FROM json_each(?))",  # noqa: S608 - ours
            [entries],
        )
    wipe_traits(tables)


def begin_again(tables: Tables, ledger: int, before: int, destroyed: Collection[bytes]) -> None:
    """Take away everything of a ledger, which readers wait for until it is folded so far again."""
    _keep(tables, ledger, destroyed)
    bounds = [first_entry(ledger), first_entry(ledger + 1) - 1]
    for table in (*_OF_ENTRIES, "amending", "standing"):
        tables.execute(
            f"DELETE FROM {table} WHERE entry BETWEEN ? AND ?",  # noqa: S608 - a name of ours
            bounds,
        )
    for table in _OF_THE_LEDGER:
        tables.execute(f"DELETE FROM {table} WHERE ledger = ?", [ledger])  # noqa: S608 - ours
    tables.execute("UPDATE ledger SET again_to = ? WHERE id = ?", [before, ledger])
    wipe_traits(tables)


def wipe_traits(tables: Tables) -> None:
    """Empty the combinations of traits that nobody has any more; their numbers stay taken."""
    tables.execute(
        "UPDATE trait SET sealed = ? WHERE length(sealed) > 0 "
        "AND id NOT IN (SELECT DISTINCT trait FROM child)",
        [b""],
    )


def destroyed_keys(tables: Tables, ledger: str, keys: Collection[bytes]) -> set[bytes]:
    """Give those of these keys that are destroyed."""
    number, _ = ledger_row(tables, ledger)
    statement = "SELECT key FROM destroyed WHERE ledger = ? AND key IN ({})"
    return {
        row[0]
        for marks, some in cut(keys)
        for row in tables.execute(statement.format(marks), [number, *some])
    }


def entries_under(
    tables: Tables, ledger: str, view_key: bytes, keys: Collection[bytes]
) -> list[int]:
    """Give the positions of entries that have a part under one of these keys."""
    number, _ = ledger_row(tables, ledger)
    first, last = first_entry(number), first_entry(number + 1) - 1
    rows = tables.execute(
        "SELECT DISTINCT entry - ? FROM keyed WHERE entry BETWEEN ? AND ? "
        "AND key IN (SELECT value FROM json_each(?)) ORDER BY 1",
        [first, first, last, json.dumps([key_tag(view_key, one) for one in keys])],
    )
    return [row[0] for row in rows]


def parked_for(tables: Tables, ledger: str) -> list[tuple[int, str]]:
    """Give position and reason of what is parked for a reason."""
    number, _ = ledger_row(tables, ledger)
    found = tables.execute(
        "SELECT position, reason FROM parked WHERE ledger = ? AND reason IS NOT NULL ORDER BY 1",
        [number],
    )
    return [(position, reason) for position, reason in found]


def forgotten(tables: Tables) -> int:
    """Give how often something was forgotten: what was read at another number may be untrue."""
    return sum(row[0] for row in tables.execute("SELECT forgotten FROM meta"))


def _keep(tables: Tables, ledger: int, destroyed: Collection[bytes]) -> None:
    tables.each(
        "INSERT INTO destroyed VALUES (?, ?) ON CONFLICT DO NOTHING",
        [(ledger, one) for one in destroyed],
    )
    tables.execute("UPDATE meta SET forgotten = forgotten + 1")
    tables.execute("DELETE FROM total")
