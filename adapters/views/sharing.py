"""Children whom two ledgers know: records that linkage tokens join, and how many could be joined.

A child may have two records in a borough, and two tokens; so what tokens join, directly or through
others, is one child. Only the joined records are held in memory, by their numbers.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from adapters.views.asking import Bounds, asked_ledgers, cells, days
from adapters.views.trait_book import TraitBook
from adapters.views.traits import UNKNOWN, value_of
from projections.projection import Traits
from services.views import Linkable, Shared, SharedChildren, SharedCounts

_STANDS: Final = "s.since < :size AND (s.until IS NULL OR s.until >= :size)"
_TOKENS: Final = f"""
SELECT DISTINCT l.token, l.subject FROM linkage AS l
CROSS JOIN standing AS s ON s.entry = l.entry AND {_STANDS}
WHERE l.entry BETWEEN :first AND :last ORDER BY 1
"""  # noqa: S608 - made of this file's own constants
_IN_GROUP: Final = f"""
SELECT DISTINCT c.subject FROM contribution AS c
CROSS JOIN standing AS s ON s.entry = c.entry AND {_STANDS}
WHERE c.cell IN (SELECT value FROM json_each(:cells)) AND c.entry BETWEEN :first AND :last
    AND s.day BETWEEN :first_day AND :last_day AND c.subject <> 0
"""  # noqa: S608 - made of this file's own constants
_MET: Final = f"""
SELECT k.subject, k.trait FROM child AS k
CROSS JOIN standing AS s ON s.entry = k.entry AND {_STANDS}
WHERE k.entry BETWEEN :first AND :last AND k.subject <> 0
    AND s.day BETWEEN :first_day AND :last_day
ORDER BY s.day, k.entry
"""  # noqa: S608 - made of this file's own constants

_Record = tuple[str, int]
"""A ledger and the number of a child in it."""


def shared(connection: sqlite3.Connection, book: TraitBook, question: Shared) -> SharedCounts:
    """Count who is known twice, inside one read transaction."""
    ledgers = asked_ledgers(connection, question.ledgers, question.as_of)
    bounds: dict[str, Bounds] = {
        one.name: {**one.bounds(), **days(question.occurred_from, question.occurred_to)}
        for one in ledgers
    }
    tokens = {name: connection.execute(_TOKENS, of).fetchall() for name, of in bounds.items()}
    groups = {
        group: {
            (name, subject)
            for name, of in bounds.items()
            for (subject,) in connection.execute(_IN_GROUP, {**of, **cells(connection, texts)})
        }
        for group, texts in sorted(question.groups.items())
    }
    pairs = tuple(
        _pair(first, second, group, children, members)
        for first, second in itertools.combinations(sorted(tokens), 2)
        for children in [joined({first: tokens[first], second: tokens[second]})]
        for group, members in groups.items()
    )
    traits = book.read(connection)
    linkable = tuple(
        row
        for name, of in bounds.items()
        for row in _linkable(
            name, connection.execute(_MET, of), {subject for _, subject in tokens[name]}, traits
        )
    )
    return SharedCounts(pairs, linkable, {one.name: one.size for one in ledgers})


def joined(tokens: Mapping[str, Iterable[tuple[int, int]]]) -> list[set[_Record]]:
    """Give the sets of records that tokens join, over the ledgers, where that is more than one."""
    by_token: dict[int, set[_Record]] = {}
    for name, rows in tokens.items():
        for token, subject in rows:
            by_token.setdefault(token, set()).add((name, subject))
    whose: dict[_Record, set[_Record]] = {}
    for records in by_token.values():
        together = set().union(*(whose.get(one, {one}) for one in records))
        whose |= dict.fromkeys(together, together)
    found = {id(one): one for one in whose.values()}.values()
    return [one for one in found if len({name for name, _ in one}) > 1]


def _pair(
    first: str, second: str, group: str, children: list[set[_Record]], members: set[_Record]
) -> SharedChildren:
    here = [{name for name, _ in child & members} for child in children]
    return SharedChildren(
        first, second, group, sum(map(bool, here)), sum(len(one) > 1 for one in here)
    )


def _linkable(
    ledger: str,
    met: Iterable[tuple[int, int]],
    with_token: set[int],
    traits: Mapping[int, Traits],
) -> Iterator[Linkable]:
    bands: dict[int, str] = {}
    for subject, number in met:
        band = value_of(traits[number], "age-band")
        if band != UNKNOWN or subject not in bands:
            bands[subject] = band
    for band in sorted({*bands.values()}):
        children = {subject for subject, found in bands.items() if found == band}
        yield Linkable(ledger, band, len(children), len(children & with_token))
