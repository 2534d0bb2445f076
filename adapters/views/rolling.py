"""Twelve months that roll: distinct over the months that end with each, which no sum of months is.

Whoever is met in month m is in the windows that end with m and the eleven months after it, until
the next month in which it is met takes over. So each is counted once a window, from one pass over
the months in which it is met, and not twelve times over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from adapters.views.periods import ROLLING_MONTHS

ROLLING_COLUMNS = "value INTEGER, month INTEGER, entry INTEGER, episode INTEGER, subject INTEGER"
"""The table `rolling` of a question, which holds every row that counts, once."""

_EVENTS = f"""
SELECT value, month, month + {ROLLING_MONTHS}, COUNT(DISTINCT entry) FROM rolling GROUP BY 1, 2
"""  # noqa: S608 - made of this file's own constants
_MET = f"""
WITH met AS (SELECT DISTINCT value, {{who}} AS who, month FROM rolling WHERE {{who}} <> 0),
run AS (
    SELECT value, month, LEAD(month) OVER (PARTITION BY value, who ORDER BY month) AS later FROM met
)
SELECT value, month,
    CASE WHEN later < month + {ROLLING_MONTHS} THEN later ELSE month + {ROLLING_MONTHS} END,
    COUNT(*)
FROM run GROUP BY 1, 2, 3
"""  # noqa: S608 - made of this file's own constants
ROLLING = (_EVENTS, _MET.format(who="episode"), _MET.format(who="subject"))
"""Value, first window and the one after the last, and how many are in just these: events, which
happen in one month each, episodes and children."""


def rolled(
    found: Sequence[Sequence[tuple[int, int, int, int]]], windows: range
) -> Iterator[tuple[int, int, int, int, int]]:
    """Give window, value, and for each of three runs of `ROLLING` how many are in the window."""
    months = [month for _, month, _, _ in found[0]]
    if not months:
        return
    sums = [_sums(runs) for runs in found]
    for value in {value for value, *_ in found[0]}:
        here = [0] * len(found)
        for month in range(min(months), windows.stop):
            here = [one + change[value, month] for one, change in zip(here, sums, strict=True)]
            if month in windows and any(here):
                events, episodes, children = here
                yield month, value, events, episodes, children


def _sums(runs: Sequence[tuple[int, int, int, int]]) -> Counter[tuple[int, int]]:
    changes: Counter[tuple[int, int]] = Counter()
    for value, month, until, many in runs:
        changes[value, month] += many
        changes[value, until] -= many
    return changes
