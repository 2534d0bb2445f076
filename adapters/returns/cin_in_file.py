"""What a return held, told to the hub as figures after a load: so that what arrived has a measure.

`cin-in-file-<kind>` counts the records of one kind that stand in the file, understood or not. What
has not changed since it was last told is not told again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from adapters.returns.cin_child import Count, Kind
from domain.values import start_of_london_day
from domain.vocabulary.figures import FigureReported
from services.borough.drafting import Draft

_NAMES: Final[Mapping[Kind, str]] = {
    Kind.CHILD: "children",
    Kind.REFERRAL: "referrals",
    Kind.ASSESSMENT: "assessments",
    Kind.SECTION47: "section-47s",
    Kind.PLAN: "plans",
}


def in_file(counts: Mapping[Kind, Count], authority: str, year: int) -> Iterator[Draft]:
    """Draft a figure for each kind of record of an authority's return for a year to 31 March.

    It is dated on the first day of that year: a return may be loaded before the year is over.
    """
    first = date(year - 1, 4, 1)
    for kind, name in _NAMES.items():
        measure = f"cin-in-file-{name}"
        key = (measure, authority, str(year))
        yield Draft(
            kind=FigureReported,
            key=key,
            stream=key,
            time=start_of_london_day(first),
            facts=FigureReported.Facts(
                area=authority,
                measure=measure,
                numerator=counts.get(kind, Count()).in_file,
                period_end=date(year, 3, 31).isoformat(),
                period_start=first.isoformat(),
                published_source="CIN Census return",
            ),
        )
