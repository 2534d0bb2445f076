"""An answer's rows as CSV: for a spreadsheet that changes what it is given, and for a program.

A byte order mark and CRLF, so that Excel reads UTF-8 and RFC 4180 holds; what stands in a cell is
`adapters.spreadsheets`'s to say. What an answer says beside its rows stands in the last columns of
every row, so that a figure carries what it stands on wherever it is copied to. An answer without
rows is one row that says only this.
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
    "registered", "sources_data_to", "sources_loaded_on", "sources_gaps", "mapping", "policy",
    "rule_packs", "views_version", "suppression", "proof", "erasures_since", "parked", "left_out",
    "note",
)  # fmt: skip
"""What every answer says, in the columns behind the rows' own; of its feeds the days that they have
come to and were loaded on, and what is missing of them."""

NO_SOURCE = "no source yet"
"""Stands as the source of what nobody tells of: no number, and no zero either."""

Row = Mapping[str, JsonValue]


def csv_of(answer: Row) -> bytes:
    """Give all that an answer counts: its rows, those beside them, and what has no source yet."""
    rows = list(flat_rows(answer))
    own = dict.fromkeys(name for row in rows for name in row if name not in STANDS_ON)
    columns = [*own, *STANDS_ON]
    return MARK + line(columns) + lines(columns, rows)


def lines(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Give the lines of a table, of these columns."""
    return b"".join(line([cell(row.get(name)) for name in columns]) for row in rows)


def flat_rows(answer: Row) -> Iterator[Row]:
    """Give the rows of an answer as columns, each with what the answer stands on."""
    stands_on = {name: _told(answer.get(name)) for name in STANDS_ON}
    stands_on |= _complete(answer)
    of_answer = {"period_kind": _period_kind(answer), "view": answer.get("view")}
    for row in [*_told_rows(answer)] or [{}]:
        # What is said of a row must not give way to the same of the answer that it stands in:
        # by which right somebody read, say, to the right of who looks at that.
        own = {
            f"{answer.get('view')}_{name}" if name in {*STANDS_ON, *of_answer} else name: one
            for name, one in _flat("", row)
        }
        yield {**of_answer, **own, **stands_on}


def area_columns(answer: Row) -> Iterator[str]:
    """Give the columns of the areas that an answer's rows stand beside, as often as they do."""
    for row in _told_rows(answer):
        for name, _ in _compared(list(_under("comparators", row))):
            yield name


def _period_kind(answer: Row) -> JsonValue:
    """Say by which periods an answer counts; whoever does not choose counts by years to March."""
    asked = answer.get("filters")
    chosen = asked.get("period") if isinstance(asked, Mapping) else None
    years = {"factors", "indicators"}
    return (
        answer.get("period") or chosen or ("year-to-march" if answer.get("view") in years else None)
    )


def _told_rows(answer: Row) -> Iterator[Row]:
    """Give every row that an answer has, wherever in it that stands."""
    also = answer.get("also")
    bound = {name: answer[name] for name in ("lower_bound",) if name in answer}
    if not isinstance(also, Mapping):
        yield from ({**row, **bound} for row in _under("rows", answer))
    else:
        for part, headline in ((answer, True), (also, False)):
            yield from ({**row, "headline": headline} for row in _under("rows", part))
            yield from ({**row, "headline": headline} for row in _dry_measures(part))
    yield from _dry_others(answer)
    yield from ({**row, **bound} for row in _under("coverage", answer))


def _dry_measures(part: Row) -> Iterator[Row]:
    for one in _under("measures", part):
        if one.get("source") == NO_SOURCE:
            yield {"measure": one.get("code"), "source": NO_SOURCE}


def _dry_others(answer: Row) -> Iterator[Row]:
    for one in _under("indicators", answer):
        if one.get("basis") == NO_SOURCE:
            yield {"indicator": one.get("number"), "source": NO_SOURCE}
    for one in _under("late_known_by", answer):
        if one.get("source") == NO_SOURCE:
            yield {"measure": "late", "borough": one.get("borough"), "source": NO_SOURCE}


def _under(name: str, part: Row) -> Iterator[Row]:
    """Give the rows that stand under a name."""
    listed = part.get(name)
    for one in listed if isinstance(listed, Sequence) and not isinstance(listed, str) else ():
        if isinstance(one, Mapping):
            yield one


def _complete(answer: Row) -> Row:
    """Say of each source how far its data go, and of those with gaps which numbers are missing."""
    told = list(_under("feeds", answer))
    gaps = [(one["source"], _stretches(one)) for one in told]
    return {
        "sources_data_to": "; ".join(f"{one['source']}={one['data_to'] or ''}" for one in told),
        "sources_loaded_on": "; ".join(f"{one['source']}={one['loaded_on'] or ''}" for one in told),
        "sources_gaps": "; ".join(f"{source}={missing}" for source, missing in gaps if missing),
    }


def _stretches(feed: Row) -> str:
    """Spell the numbers that are missing: 3-7, 12-12; and how many gaps are not listed any more."""
    gaps, lost = feed["gaps"], feed.get("gaps_no_longer_listed")
    found = gaps if isinstance(gaps, Sequence) else ()
    ranges = [f"{one[0]}-{one[-1]}" for one in found if isinstance(one, Sequence) and one]
    return ", ".join([*ranges, *([f"{lost} gaps no longer listed"] if lost else [])])


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
            yield f"rate_{area}_year", one.get("year")


def _told(value: JsonValue) -> JsonValue:
    """Spell what is no plain value in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_told(one)}" for name, one in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "; ".join(str(_told(one)) for one in value)
    return value
