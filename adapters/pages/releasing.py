"""The pages of releases: fixed tables without small numbers, for who holds either right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from adapters.http.release_documents import ReleasesAnswer, ReleaseSummary, ReleaseTableAnswer
from adapters.http.release_tables import release_csv_of
from adapters.pages import wording
from adapters.pages.files import Manner
from adapters.pages.front import Front
from adapters.pages.viewing import Viewed
from domain.reference.factor_mapping import FactorMapping
from domain.reference.releases import Month, Series, Table
from domain.vocabulary.codes import Slug
from services.periods import Kind, window_named
from services.reading import RELEASES
from services.releases.plan import LINKABLE

Cells = tuple[str, ...]
YEAR_LENGTH = 4


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A release's table by one kind of period: a row for each figure and borough."""

    caption: str
    head: tuple[tuple[str, bool], ...]
    rows: tuple[Cells, ...]


def router(front: Front) -> APIRouter:
    """Give the routes of these pages."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/releases")
    def releases(request: Request) -> Response:
        return Viewed(
            view=RELEASES,
            ask=front.hub.releases.listed,
            told_as=ReleasesAnswer,
            shown=lambda answer: {
                "current": "releases",
                "releases": [_listed(one) for one in answer.releases],
            },
        ).answer(front, request, Manner())

    @routes.get("/releases/{month}/{table}")
    def release_table(
        request: Request, month: Month, table: Slug, asked: Annotated[Manner, Query()]
    ) -> Response:
        return Viewed(
            view=RELEASES,
            ask=lambda reading: front.hub.releases.table(reading, month, table),
            told_as=ReleaseTableAnswer,
            shown=lambda answer: {
                "answer": answer,
                "current": "releases",
                "month": month,
                "said": _month(month),
                "table": answer.table,
                "tables": _tables(answer.table, front),
            },
            named=("release", month, table),
            page="release",
            table=release_csv_of,
        ).answer(front, request, asked)

    return routes


def _month(month: str) -> str:
    return wording.period("month", f"{month}-01", f"{month}-01")


def _listed(one: ReleaseSummary) -> dict[str, object]:
    return {
        "hidden": wording.number(one.hidden),
        "month": one.name,
        "said": _month(one.name),
        "share": one.hidden_of_100,
        "shown": wording.number(one.shown),
        "tables": one.tables,
    }


def _tables(table: Table, front: Front) -> Iterator[ShownTable]:
    """Give the years apart from the quarters, newest first; then why figures may not compare."""
    mapping, _ = front.hub.registry.mapping()
    names = front.names()
    years = [at for at, one in enumerate(table.periods) if len(one) == YEAR_LENGTH]
    quarters = [at for at, one in enumerate(table.periods) if len(one) != YEAR_LENGTH]
    for caption, places in (("Years to 31 March", years), ("Quarters", quarters)):
        periods = tuple((_period(table.periods[at]), True) for at in reversed(places))
        if periods:
            yield ShownTable(
                caption=f"{caption}, newest first",
                head=(("Figure", False), ("Borough", False), *periods),
                rows=tuple(
                    (
                        _figure(one, table, mapping),
                        _borough(one, names),
                        *(_cell(one, at, table.periods[at]) for at in reversed(places)),
                    )
                    for one in table.series
                ),
            )
    flagged = tuple(
        (_figure(one, table, mapping), _borough(one, names), _period(flag.period), flag.reason)
        for one in table.series
        for flag in one.flags
    )
    if flagged:
        head = (("Figure", False), ("Borough", False), ("Period", False), ("Ask", False))
        yield ShownTable("Not to be compared without asking", head, flagged)


def _period(label: str) -> str:
    kind: Kind = "year-to-march" if len(label) == YEAR_LENGTH else "quarter"
    first, last = window_named(kind, label).days()
    return wording.sentence(wording.period(kind, first.isoformat(), last.isoformat()))


def _borough(series: Series, names: Mapping[str, str]) -> str:
    codes = (series.borough, series.other) if series.other else (series.borough,)
    return " and ".join(names.get(code, code) for code in codes)


def _figure(series: Series, table: Table, mapping: FactorMapping) -> str:
    if table.theme is None:
        return _across(series, mapping)
    theme = mapping.theme(table.theme)
    measures: Sequence[tuple[str, str]] = (
        [(one.code, one.title) for one in theme.measures] if theme else []
    )
    title = next((title for code, title in measures if code == series.measure), series.measure)
    said = f"{title}: {wording.spelt(series.breakdown).lower()}" if series.breakdown else title
    return f"{said}, as reported" if series.counts == "reported" else said


def _across(series: Series, mapping: FactorMapping) -> str:
    if series.measure == LINKABLE:
        return "Children who could be met in another borough, and their share"
    theme = mapping.theme(series.breakdown)
    return f"In both boroughs: {theme.title if theme else 'any of the themes'}"


def _cell(series: Series, at: int, period: str) -> str:
    text = series.numerators[at]
    said = wording.number(int(text)) if text.isdecimal() else text or wording.NOTHING
    rate = series.rates[at] if series.rates else ""
    found = f"{said} ({rate})" if rate and said != "c" else said
    return f"{found}, told in part" if period in series.part_told else found
