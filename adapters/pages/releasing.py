"""The pages of releases: fixed tables without small numbers, for who holds either right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from adapters.http.release_documents import ReleasesAnswer, ReleaseSummary
from adapters.http.tables import release_csv_of
from adapters.pages import wording
from adapters.pages.files import Manner, attached
from adapters.pages.front import Front
from domain.canonical import canonical
from domain.reference.factor_mapping import FactorMapping
from domain.reference.releases import Month, Series, Table
from domain.vocabulary.codes import Slug
from services.periods import Kind, window_named
from services.reading import RELEASES

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
    def releases(request: Request) -> HTMLResponse:
        session = front.session(request)
        document = front.hub.releases.listed(front.reading(session, RELEASES))
        found = ReleasesAnswer.model_validate_json(canonical(document)).releases
        shown = {"current": "releases", "releases": [_listed(one) for one in found]}
        return front.page("releases", session, shown=shown)

    @routes.get("/releases/{month}/{table}")
    def release_table(
        request: Request, month: Month, table: Slug, asked: Annotated[Manner, Query()]
    ) -> Response:
        session = front.session(request)
        reading = front.reading(session, RELEASES, asked.format)
        release, found = front.hub.releases.table(reading, month, table)
        if asked.format:
            return attached(release_csv_of(release, found), f"release-{month}-{table}")
        shown = {
            "current": "releases",
            "loss": release.loss,
            "month": _month(month),
            "release": release,
            "table": found,
            "tables": _tables(found, front),
        }
        return front.page("release", session, shown=shown)

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
    """Give the years apart from the quarters, newest first."""
    mapping, _ = front.hub.registry.mapping()
    names = {one.code: one.name for one in front.hub.registry.participants().participants}
    years = [at for at, one in enumerate(table.periods) if len(one) == YEAR_LENGTH]
    quarters = [at for at, one in enumerate(table.periods) if len(one) != YEAR_LENGTH]
    for caption, places in (("Years to 31 March", years), ("Quarters", quarters)):
        periods = tuple((_period(table.periods[at]), True) for at in reversed(places))
        yield ShownTable(
            caption=f"{caption}, newest first",
            head=(("Figure", False), ("Borough", False), *periods),
            rows=tuple(
                (
                    _figure(one, table, mapping),
                    names.get(one.borough, one.borough),
                    *(_cell(one, at) for at in reversed(places)),
                )
                for one in table.series
            ),
        )


def _period(label: str) -> str:
    kind: Kind = "year-to-march" if len(label) == YEAR_LENGTH else "quarter"
    first, last = window_named(kind, label).days()
    return wording.sentence(wording.period(kind, first.isoformat(), last.isoformat()))


def _figure(series: Series, table: Table, mapping: FactorMapping) -> str:
    theme = mapping.theme(table.theme)
    measures: Sequence[tuple[str, str]] = (
        [(one.code, one.title) for one in theme.measures] if theme else []
    )
    title = next((title for code, title in measures if code == series.measure), series.measure)
    return f"{title}: {wording.spelt(series.breakdown).lower()}" if series.breakdown else title


def _cell(series: Series, at: int) -> str:
    said = series.numerators[at] or wording.NOTHING
    rate = series.rates[at] if series.rates else ""
    return f"{said} ({rate})" if rate and said != "c" else said
