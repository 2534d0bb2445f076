"""The pages that show views: each is a template over the answer that `/v1` gives too."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict

from adapters.http.parameters import RecordedBy, YearToMarch
from adapters.http.theme_documents import ThemeAnswer
from adapters.pages import figures
from adapters.pages.answers import told
from adapters.pages.figures_file import figures_file
from adapters.pages.findings import Finding, falls, findings, ordered, rises
from adapters.pages.front import Front
from adapters.pages.sessions import Session
from domain.errors import NotAuthorised
from domain.values import Day, ParticipantCode
from services.filters import Filters
from services.periods import Kind as PeriodKind
from services.views import Cut

RISES_SHOWN = 6
FALLS_SHOWN = 3


def _nothing(text: object) -> object:
    """Take a field that was left empty for one that was not asked."""
    return None if text == "" else text


Left = BeforeValidator(_nothing)


class Asked(BaseModel):
    """What a theme's page may be asked, as its form sends it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_of: Annotated[RecordedBy | None, Left] = None
    borough: Annotated[ParticipantCode | None, Left] = None
    cut: Annotated[Cut | None, Left] = None
    format: Annotated[Literal["csv"] | None, Left] = None
    occurred_to: Annotated[Day | None, Left] = None
    period: Annotated[PeriodKind | None, Left] = None
    year: Annotated[YearToMarch | None, Left] = None

    def filters(self) -> Filters:
        """Give the same as a view takes it."""
        return Filters(**self.model_dump(exclude={"format"}))


def router(front: Front) -> APIRouter:
    """Give the routes of the pages that show views."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/")
    def overview(request: Request) -> HTMLResponse:
        session = front.session(request)
        return front.page("overview", session, shown=_overview(front, session))

    @routes.get("/themes/{theme}")
    def theme_page(request: Request, theme: str, asked: Annotated[Asked, Query()]) -> Response:
        session = front.session(request)
        answer = _theme(front, session, theme, asked)
        if asked.format == "csv":
            return _file(answer)
        found = findings(answer)
        shown = {
            "answer": answer,
            "asked": asked,
            "current": "themes",
            "falls": falls(found)[:FALLS_SHOWN],
            "filters": answer.filters.model_dump(exclude_none=True),
            "measures": figures.shown(answer),
            "rises": rises(found)[:RISES_SHOWN],
        }
        return front.page("theme", session, shown=shown)

    return routes


def _file(answer: ThemeAnswer) -> Response:
    name = "-".join([answer.view, *answer.filters.model_dump(exclude_none=True).values()])
    headers = {"content-disposition": f'attachment; filename="{name}.csv"'}
    return Response(figures_file(answer), headers=headers, media_type="text/csv; charset=utf-8")


def _theme(front: Front, session: Session, theme: str, asked: Asked) -> ThemeAnswer:
    reading = replace(front.reading(session, theme), format=asked.format or "page")
    document = front.hub.querying.theme(reading, theme, asked.filters())
    return told(ThemeAnswer, document)


def _overview(front: Front, session: Session) -> dict[str, object]:
    """Read every theme that the office may read, and put the most telling changes first."""
    answers: list[ThemeAnswer] = []
    refused = 0
    for theme in front.hub.registry.mapping()[0].themes:
        try:
            answers.append(_theme(front, session, theme.code, Asked()))
        except NotAuthorised:
            refused += 1
    if not answers:
        raise NotAuthorised("no-right")
    by_theme = {answer.view: findings(answer) for answer in answers}
    everything: list[Finding] = ordered(one for found in by_theme.values() for one in found)
    return {
        "answer": answers[-1],
        "answers": answers,
        "current": "overview",
        "falls": falls(everything)[:FALLS_SHOWN],
        "leading": {view: rises(found)[:1] for view, found in by_theme.items()},
        "not_fed": {
            one.view: [m for m in one.measures if m.source == "no source yet"] for one in answers
        },
        "refused": refused,
        "rises": rises(everything)[:RISES_SHOWN],
        "risen": len(rises(everything)),
    }
