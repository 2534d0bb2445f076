"""A release's table as CSV: a row for each figure and period that it has."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.http.release_documents import ReleaseTableAnswer
from adapters.http.tables import Row, csv_of
from domain.canonical import JsonValue, canonical
from domain.reference.releases import Series


def release_csv_of(answer: Row) -> bytes:
    """Give the table of an answer; what the answer stands on is in every row."""
    told = ReleaseTableAnswer.model_validate_json(canonical(dict(answer)))
    rows = [
        {"release": told.filters.release, "table": told.table.code, **row}
        for series in told.table.series
        for row in _rows(series, told.table.periods)
    ]
    return csv_of({**answer, "rows": list[JsonValue](rows)})


def _rows(series: Series, periods: tuple[str, ...]) -> Iterator[dict[str, JsonValue]]:
    for at, (period, value) in enumerate(zip(periods, series.numerators, strict=True)):
        if value:
            yield {
                "measure": series.measure,
                "breakdown": series.breakdown,
                "borough": series.borough,
                "other": series.other,
                "period": period,
                "part_told": period in series.part_told,
                "counts": series.counts,
                "value": value,
                "of": _at(series.denominators, at),
                "rate": _at(series.rates, at),
                "per": series.per,
                "change": series.changes[at],
                "flags": [
                    {"letter": one.letter, "reason": one.reason}
                    for one in series.flags
                    if one.period == period
                ],
            }


def _at(cells: tuple[str, ...], index: int) -> str | None:
    return cells[index] if cells else None
