"""Children whom two ledgers know: records that linkage tokens join, and how many could be joined.

A child may have two records in a borough, and two tokens; so what tokens join, directly or through
others, is one child. Only the joined records are held in memory, by their numbers.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.views.asking import Bounds, asked_ledgers, cells
from adapters.views.restricting import LEFT_OUT
from adapters.views.tables import Tables
from adapters.views.trait_book import TraitBook
from adapters.views.traits import UNKNOWN, value_of
from projections.projection import Traits
from services.views import Linkable, Shared, SharedChildren, SharedCounts

_STANDS: Final = "s.since < :size AND (s.until IS NULL OR s.until >= :size)"
_TOKENS: Final = f"""
SELECT DISTINCT l.token, l.subject FROM linkage AS l
CROSS JOIN standing AS s ON s.entry = l.entry AND {_STANDS}
WHERE l.entry BETWEEN :first AND :last AND l.subject {LEFT_OUT} ORDER BY 1
"""  # noqa: S608 - made of this file's own constants
_IN_GROUP: Final = f"""
SELECT DISTINCT c.subject FROM contribution AS c
CROSS JOIN standing AS s ON s.entry = c.entry AND {_STANDS}
WHERE c.cell IN (SELECT value FROM json_each(:cells))
    AND c.place BETWEEN :first_place AND :last_place
    AND s.day BETWEEN :first_day AND :last_day AND c.subject <> 0 AND c.subject {LEFT_OUT}
"""  # noqa: S608 - made of this file's own constants
_MET: Final = f"""
SELECT k.subject, k.trait FROM child AS k
CROSS JOIN standing AS s ON s.entry = k.entry AND {_STANDS}
WHERE k.entry BETWEEN :first AND :last AND k.subject <> 0
    AND s.day BETWEEN :first_day AND :last_day AND k.subject {LEFT_OUT}
ORDER BY s.day, k.entry
"""  # noqa: S608 - made of this file's own constants

_Record = tuple[str, int]
"""A ledger and the number of a child in it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What one ledger knows of its children: tokens with the numbers they are of, and who is where.

    Its numbers mean something to another ledger's alone where both are under one key.
    """

    ledger: str
    size: int
    tokens: tuple[tuple[int, int], ...]
    members: Mapping[str, frozenset[int]]
    """The children of each group."""
    linkable: tuple[Linkable, ...]


def known(tables: Tables, book: TraitBook, question: Shared) -> list[Known]:
    """Read what ledgers of this file know, inside one read transaction."""
    first, last = question.occurred_from, question.occurred_to
    return [
        _known(
            tables,
            book,
            question,
            (one.name, one.size),
            {**one.bounds(), **one.between(first, last)},
        )
        for one in asked_ledgers(tables, question.ledgers, question.as_of)
    ]


def _known(
    tables: Tables,
    book: TraitBook,
    question: Shared,
    ledger: tuple[str, int],
    bounds: Bounds,
) -> Known:
    tokens = tuple(tables.execute(_TOKENS, bounds).fetchall())
    members = {
        group: frozenset(
            subject for (subject,) in tables.execute(_IN_GROUP, {**bounds, **cells(tables, texts)})
        )
        for group, texts in sorted(question.groups.items())
    }
    with_token = {subject for _, subject in tokens}
    met = tables.execute(_MET, bounds)
    linkable = tuple(_linkable(ledger[0], met, with_token, book.read(tables)))
    return Known(*ledger, tokens, members, linkable)


def paired(ledgers: Sequence[Known]) -> SharedCounts:
    """Count who is known twice, over every pair of ledgers."""
    pairs = tuple(
        _pair(first, second, group, children)
        for first, second in itertools.combinations(sorted(ledgers, key=_name), 2)
        for children in [joined({one.ledger: one.tokens for one in (first, second)})]
        for group in first.members
    )
    return SharedCounts(
        pairs,
        tuple(row for one in ledgers for row in one.linkable),
        {one.ledger: one.size for one in ledgers},
    )


def _name(known_here: Known) -> str:
    return known_here.ledger


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


def _pair(first: Known, second: Known, group: str, children: list[set[_Record]]) -> SharedChildren:
    members = {one.ledger: one.members[group] for one in (first, second)}
    here = [{name for name, number in child if number in members[name]} for child in children]
    return SharedChildren(
        first.ledger,
        second.ledger,
        group,
        sum(map(bool, here)),
        sum(len(one) > 1 for one in here),
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
