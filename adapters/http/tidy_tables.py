"""Several answers as one long table: one row a figure, with the same columns for all.

What an answer calls by names of its own (a published column's episodes, an indicator's line, a pair
of boroughs) stands under the names that the themes' rows have. Behind the columns of `TIDY` stands
a rate for each area of a registered comparator, in order of name, and what each answer stands on.

Every line repeats what its answer stands on, so lines are made one answer at a time: what is held
is the answers, each of them recorded as read before the first line leaves, and never the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters.http.tables import STANDS_ON, Row, area_columns, flat_rows, lines
from adapters.spreadsheets import MARK, line

TIDY = (
    "view", "period_kind", "headline", "measure", "breakdown", "borough", "period", "period_from",
    "period_to", "cut", "value", "counts", "source", "numerator", "mark", "denominator",
    "denominator_source", "rate", "per", "no_rate", "year_before_numerator", "year_before_rate",
    "change", "change_percent", "flags", "explanations", "lower_bound",
)  # fmt: skip
"""The columns of the long table, before the comparators and what each answer stands on."""


def tidy_lines(answers: Sequence[Row]) -> Iterator[bytes]:
    """Give the long table of several answers piece by piece: its head, then an answer at a time."""
    areas = {name for answer in answers for name in area_columns(answer)}
    columns = [*TIDY, *sorted(areas), *STANDS_ON]
    yield MARK + line(columns)
    for answer in answers:
        yield lines(columns, map(_tidied, flat_rows(answer)))


def tidy_csv_of(answers: Iterable[Row]) -> bytes:
    """Give every figure of several answers as one long table."""
    return b"".join(tidy_lines(list(answers)))


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
