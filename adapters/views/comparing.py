"""Digests of one ledger's views, by which rebuilt or replayed ones are compared with the live.

Two files number children, episodes, cells and ledgers in the order in which they met them, and key
their tags differently. So a child is named here by the first entry in which it is met, and texts
stand for numbers: equal views have equal digests, and one row, interval or child apart shows.

Rows that keep their past are digested as of any position. Registers, links, the parked, the left
out and the destroyed are as of the last one alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from adapters.views.asking import ledger_row
from adapters.views.schema import first_entry, place
from adapters.views.tables import Tables
from adapters.views.trait_book import TraitBook
from domain.errors import Unavailable
from services.views import LedgerDigest

_ROWS = """
SELECT word.text, c.entry - :first, s.since, CASE WHEN s.until < :size THEN s.until END, s.day,
    c.place - :place, child.entry, episode.entry
FROM contribution AS c
JOIN word ON word.id = c.cell
JOIN standing AS s ON s.entry = c.entry AND s.since < :size
LEFT JOIN met AS child ON child.number = c.subject
LEFT JOIN met AS episode ON episode.number = c.episode
WHERE c.entry BETWEEN :first AND :last
ORDER BY 1, 2, 3, COALESCE(child.entry, -1), COALESCE(episode.entry, -1), 6
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
WHERE k.entry BETWEEN :first AND :last ORDER BY 1, COALESCE(child.entry, -1)
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
SELECT word.text, t.entry - :first, t.key, t.body, s.since,
    CASE WHEN s.until < :size THEN s.until END
FROM told AS t JOIN word ON word.id = t.telling
LEFT JOIN standing AS s ON s.entry = t.entry AND s.since < :size
WHERE t.entry BETWEEN :first AND :last ORDER BY 1, 2, 5
"""
_STANDING = """
SELECT entry - :first, since, CASE WHEN until < :size THEN until END, day, month FROM standing
WHERE entry BETWEEN :first AND :last AND since < :size ORDER BY 1, 2
"""
_AMENDING = """
SELECT entry - :first, withdraws FROM amending WHERE entry BETWEEN :first AND :last ORDER BY 1
"""
_DAYS = "SELECT day, position FROM day WHERE ledger = :ledger AND position < :size ORDER BY day"
_APART = {
    "links": (
        "SELECT position, event_id, CASE WHEN names IS NULL THEN event_id ELSE root END, depth, "
        "withdrawn FROM link WHERE ledger = :ledger ORDER BY position"
    ),
    "parked": (
        "SELECT position, stream, since, reason, source, sequence FROM parked "
        "WHERE ledger = :ledger ORDER BY position"
    ),
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
WHERE entry BETWEEN :first AND :last ORDER BY 1, 2, 4
"""
_WITH_PAST = {
    "amending": _AMENDING,
    "days": _DAYS,
    "keys": _KEYED,
    "linkage": _LINKAGE,
    "restrictions": _RESTRICTIONS,
    "standing": _STANDING,
}
_STATES = "SELECT register, key, state FROM state WHERE ledger = :ledger ORDER BY register, key"


def digest(tables: Tables, book: TraitBook, ledger: str, size: int | None) -> LedgerDigest:
    """Digest one ledger inside one transaction: all of it, or what keeps its past, as of a size."""
    number, position = ledger_row(tables, ledger)
    if size is not None and size > position:
        raise Unavailable("the view at that position")
    at = position if size is None else size
    bounds = {"first": first_entry(number), "last": first_entry(number) + at - 1}
    for name, statement in (("met", _MET), ("met_linked", _MET_LINKED)):
        tables.lay_out(name, "number INTEGER PRIMARY KEY, entry INTEGER NOT NULL")
        tables.execute(statement, bounds)
    asked = {**bounds, "ledger": number, "place": place(number, 0), "size": at}
    parts = dict(_with_past(tables, book, asked))
    if size is None:
        states = _apart(tables.walk(_STATES, asked))
        parts |= {f"register {name}": value for name, value in states}
        for name, statement in _APART.items():
            parts[name] = _digest(tables.walk(statement, asked))
    return LedgerDigest(ledger, at, parts)


def _with_past(
    tables: Tables, book: TraitBook, asked: Mapping[str, int]
) -> Iterator[tuple[str, bytes]]:
    """Digest what says itself since when and until when it held."""
    for name, value in _apart(tables.walk(_ROWS, asked)):
        yield f"cell {name}", value
    for name, value in _apart(tables.walk(_TOLD, asked)):
        yield f"telling {name}", value
    traits = book.read(tables)
    children = tables.walk(_CHILDREN, asked)
    yield "children", _digest((*who, traits[said]) for *who, said in children)
    for name, statement in _WITH_PAST.items():
        yield name, _digest(tables.walk(statement, asked))


def _apart(rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[object, bytes]]:
    """Digest rows apart by their first column, which they are in order of."""
    for name, some in groupby(rows, key=lambda row: row[0]):
        yield name, _digest(some)


def _digest(rows: Iterable[tuple[object, ...]]) -> bytes:
    total = hashlib.sha256()
    for row in rows:
        total.update(repr(row).encode())
    return total.digest()
