"""Counting what is live, in SQL: memory stays flat however many rows there are.

A row counts as of P entries when `since < P` and there is no `until` or `P <= until`, and when its
day is asked for. Distinct events, episodes and children are counted over all cells of a group at
once; nothing is ever a sum of cells or of periods. One statement a group and ledger, so that each
sorts its own rows alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from datetime import date

from adapters.views.periods import PERIODS, label, period_ends
from adapters.views.schema import first_entry
from domain.errors import Unavailable
from projections.projection import AtEnd, Recurrence, Way
from services.views import Counted, Counts, Question

_Bounds = Mapping[str, object]

# CROSS JOIN says the order: along the primary key from a cell to its rows of one ledger, and from
# each of these to its few intervals.
_LIVE = """
FROM contribution AS c CROSS JOIN standing AS s ON s.entry = c.entry
    AND s.since < :size AND (s.until IS NULL OR s.until >= :size)
WHERE c.cell IN (SELECT value FROM json_each(:cells)) AND c.entry BETWEEN :first AND :last
"""
_DISTINCT = """COUNT(DISTINCT c.entry),
    COUNT(DISTINCT NULLIF(c.episode, 0)), COUNT(DISTINCT NULLIF(c.subject, 0))"""
_COUNTED = f"""
SELECT {{period}}, {_DISTINCT}
{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}
GROUP BY 1 ORDER BY 1
"""

_MAKE_EARLIER = """
CREATE TEMP TABLE earlier (
    who INTEGER, day INTEGER, entry INTEGER, PRIMARY KEY (who, day, entry)
) WITHOUT ROWID
"""
_EARLIER = f"INSERT INTO earlier SELECT DISTINCT c.{{who}}, s.day, c.entry {_LIVE}"
_RECURRED = """
AND c.{who} <> 0 AND :at_least <= (
    SELECT COUNT(*) FROM earlier AS e
    WHERE e.who = c.{who} AND e.day BETWEEN s.day - :within AND s.day
        AND (e.day < s.day OR e.entry < c.entry)
)
"""
_WHO = {"child": "subject", "episode": "episode"}

_MAKE_SPELLS = (
    "CREATE TEMP TABLE spell (subject INTEGER, entry INTEGER, day INTEGER, next INTEGER)",
    "CREATE TEMP TABLE period_end (period INTEGER, day INTEGER)",
)
_SPELLS = f"""
INSERT INTO spell
SELECT subject, entry, day, LEAD(day) OVER (PARTITION BY subject ORDER BY day, entry)
FROM (SELECT DISTINCT c.subject, c.entry, s.day {_LIVE} AND c.subject <> 0 AND s.day <= :last_day)
"""  # noqa: S608 - made of this file's own constants
_STOOD = f"""
SELECT p.period, {_DISTINCT}
FROM period_end AS p
JOIN spell AS s ON s.day <= p.day AND (s.next IS NULL OR s.next > p.day)
JOIN contribution AS c ON c.entry = s.entry AND c.subject = s.subject
    AND c.cell IN (SELECT value FROM json_each(:cells))
GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - made of this file's own constants


def count(connection: sqlite3.Connection, question: Question, way: Way | None) -> Counts:
    """Count inside one read transaction, so that rows and positions are of one moment.

    Raises Unavailable when the question is as of a position that is not folded yet.
    """
    asked = question.as_of or {}
    positions: dict[str, int] = {}
    rows: list[Counted] = []
    for ledger in sorted(question.ledgers):
        number, folded = ledger_row(connection, ledger)
        positions[ledger] = asked.get(ledger, folded)
        if positions[ledger] > folded:
            raise Unavailable("the view at that position")
        bounds = _bounds(question, number, positions[ledger])
        statement, bounds = _prepared(connection, question, bounds, way)
        for group, cells in sorted(question.groups.items()):
            found = connection.execute(statement, {**bounds, **_cells(connection, cells)})
            rows += (
                Counted(ledger, group, label(question.period, period), *numbers)
                for period, *numbers in found
            )
    return Counts(tuple(rows), positions)


def ledger_row(connection: sqlite3.Connection, ledger: str) -> tuple[int, int]:
    """Give a ledger's number and how many entries are folded; (0, 0) for one never met."""
    row = connection.execute("SELECT id, position FROM ledger WHERE name = ?", [ledger]).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def _bounds(question: Question, number: int, size: int) -> _Bounds:
    return {
        "first": first_entry(number),
        "last": first_entry(number + 1) - 1,
        "size": size,
        "first_day": (question.occurred_from or date.min).toordinal(),
        "last_day": (question.occurred_to or date.max).toordinal(),
    }


def _cells(connection: sqlite3.Connection, cells: Collection[str]) -> _Bounds:
    """Give the numbers of cells; one that no event has added to yet has none."""
    found = connection.execute(
        "SELECT id FROM word WHERE text IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(cells))],
    )
    return {"cells": json.dumps([row[0] for row in found])}


def _prepared(
    connection: sqlite3.Connection, question: Question, bounds: _Bounds, way: Way | None
) -> tuple[str, _Bounds]:
    """Give the statement for one ledger's groups; what it looks back at is laid out first."""
    period = PERIODS[question.period]
    if way is None:
        return _COUNTED.format(period=period, condition=""), bounds
    if isinstance(way, Recurrence):
        _lay_out_earlier(connection, way, bounds)
        condition = _RECURRED.format(who=_WHO[way.joined_by])
        looked_back = {"within": way.within_days, "at_least": way.at_least}
        return _COUNTED.format(period=period, condition=condition), {**bounds, **looked_back}
    _lay_out_spells(connection, way, question, bounds)
    return _STOOD, bounds


def _lay_out_earlier(connection: sqlite3.Connection, way: Recurrence, bounds: _Bounds) -> None:
    """Lay out whose events there were on which day."""
    connection.execute("DROP TABLE IF EXISTS temp.earlier")
    connection.execute(_MAKE_EARLIER)
    cells = _cells(connection, way.after)
    connection.execute(_EARLIER.format(who=_WHO[way.joined_by]), {**bounds, **cells})


def _lay_out_spells(
    connection: sqlite3.Connection, way: AtEnd, question: Question, bounds: _Bounds
) -> None:
    """Lay out how long each child stood as which event left it, and the ends of the periods."""
    for table in ("spell", "period_end"):
        connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    for statement in _MAKE_SPELLS:
        connection.execute(statement)
    connection.execute(_SPELLS, {**bounds, **_cells(connection, [way.cell])})
    first, last = connection.execute("SELECT MIN(day), MAX(day) FROM spell").fetchone()
    if first is not None:
        since = max(date.fromordinal(first), question.occurred_from or date.min)
        until = question.occurred_to or date.fromordinal(last)
        connection.executemany(
            "INSERT INTO period_end VALUES (?, ?)", period_ends(question.period, since, until)
        )
