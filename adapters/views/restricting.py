"""Whom the views leave out as of a position: kept as rows, and looked up once a question.

There are few restrictions and fewer that stand. So no row of a restricted child is touched: who is
left out is a set, worked out from what stood at the position, on the London day of the last entry
before it (`day` has where each begins), and every statement that counts leaves that set out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date

from adapters.views.schema import first_entry
from adapters.views.tables import Tables
from services.folded import FoldedEvent

LEFT_OUT = "NOT IN (SELECT value FROM json_each(:restricted))"
"""What is said of a subject's column, to leave out whom the question leaves out."""

_STANDS = "since < :size AND (until IS NULL OR until >= :size)"
_ROOT = "CASE WHEN {0}.names IS NULL THEN {0}.event_id ELSE {0}.root END"
_RESTRICTED = f"""
SELECT DISTINCT r.subject FROM restriction AS r
JOIN link AS placed ON placed.event_id = r.event AND placed.ledger = :ledger
WHERE r.entry BETWEEN :first AND :last
AND EXISTS (SELECT 1 FROM standing AS s WHERE s.entry = r.entry AND {_STANDS})
AND (r.last_day IS NULL OR r.last_day >= (
    SELECT MAX(day) FROM day WHERE ledger = :ledger AND position < :size
))
AND NOT EXISTS (
    SELECT 1 FROM lifting AS l
    JOIN link AS named ON named.event_id = l.placed AND named.ledger = :ledger
    WHERE l.entry BETWEEN :first AND :last
    AND EXISTS (SELECT 1 FROM standing AS s WHERE s.entry = l.entry AND {_STANDS})
    AND {_ROOT.format("named")} = {_ROOT.format("placed")}
) ORDER BY 1
"""  # noqa: S608 - made of this file's own constants


def write_restrictions(
    tables: Tables,
    ledger: int,
    events: Sequence[FoldedEvent],
    tag: Callable[[str | None], int],
) -> None:
    """Write what events say of whom folds leave out."""
    first = first_entry(ledger)
    said = [(first + one.link.position, one.link, one.restriction) for one in events]
    tables.add(
        "restriction",
        [
            (entry, tag(subject), link.event_id.bytes, until and until.toordinal())
            for entry, link, restriction in said
            if restriction is not None
            for until in [restriction.until]
            for subject in restriction.subjects
        ],
    )
    tables.add(
        "lifting",
        [
            (entry, restriction.lifts.bytes)
            for entry, _, restriction in said
            if restriction is not None and restriction.lifts is not None
        ],
    )


def write_days(tables: Tables, ledger: int, days: Sequence[tuple[date, int]]) -> None:
    """Write where London days begin; the first to say so is right."""
    tables.each(
        "INSERT INTO day VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(ledger, day.toordinal(), position) for day, position in days],
    )


def restricted(tables: Tables, ledger: int, size: int) -> tuple[int, ...]:
    """Give the subjects of a ledger who are left out as of so many entries, in order."""
    bounds = {
        "ledger": ledger,
        "first": first_entry(ledger),
        "last": first_entry(ledger + 1) - 1,
        "size": size,
    }
    return tuple(row[0] for row in tables.execute(_RESTRICTED, bounds))


def spelled(subjects: Sequence[int]) -> str:
    """Spell subjects for a statement's `:restricted`."""
    return json.dumps(list(subjects))
