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

from adapters.views.schema import first_entry
from domain.errors import Unavailable
from services.views import Counted, Counts, Period, Question, Recurrence

# CROSS JOIN says the order: along the primary key from a cell to its rows of one ledger, and from
# each of these to its few intervals.
_LIVE = """
FROM contribution AS c CROSS JOIN standing AS s ON s.entry = c.entry
    AND s.since < :size AND (s.until IS NULL OR s.until >= :size)
WHERE c.cell IN (SELECT value FROM json_each(:cells)) AND c.entry BETWEEN :first AND :last
"""
_COUNTED = f"""
SELECT {{period}}, COUNT(DISTINCT c.entry),
    COUNT(DISTINCT NULLIF(c.episode, 0)), COUNT(DISTINCT NULLIF(c.subject, 0))
{_LIVE} AND s.day BETWEEN :first_day AND :last_day {{condition}}
GROUP BY 1 ORDER BY 1
"""
_EARLIER = f"INSERT INTO earlier SELECT DISTINCT c.subject, s.day, c.entry {_LIVE}"
_RECURRED = """
AND c.subject <> 0 AND :at_least <= (
    SELECT COUNT(*) FROM earlier AS e
    WHERE e.subject = c.subject AND e.day BETWEEN s.day - :within AND s.day
        AND (e.day < s.day OR e.entry < c.entry)
)
"""
# Months count from year 0: three are a quarter, and nine more put April first.
_PERIODS: Mapping[Period, str] = {
    "month": "s.month",
    "quarter": "s.month / 3 * 3",
    "year-to-march": "(s.month + 9) / 12",
    "whole": "0",
}


def count(
    connection: sqlite3.Connection, question: Question, recurrence: Recurrence | None
) -> Counts:
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
        condition = ""
        if recurrence is not None:
            bounds |= {"within": recurrence.within_days, "at_least": recurrence.at_least}
            condition = _RECURRED
            _remember_earlier(connection, bounds | _cells(connection, recurrence.after))
        statement = _COUNTED.format(period=_PERIODS[question.period], condition=condition)
        for group, cells in sorted(question.groups.items()):
            found = connection.execute(statement, bounds | _cells(connection, cells))
            rows += (
                Counted(ledger, group, _label(question.period, period), *numbers)
                for period, *numbers in found
            )
    return Counts(tuple(rows), positions)


def ledger_row(connection: sqlite3.Connection, ledger: str) -> tuple[int, int]:
    """Give a ledger's number and how many entries are folded; (0, 0) for one never met."""
    row = connection.execute("SELECT id, position FROM ledger WHERE name = ?", [ledger]).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def _bounds(question: Question, number: int, size: int) -> dict[str, object]:
    return {
        "first": first_entry(number),
        "last": first_entry(number + 1) - 1,
        "size": size,
        "first_day": (question.occurred_from or date.min).toordinal(),
        "last_day": (question.occurred_to or date.max).toordinal(),
    }


def _cells(connection: sqlite3.Connection, cells: Collection[str]) -> dict[str, object]:
    """Give the numbers of cells; one that no event has added to yet has none."""
    found = connection.execute(
        "SELECT id FROM word WHERE text IN (SELECT value FROM json_each(?))",
        [json.dumps(sorted(cells))],
    )
    return {"cells": json.dumps([row[0] for row in found])}


def _remember_earlier(connection: sqlite3.Connection, bounds: Mapping[str, object]) -> None:
    """Lay out what recurrence looks back at, once a ledger: a child's events by day."""
    connection.execute("DROP TABLE IF EXISTS temp.earlier")
    connection.execute(
        "CREATE TEMP TABLE earlier (subject INTEGER, day INTEGER, entry INTEGER, "
        "PRIMARY KEY (subject, day, entry)) WITHOUT ROWID"
    )
    connection.execute(_EARLIER, bounds)


def _label(period: Period, number: int) -> str:
    if period == "whole":
        return ""
    if period == "year-to-march":
        return str(number)
    return f"{number // 12:04}-{number % 12 + 1:02}"
