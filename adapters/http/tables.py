"""An answer's rows as CSV: for a spreadsheet that changes what it is given, and for a program.

A byte order mark and CRLF, so that Excel reads UTF-8 and RFC 4180 holds; what stands in a cell is
`adapters.spreadsheets`'s to say. What an answer says beside its rows stands in the last columns of
every row, so that a figure carries what it stands on wherever it is copied to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from adapters.spreadsheets import MARK, cell, line
from domain.canonical import JsonValue

CSV_TYPE = "text/csv; charset=utf-8; header=present"
_WORD = re.compile(r"[^a-z0-9]+")
STANDS_ON = (
    "agreement", "purpose", "right", "read_by", "filters", "as_of", "positions", "folded",
    "registered", "sources_data_to", "sources_gaps", "mapping", "policy", "rule_packs",
    "views_version", "suppression", "proof", "erasures_since", "parked", "left_out", "note",
)  # fmt: skip
"""What every answer says, in the columns behind the rows' own; of its feeds the days that they have
come to, and what is missing of them."""

TIDY = (
    "view", "period_kind", "measure", "breakdown", "borough", "period", "period_from", "period_to",
    "cut", "value", "counts", "source", "numerator", "mark", "denominator", "denominator_source",
    "rate", "per", "year_before_numerator", "year_before_rate", "change", "change_percent",
    "rate_england", "rate_london", "rate_outer_london", "flags", "explanations",
)  # fmt: skip
"""The columns of the long table, before what each answer stands on."""

Row = Mapping[str, JsonValue]


def csv_of(answer: Row) -> bytes:
    """Give an answer's rows; without any, the columns alone that say what an answer stands on."""
    rows = list(_flat_rows(answer))
    own = dict.fromkeys(name for row in rows for name in row if name not in STANDS_ON)
    return _table([*own, *STANDS_ON], rows)


def tidy_csv_of(answers: Iterable[Row]) -> bytes:
    """Give the figures of several answers as one long table with the same columns for all.

    What an answer calls by names of its own (a published column's episodes, an indicator's line)
    stands under the names that the themes' rows have.
    """
    columns = [*TIDY, *STANDS_ON]
    pieces = (_lines(columns, map(_tidied, _flat_rows(answer))) for answer in answers)
    return MARK + line(columns) + b"".join(pieces)


def _tidied(row: Row) -> Row:
    """Give a row under the tidy names, where it goes by others."""
    found = dict(row)
    if "episodes" in row:  # a published column, counted as the Department counts it
        found |= {"numerator": row["episodes"], "counts": "episodes", "borough": row["ledger"]}
        found |= {"period_kind": "year-to-march", "source": "events"}
    if "indicator" in row:
        found |= {"measure": f"indicator {row['indicator']}", "breakdown": row["line"]}
    return found


def _flat_rows(answer: Row) -> Iterator[Row]:
    """Give the rows of an answer as columns, each with what the answer stands on."""
    rows = answer.get("rows")
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        return
    stands_on = {name: _told(answer.get(name)) for name in STANDS_ON}
    stands_on |= _complete(answer)
    of_answer = {"period_kind": answer.get("period"), "view": answer.get("view")}
    for row in rows:
        if isinstance(row, Mapping):
            # What is said of a row must not give way to the same of the answer that it stands in:
            # by which right somebody read, say, to the right of who looks at that.
            own = {
                f"{answer.get('view')}_{name}" if name in {*STANDS_ON, *of_answer} else name: one
                for name, one in _flat("", row)
            }
            yield {**of_answer, **own, **stands_on}


def _complete(answer: Row) -> Row:
    """Say of each source how far its data go, and of those with gaps which numbers are missing."""
    listed = answer.get("feeds")
    feeds = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ()
    told = [one for one in feeds if isinstance(one, Mapping)]
    gaps = [f"{one['source']}={_stretches(one['gaps'])}" for one in told if one["gaps"]]
    return {
        "sources_data_to": "; ".join(f"{one['source']}={one['data_to'] or ''}" for one in told),
        "sources_gaps": "; ".join(gaps),
    }


def _stretches(gaps: JsonValue) -> str:
    """Spell the numbers that are missing: 3-7, 12-12."""
    found = gaps if isinstance(gaps, Sequence) else ()
    return ", ".join(f"{one[0]}-{one[-1]}" for one in found if isinstance(one, Sequence) and one)


def _flat(place: str, value: Row) -> Iterator[tuple[str, JsonValue]]:
    """Give a row's columns: what lies in it by both names, comparators by their areas."""
    for name, one in value.items():
        column = f"{place}{name}"
        if isinstance(one, Mapping):
            yield from _flat(f"{column}_", one)
        elif name == "comparators" and isinstance(one, Sequence):
            yield from _compared(one)
        else:
            yield column, _told(one)


def _compared(comparators: Sequence[JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    for one in comparators:
        if isinstance(one, Mapping):
            area = _WORD.sub("_", str(one.get("area")).lower()).strip("_")
            yield f"rate_{area}", one.get("rate")


def _told(value: JsonValue) -> JsonValue:
    """Spell what is no plain value in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_told(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(str(_told(one)) for one in value)
    return value


def _table(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    return MARK + line(columns) + _lines(columns, rows)


def _lines(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    return b"".join(line([cell(row.get(name)) for name in columns]) for row in rows)
