"""Digests of one ledger's views, by which a rebuilt file is compared with the live one.

Two files number children, episodes, cells and ledgers in the order in which they met them, and key
their tags differently. So a child is named here by the first entry in which it is met, and texts
stand for numbers: equal views have equal digests, and one row, interval or child apart shows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import groupby

from adapters.views.asking import ledger_row
from adapters.views.schema import first_entry
from adapters.views.tables import Tables
from adapters.views.trait_book import TraitBook
from services.views import LedgerDigest

_ROWS = """
SELECT word.text, c.entry - :first, s.since, s.until, s.day, child.entry, episode.entry
FROM contribution AS c
JOIN word ON word.id = c.cell
JOIN standing AS s ON s.entry = c.entry
LEFT JOIN met AS child ON child.number = c.subject
LEFT JOIN met AS episode ON episode.number = c.episode
WHERE c.entry BETWEEN :first AND :last
ORDER BY 1, 2, 3, 6, 7
"""
_MET = """
INSERT INTO met SELECT number, MIN(entry) - :first FROM (
    SELECT subject AS number, entry FROM contribution WHERE entry BETWEEN :first AND :last
    UNION ALL SELECT episode, entry FROM contribution WHERE entry BETWEEN :first AND :last
) AS named WHERE number <> 0 GROUP BY number
"""
_CHILDREN = """
SELECT k.entry - :first, child.entry, k.trait FROM child AS k
LEFT JOIN met AS child ON child.number = k.subject
WHERE k.entry BETWEEN :first AND :last ORDER BY 1, 2
"""
_LINKAGE = """
SELECT l.entry - :first, child.entry, token.entry FROM linkage AS l
JOIN met AS child ON child.number = l.subject JOIN met_linked AS token ON token.number = l.token
WHERE l.entry BETWEEN :first AND :last ORDER BY 1, 2, 3
"""
_MET_LINKED = """
INSERT INTO met_linked SELECT token, MIN(entry) - :first FROM linkage
WHERE entry BETWEEN :first AND :last GROUP BY token
"""
_TOLD = """
SELECT word.text, t.entry - :first, t.key, t.body, s.since, s.until FROM told AS t
JOIN word ON word.id = t.telling LEFT JOIN standing AS s ON s.entry = t.entry
WHERE t.entry BETWEEN :first AND :last ORDER BY 1, 2, 5
"""
_APART = {
    "links": (
        "SELECT position, event_id, CASE WHEN names IS NULL THEN event_id ELSE root END, depth, "
        "withdrawn FROM link WHERE ledger = :ledger ORDER BY position"
    ),
    "parked": (
        "SELECT position, stream, since, reason, source, sequence FROM parked "
        "WHERE ledger = :ledger ORDER BY position"
    ),
    "days": "SELECT day, position FROM day WHERE ledger = :ledger ORDER BY day",
    "destroyed": "SELECT key FROM destroyed WHERE ledger = :ledger ORDER BY key",
    "left out": (
        "SELECT agreement, entries FROM left_out WHERE ledger = :ledger ORDER BY agreement"
    ),
}
_KEYED = """
SELECT entry - :first, COUNT(*) FROM keyed WHERE entry BETWEEN :first AND :last
GROUP BY 1 ORDER BY 1
"""
_RESTRICTIONS = """
SELECT entry - :first, event, last_day, COUNT(*) FROM restriction
WHERE entry BETWEEN :first AND :last GROUP BY 1, 2, 3
UNION ALL SELECT entry - :first, placed, NULL, 0 FROM lifting
WHERE entry BETWEEN :first AND :last ORDER BY 1, 2
"""
_STATES = "SELECT register, key, state FROM state WHERE ledger = :ledger ORDER BY register, key"


def digest(tables: Tables, book: TraitBook, ledger: str) -> LedgerDigest:
    """Digest one ledger inside one transaction."""
    number, position = ledger_row(tables, ledger)
    place = {"first": first_entry(number), "last": first_entry(number + 1) - 1}
    for name, statement in (("met", _MET), ("met_linked", _MET_LINKED)):
        tables.lay_out(name, "number INTEGER PRIMARY KEY, entry INTEGER NOT NULL")
        tables.execute(statement, place)
    parts = {f"cell {name}": value for name, value in _apart(tables.walk(_ROWS, place))}
    told = _apart(tables.walk(_TOLD, place))
    parts |= {f"telling {name}": value for name, value in told}
    states = tables.walk(_STATES, {"ledger": number})
    parts |= {f"register {name}": value for name, value in _apart(states)}
    traits = book.read(tables)
    children = tables.walk(_CHILDREN, place)
    parts["children"] = _digest((*who, traits[said]) for *who, said in children)
    parts["linkage"] = _digest(tables.walk(_LINKAGE, place))
    parts["restrictions"] = _digest(tables.execute(_RESTRICTIONS, place))
    parts["keys"] = _digest(tables.walk(_KEYED, place))
    for name, statement in _APART.items():
        parts[name] = _digest(tables.walk(statement, {"ledger": number}))
    return LedgerDigest(ledger, position, parts)


def _apart(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, bytes]]:
    """Digest rows apart by their first column, which they are in order of."""
    for name, some in groupby(rows, key=lambda row: row[0]):
        yield name, _digest(some)


def _digest(rows: Iterable[tuple[object, ...]]) -> bytes:
    total = hashlib.sha256()
    for row in rows:
        total.update(repr(row).encode())
    return total.digest()
