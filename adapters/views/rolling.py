"""Twelve months that roll: distinct over the months that end with each, which no sum of months is.

Whoever is met in month m is in the windows that end with m and the eleven months after it, until
the next month in which it is met takes over. So each is counted once a window, from one pass over
the months in which it is met, and not twelve times over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from adapters.views.periods import ROLLING_MONTHS, month_of

ROLLING = f"""
WITH met AS (SELECT DISTINCT {{value}} AS value, c.{{who}} AS who, s.month AS month
    {{rows}} AND c.{{who}} <> 0),
run AS (SELECT value, month, MIN(month + {ROLLING_MONTHS}, IFNULL(
    LEAD(month) OVER (PARTITION BY value, who ORDER BY month), month + {ROLLING_MONTHS}
)) AS until FROM met)
SELECT value, month, until, COUNT(*) FROM run GROUP BY 1, 2, 3
"""  # noqa: S608 - made of this file's own constants
"""Value, first window and the one after the last, and how many are in just these."""


def starts_at(first: date | None) -> date | None:
    """Give the first day that the window of a day's month looks at; None for any."""
    if first is None:
        return None
    month = max(month_of(first) - ROLLING_MONTHS + 1, month_of(date.min))
    return date(month // 12, month % 12 + 1, 1)


def rolled(
    found: Sequence[Sequence[tuple[int, int, int, int]]], first: date | None, last: date | None
) -> Iterator[tuple[int, int, int, int, int]]:
    """Give window, value, and for each of three runs of `ROLLING` how many are in the window."""
    months = [month for _, month, _, _ in found[0]]
    if not months:
        return
    since = max(min(months), month_of(first or date.min))
    until = max(months) if last is None else month_of(last)
    sums = [_sums(runs) for runs in found]
    for value in sorted({value for value, *_ in found[0]}):
        here = [0] * len(found)
        for month in range(min(months), until + 1):
            here = [one + change[value, month] for one, change in zip(here, sums, strict=True)]
            if month >= since and any(here):
                events, episodes, children = here
                yield month, value, events, episodes, children


def _sums(runs: Sequence[tuple[int, int, int, int]]) -> Counter[tuple[int, int]]:
    changes: Counter[tuple[int, int]] = Counter()
    for value, month, until, many in runs:
        changes[value, month] += many
        changes[value, until] -= many
    return changes
