"""Counting what is live, in SQL: memory stays flat however many rows there are.

A row counts as of P entries when `since < P` and there is no `until` or `P <= until`, and when its
day is asked for. Distinct events, episodes and children are counted over all cells of a group at
once; nothing is ever a sum of cells or of periods. One statement a group and ledger, so that each
sorts its own rows alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

from adapters.views.asking import AskedLedger, Bounds, asked_ledgers, cells, days, lay_out
from adapters.views.periods import PERIODS, label, period_ends
from adapters.views.rolling import ROLLING, rolled, starts_at
from adapters.views.trait_book import TraitBook
from adapters.views.traits import UNKNOWN, value_of
from projections.projection import AtEnd, Recurrence, Way
from services.views import Counted, Counts, Cut, Question

# CROSS JOIN says the order: along the primary key from a cell to its rows of one ledger, and from
# each of these to its few intervals.
_LIVE = """
FROM contribution AS c CROSS JOIN standing AS s ON s.entry = c.entry
    AND s.since < :size AND (s.until IS NULL OR s.until >= :size)
{joins}
WHERE c.cell IN (SELECT value FROM json_each(:cells)) AND c.entry BETWEEN :first AND :last
"""
_PLAIN_LIVE = _LIVE.format(joins="")
_DISTINCT = """COUNT(DISTINCT c.entry),
    COUNT(DISTINCT NULLIF(c.episode, 0)), COUNT(DISTINCT NULLIF(c.subject, 0))"""
_COUNTED = f"""
SELECT {{period}}, {{value}}, {_DISTINCT}
{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}
GROUP BY 1, 2 ORDER BY 1, 2
"""
_ROWS = f"{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}"

_MAKE_EARLIER = "who INTEGER, day INTEGER, entry INTEGER, PRIMARY KEY (who, day, entry)"
_EARLIER = f"INSERT OR IGNORE INTO earlier SELECT c.{{who}}, s.day, c.entry {_PLAIN_LIVE}"
_RECURRED = """
AND c.{who} <> 0 AND :at_least <= (
    SELECT COUNT(*) FROM earlier AS e
    WHERE e.who = c.{who} AND e.day BETWEEN s.day - :within AND s.day
        AND (e.day < s.day OR e.entry < c.entry)
)
"""
_WHO = {"child": "subject", "episode": "episode"}

_SPELLS = f"""
INSERT INTO spell
SELECT subject, entry, day, LEAD(day) OVER (PARTITION BY subject ORDER BY day, entry)
FROM (
    SELECT DISTINCT c.subject, c.entry, s.day {_PLAIN_LIVE}
        AND c.subject <> 0 AND s.day <= :last_day
)
"""  # noqa: S608 - made of this file's own constants
_STOOD = f"""
SELECT p.period, {{value}}, {_DISTINCT}
FROM period_end AS p
JOIN spell AS s ON s.day <= p.day AND (s.next IS NULL OR s.next > p.day)
JOIN contribution AS c ON c.entry = s.entry AND c.subject = s.subject
    AND c.cell IN (SELECT value FROM json_each(:cells))
{{joins}}
GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 - made of this file's own constants

_UNCUT = {"value": "0", "joins": ""}
_CUT = {
    "value": "IFNULL(v.value, 0)",
    "joins": """LEFT JOIN child AS k ON k.entry = c.entry AND k.subject = c.subject
    LEFT JOIN cut_value AS v ON v.trait = k.trait""",
}

_Row: TypeAlias = tuple[int, int, int, int, int]
"""Period, value, events, episodes, children."""
_Ask: TypeAlias = Callable[[Bounds], Iterator[_Row]]


@dataclass(frozen=True, slots=True)
class _Asking:
    """One question on its way: how it is counted and cut, and the values that it is cut into."""

    connection: sqlite3.Connection
    question: Question
    way: Way | None
    parts: Mapping[str, str]
    values: tuple[str, ...]


def count(
    connection: sqlite3.Connection, book: TraitBook, question: Question, way: Way | None
) -> Counts:
    """Count inside one read transaction, so that rows and positions are of one moment.

    Raises Unavailable when the question is as of a position that is not folded yet.
    """
    asked = asked_ledgers(connection, question.ledgers, question.as_of)
    if question.cut is None:
        asking = _Asking(connection, question, way, _UNCUT, ("",))
    else:
        values = _lay_out_values(connection, book, question.cut)
        asking = _Asking(connection, question, way, _CUT, values)
    rows = tuple(one for ledger in asked for one in _counted(asking, ledger))
    return Counts(rows, {one.name: one.size for one in asked})


def _lay_out_values(connection: sqlite3.Connection, book: TraitBook, cut: Cut) -> tuple[str, ...]:
    """Lay out which number of traits has which value; gives the values in order, by number."""
    found = {number: value_of(traits, cut) for number, traits in book.read(connection).items()}
    values = (UNKNOWN, *sorted({*found.values()} - {UNKNOWN}))
    lay_out(connection, "cut_value", "trait INTEGER PRIMARY KEY, value INTEGER")
    connection.executemany(
        "INSERT INTO cut_value VALUES (?, ?)",
        [(number, values.index(value)) for number, value in found.items()],
    )
    return values


def _counted(asking: _Asking, ledger: AskedLedger) -> Iterator[Counted]:
    question = asking.question
    bounds = {**ledger.bounds(), **days(question.occurred_from, question.occurred_to)}
    ask = _prepared(asking, bounds)
    for group, texts in sorted(question.groups.items()):
        found = [
            Counted(
                ledger.name,
                group,
                label(question.period, period),
                events,
                episodes,
                children,
                asking.values[value],
            )
            for period, value, events, episodes, children in ask(cells(asking.connection, texts))
        ]
        yield from sorted(found, key=lambda one: (one.period, one.value))


def _prepared(asking: _Asking, bounds: Bounds) -> _Ask:
    """Give what counts one ledger's groups; what it looks back at is laid out first."""
    way, question, run = asking.way, asking.question, asking.connection.execute
    if isinstance(way, AtEnd):
        _lay_out_spells(asking, way, bounds)
        stood = _STOOD.format(**asking.parts)
        return lambda of: run(stood, {**bounds, **of})
    condition = ""
    if isinstance(way, Recurrence):
        _lay_out_earlier(asking, way, bounds)
        condition = _RECURRED.format(who=_WHO[way.joined_by])
        bounds = {**bounds, "within": way.within_days, "at_least": way.at_least}
    if question.period == "rolling-12":
        return _rolling(asking, condition, bounds)
    parts = {**asking.parts, "period": PERIODS[question.period], "condition": condition}
    counted = _COUNTED.format(**parts)
    return lambda of: run(counted, {**bounds, **of})


def _rolling(asking: _Asking, condition: str, bounds: Bounds) -> _Ask:
    question, run = asking.question, asking.connection.execute
    earlier = replace(question, occurred_from=starts_at(question.occurred_from))
    bounds = {**bounds, **days(earlier.occurred_from, question.occurred_to)}
    rows = _ROWS.format(**asking.parts, condition=condition)
    statements = [
        ROLLING.format(value=asking.parts["value"], who=who, rows=rows)
        for who in ("entry", "episode", "subject")
    ]
    return lambda of: rolled(
        [run(one, {**bounds, **of}).fetchall() for one in statements],
        question.occurred_from,
        question.occurred_to,
    )


def _lay_out_earlier(asking: _Asking, way: Recurrence, bounds: Bounds) -> None:
    """Lay out whose events there were on which day."""
    lay_out(asking.connection, "earlier", _MAKE_EARLIER)
    of = cells(asking.connection, way.after)
    asking.connection.execute(_EARLIER.format(who=_WHO[way.joined_by]), {**bounds, **of})


def _lay_out_spells(asking: _Asking, way: AtEnd, bounds: Bounds) -> None:
    """Lay out how long each child stood as which event left it, and the ends of the periods."""
    connection, question = asking.connection, asking.question
    lay_out(connection, "spell", "subject INTEGER, entry INTEGER, day INTEGER, next INTEGER")
    lay_out(connection, "period_end", "period INTEGER, day INTEGER")
    connection.execute(_SPELLS, {**bounds, **cells(connection, [way.cell])})
    first, last = connection.execute("SELECT MIN(day), MAX(day) FROM spell").fetchone()
    if first is not None:
        since = max(date.fromordinal(first), question.occurred_from or date.min)
        until = question.occurred_to or date.fromordinal(last)
        ends = period_ends(question.period, since, until) if since <= until else ()
        connection.executemany("INSERT INTO period_end VALUES (?, ?)", ends)
