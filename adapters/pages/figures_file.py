"""A theme's figures as a CSV file: a row each, for a spreadsheet that believes what it is given.

A text that a spreadsheet would take for a formula begins with an apostrophe instead.
"""

from __future__ import annotations

import csv
import io

from adapters.http.theme_documents import ThemeAnswer, ThemeRow
from adapters.pages.answers import name_of, part_of

FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = int | str | None


def figures_file(answer: ThemeAnswer) -> bytes:
    """Give every figure of the answer, in UTF-8 with the mark by which Excel knows it."""
    areas = dict.fromkeys(one.area for row in answer.rows for one in row.comparators)
    written = io.StringIO()
    writer = csv.writer(written)
    titles = {one.code: one for one in answer.measures}
    lines = [
        {
            "theme": answer.view,
            "measure": row.measure,
            "measure_title": titles[row.measure].title,
            "breakdown_title": part_of(titles[row.measure], row.breakdown),
            "borough_name": name_of(answer, row.borough),
            **_figure(row),
            **{area: _beside(row, area) for area in areas},
            "flags": " ".join(f"({one.letter}) {one.reason}" for one in row.flags),
            "explanations": " ".join(f"{one.judgement}: {one.text}" for one in row.explanations),
            "agreement": answer.agreement,
            "right": answer.right,
            "as_of": answer.as_of,
            "positions": " ".join(f"{name}:{at}" for name, at in answer.positions.items()),
            "note": answer.note,
        }
        for row in answer.rows
    ]
    if lines:
        writer.writerow(map(safe, lines[0]))
    writer.writerows([safe(cell) for cell in line.values()] for line in lines)
    return written.getvalue().encode("utf-8-sig")


def safe(cell: Cell) -> Cell:
    """Give a cell that no spreadsheet runs; numbers stay numbers."""
    if isinstance(cell, str) and cell.startswith(FORMULA) and not _number(cell):
        return f"'{cell}"
    return cell


def _number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _figure(row: ThemeRow) -> dict[str, Cell]:
    before = row.year_before
    return {
        "breakdown": row.breakdown,
        "borough": row.borough,
        "cut": row.cut,
        "value": row.value,
        "period": row.period,
        "period_from": row.period_from,
        "period_to": row.period_to,
        "counts": row.counts,
        "source": row.source,
        "numerator": row.numerator,
        "mark": row.mark,
        "denominator": row.denominator,
        "denominator_source": row.denominator_source,
        "rate": row.rate,
        "per": row.per,
        "year_before": before.numerator if before else None,
        "year_before_rate": before.rate if before else None,
        "change": row.change,
        "change_percent": row.change_percent,
    }


def _beside(row: ThemeRow, area: str) -> Cell:
    return next((one.rate for one in row.comparators if one.area == area), None)
