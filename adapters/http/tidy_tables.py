"""Several answers as one long table: one row a figure, with the same columns for all.

What an answer calls by names of its own (a published column's episodes, an indicator's line, a pair
of boroughs) stands under the names that the themes' rows have. Behind the columns of `TIDY` stands
a rate for each area of a registered comparator, in order of name, and what each answer stands on.
"""

from __future__ import annotations

from collections.abc import Iterable

from adapters.http.tables import STANDS_ON, Row, flat_rows, lines
from adapters.spreadsheets import MARK, line

TIDY = (
    "view", "period_kind", "headline", "measure", "breakdown", "borough", "period", "period_from",
    "period_to", "cut", "value", "counts", "source", "numerator", "mark", "denominator",
    "denominator_source", "rate", "per", "no_rate", "year_before_numerator", "year_before_rate",
    "change", "change_percent", "flags", "explanations", "lower_bound",
)  # fmt: skip
"""The columns of the long table, before the comparators and what each answer stands on."""
_AREA = "rate_"


def tidy_csv_of(answers: Iterable[Row]) -> bytes:
    """Give every figure of several answers as one long table."""
    areas: set[str] = set()
    rows: list[Row] = []
    for answer in answers:
        for row in map(_tidied, flat_rows(answer)):
            areas |= {name for name in row if name.startswith(_AREA)}
            rows.append(row)
    columns = [*TIDY, *sorted(areas), *STANDS_ON]
    return MARK + line(columns) + lines(columns, rows)


def _tidied(row: Row) -> Row:
    """Give a row under the tidy names, where it goes by others."""
    found = dict(row)
    if "episodes" in row:  # a published column, counted as the Department counts it
        found |= {"numerator": row["episodes"], "counts": "episodes", "borough": row["ledger"]}
        found |= {"source": "events"}
    if "indicator" in row:
        found |= {"measure": f"indicator {row['indicator']}", "breakdown": row.get("line")}
    if "both" in row:
        found |= {"measure": "known-to-both", "breakdown": row["theme"], "counts": "children"}
        found |= {"borough": f"{row['first']} and {row['second']}", "numerator": row["both"]}
        found |= {"denominator": row["either"], "period_kind": "whole", "source": "events"}
    if "linkable" in row:
        found |= {"measure": "linkable", "counts": "children", "numerator": row["linkable"]}
        found |= {"cut": "age-band", "value": row["age_band"], "denominator": row["children"]}
        found |= {"rate": row["share"], "per": 100, "period_kind": "whole", "source": "events"}
    return found
