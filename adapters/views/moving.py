"""Why a number changed: the events that stood at one of two positions alone, and what did it.

What gained an event is read off the entry since which it stands, what lost it off the entry that
ended its last interval: entries that correct or withdraw are few and stand in `amending`. An event
that stood at both positions, but of a child who was left out at one of them alone, is looked for
among that child's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from adapters.views.asking import AskedLedger, Bounds, asked_ledgers, cells
from adapters.views.periods import (
    PERIODS,
    ROLLING_MONTHS,
    first_day,
    label,
    month_of,
    starts_at,
)
from adapters.views.restricting import LEFT_OUT, spelled
from adapters.views.tables import Tables
from services.views import Cause, Moved, Question

_WAS = "s.since < :before AND (s.until IS NULL OR s.until >= :before)"
_IS = "s.since < :size AND (s.until IS NULL OR s.until >= :size)"
_MAX_WAS, _MAX_IS = (f"MAX(CASE WHEN {one} THEN 1 ELSE 0 END)" for one in (_WAS, _IS))
_MOVED: Final = f"""
WITH moved AS (
    SELECT s.entry, s.month, {_MAX_IS} AS gained,
        :first + MAX(s.since) FILTER (WHERE s.since < :size) AS since,
        :first + MAX(s.until) FILTER (WHERE s.since < :size) AS until
    FROM standing AS s
    WHERE s.entry BETWEEN :first AND :last AND s.day BETWEEN :first_day AND :last_day
    GROUP BY s.entry, s.month HAVING {_MAX_WAS} <> {_MAX_IS}
)
INSERT INTO moved SELECT m.entry, m.month, m.gained, CASE
    WHEN m.gained = 0 AND ended.withdraws = 1 THEN 'withdrawn'
    WHEN m.gained = 1 AND m.entry >= :first + :before AND own.entry IS NULL THEN 'recorded'
    WHEN m.gained = 1 AND m.entry < :first + :before AND begun.withdraws = 1 THEN 'stands-again'
    ELSE 'corrected' END
FROM moved AS m LEFT JOIN amending AS own ON own.entry = m.entry
LEFT JOIN amending AS begun ON begun.entry = m.since
LEFT JOIN amending AS ended ON ended.entry = m.until
"""  # noqa: S608 - made of this file's own constants
_LEFT_OUT_BEFORE: Final = "NOT IN (SELECT value FROM json_each(:restricted_before))"
_COUNTED: Final = f"""
SELECT {{period}}, s.cause, s.gained, COUNT(DISTINCT s.entry)
FROM contribution AS c CROSS JOIN moved AS s ON s.entry = c.entry
WHERE c.cell IN (SELECT value FROM json_each(:cells))
    AND c.place BETWEEN :first_place AND :last_place
    AND CASE WHEN s.gained = 1 THEN c.subject {LEFT_OUT} ELSE c.subject {_LEFT_OUT_BEFORE} END
GROUP BY 1, 2, 3
"""  # noqa: S608 - made of this file's own constants
_STAYED: Final = f"""
INSERT INTO stayed SELECT DISTINCT s.entry, s.month
FROM child AS k CROSS JOIN standing AS s ON s.entry = k.entry AND {_WAS}
WHERE k.entry BETWEEN :first AND :last AND k.subject IN (SELECT value FROM json_each(:turned))
    AND s.day BETWEEN :first_day AND :last_day
    AND EXISTS (SELECT 1 FROM standing AS s WHERE s.entry = k.entry AND {_IS})
"""  # noqa: S608 - made of this file's own constants
_TURNED: Final = f"""
SELECT {{period}}, CASE WHEN s.is_in = 1 THEN 'restriction-ended' ELSE 'restricted' END, s.is_in,
    COUNT(*)
FROM (
    SELECT s.entry, s.month,
        MAX(CASE WHEN c.subject {_LEFT_OUT_BEFORE} THEN 1 ELSE 0 END) AS was_in,
        MAX(CASE WHEN c.subject {LEFT_OUT} THEN 1 ELSE 0 END) AS is_in
    FROM contribution AS c CROSS JOIN stayed AS s ON s.entry = c.entry
    WHERE c.cell IN (SELECT value FROM json_each(:cells))
        AND c.place BETWEEN :first_place AND :last_place
    GROUP BY s.entry, s.month
) AS s WHERE s.was_in <> s.is_in GROUP BY 1, 2, 3
"""  # noqa: S608 - made of this file's own constants

_Changes = Counter[tuple[int, Cause, int]]
"""Events by period, cause, and 1 for gained or 0 for lost."""


def moved(tables: Tables, question: Question, before: Mapping[str, int]) -> list[Moved]:
    """Say which events groups gained and lost, inside one read transaction."""
    earlier = asked_ledgers(
        tables, question.ledgers, {name: before.get(name, 0) for name in question.ledgers}
    )
    later = asked_ledgers(tables, question.ledgers, question.as_of)
    found: list[Moved] = []
    for one, then in zip(later, earlier, strict=True):
        if then.size > one.size:
            raise ValueError("what a number is compared with lies before it")
        found += _of_ledger(tables, question, one, then)
    return sorted(found)


def _of_ledger(
    tables: Tables, question: Question, ledger: AskedLedger, before: AskedLedger
) -> Iterator[Moved]:
    rolling = question.period == "rolling-12"
    first = question.occurred_from
    if rolling and first is not None:
        first = first_day(starts_at(month_of(first)))
    days = ledger.between(first, question.occurred_to)
    bounds: Bounds = {
        **ledger.bounds(),
        **days,
        "before": before.size,
        "restricted_before": spelled(before.restricted),
        "turned": spelled(sorted({*before.restricted} ^ {*ledger.restricted})),
    }
    _lay_out_moved(tables, bounds)
    statements = [one.format(period=PERIODS[question.period]) for one in (_COUNTED, _TURNED)]
    for group, texts in question.groups.items():
        asked = {**bounds, **cells(tables, texts)}
        rows = [row for one in statements for row in tables.execute(one, asked)]
        changes: _Changes = Counter({(one, why, way): many for one, why, way, many in rows})
        if rolling:
            changes = _rolled(changes, question)
        for period, cause in {(period, cause) for period, cause, _ in changes}:
            gained, lost = changes[period, cause, 1], changes[period, cause, 0]
            yield Moved(ledger.name, group, label(question.period, period), cause, gained, lost)


def _lay_out_moved(tables: Tables, bounds: Bounds) -> None:
    """Lay out which events stand at one of the positions alone, and which may be seen at one."""
    tables.lay_out("moved", "entry INTEGER PRIMARY KEY, month INTEGER, gained INTEGER, cause TEXT")
    tables.execute(_MOVED, bounds)
    tables.lay_out("stayed", "entry INTEGER PRIMARY KEY, month INTEGER")
    tables.execute(_STAYED, bounds)


def _rolled(changes: _Changes, question: Question) -> _Changes:
    """Have each month's events in all windows that look at it: an event happens in one month."""
    if not changes:
        return changes
    since = month_of(question.occurred_from or date.min)
    latest = max(month for month, _, _ in changes)
    until = latest if question.occurred_to is None else month_of(question.occurred_to)
    found: _Changes = Counter()
    for (month, cause, gained), many in changes.items():
        for window in range(max(month, since), min(month + ROLLING_MONTHS - 1, until) + 1):
            found[window, cause, gained] += many
    return found
