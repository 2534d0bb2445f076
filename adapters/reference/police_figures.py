"""The police command's recorded crime by month and borough, as figures that it could report.

Counts of offences, about no person. What is carried over is five years of what the Metropolitan
Police publishes; a measure of a theme reads them by the names that the factor mapping has for them.
"""

from __future__ import annotations

import calendar
import csv
import importlib.resources
from collections.abc import Iterator, Mapping
from typing import Final

from domain.vocabulary.figures import FigureReported

FILE: Final = "police-recorded-crime.csv"
AGENCY: Final = "metropolitan-police-east"
PUBLISHED_SOURCE: Final = "Metropolitan Police Service, monthly recorded crime by borough"
MEASURES: Final[Mapping[str, str]] = {
    "possession_of_weapons": "possession-of-weapons",
    "violence_with_injury": "violence-with-injury",
}
"""Which measure each column is, by the name that a report gives it."""


def police_figures(gss_code: str) -> Iterator[FigureReported.Facts]:
    """Give the reports on one area, month by month, April 2018 to March 2023; none on others."""
    text = importlib.resources.files("adapters.reference").joinpath(FILE).read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["gss_code"] == gss_code:
            for column, measure in MEASURES.items():
                yield _report(gss_code, measure, row["month"], int(row[column]))


def _report(gss_code: str, measure: str, month: str, count: int) -> FigureReported.Facts:
    year, number = (int(part) for part in month.split("-"))
    return FigureReported.Facts(
        agency=AGENCY,
        area=gss_code,
        measure=measure,
        numerator=count,
        period_end=f"{month}-{calendar.monthrange(year, number)[1]}",
        period_start=f"{month}-01",
        published_source=PUBLISHED_SOURCE,
        status="final",
    )
