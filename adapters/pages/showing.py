"""The pages that show views: each is a template over the answer that `/v1` gives too."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from adapters.http.parameters import RecordedBy, YearToMarch
from adapters.http.theme_documents import ThemeAnswer
from adapters.pages import figures
from adapters.pages.answers import told
from adapters.pages.asking import Wrong, asked_of
from adapters.pages.explaining import theme_of
from adapters.pages.files import Left, Manner
from adapters.pages.findings import Finding, falls, findings, is_compared, ordered, rises
from adapters.pages.front import RELEASED_ONLY, SEE_OTHER, Front
from adapters.pages.rendering import PREFIX
from adapters.pages.sessions import Session
from adapters.pages.viewing import Viewed
from domain.errors import NotAuthorised, NotFound
from domain.values import Day, ParticipantCode
from services.filters import Filters
from services.periods import Kind as PeriodKind
from services.theming.theme import NO_SOURCE
from services.views import Cut

RISES_SHOWN = 6
FALLS_SHOWN = 3


class Asked(Manner):
    """What a theme's page may be asked, as its form sends it."""

    as_of: Annotated[RecordedBy | None, Left] = None
    borough: Annotated[ParticipantCode | None, Left] = None
    cut: Annotated[Cut | None, Left] = None
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
    def overview(request: Request) -> Response:
        session = front.session(request)
        try:
            return front.page("overview", session, shown=_overview(front, session))
        except NotAuthorised as error:
            if error.reason != RELEASED_ONLY:
                raise
            return RedirectResponse(f"{PREFIX}/releases", SEE_OTHER)

    @routes.get("/themes/{theme}")
    def theme_page(request: Request, theme: str) -> Response:
        session = front.session(request)
        asked = asked_of(Asked, request)
        if isinstance(asked, Wrong):
            return front.page("theme-asked", session, shown=_wrong(front, theme, asked), status=422)
        filters = asked.filters()
        return Viewed(
            view=theme,
            ask=lambda reading: front.hub.querying.theme(reading, theme, filters),
            told_as=ThemeAnswer,
            shown=lambda answer: _shown(answer, asked),
            named=(theme, *filters.texts().values()),
            page="theme",
        ).answer(front, request, asked)

    return routes


def _wrong(front: Front, theme: str, wrong: Wrong) -> dict[str, object]:
    """Give the form again, with what was typed and what is wrong with it."""
    registry = front.hub.registry
    known = theme_of(front, theme)
    choosing = {
        "boroughs": registry.participants().boroughs(registry.today()),
        "period": wrong.asked.get("period") or "rolling-12",
        "view": theme,
    }
    return {**wrong.shown(), "choosing": choosing, "current": "themes", "title": known.title}


def _shown(answer: ThemeAnswer, asked: Asked) -> dict[str, object]:
    found = findings(answer)
    return {
        "also": figures.shown_also(answer),
        "also_dry": [one.title for one in answer.also.measures if one.source == NO_SOURCE],
        "answer": answer,
        "asked": asked,
        "choosing": answer,
        "compared": is_compared(answer),
        "current": "themes",
        "falls": falls(found)[:FALLS_SHOWN],
        "filters": answer.filters.model_dump(exclude_none=True),
        "measures": figures.shown(answer),
        "rises": rises(found)[:RISES_SHOWN],
    }


def _overview(front: Front, session: Session) -> dict[str, object]:
    """Read every theme that the office may read, and put the most telling changes first."""
    answers: list[ThemeAnswer] = []
    refused: list[NotAuthorised] = []
    for theme in front.hub.registry.mapping()[0].themes:
        try:
            ask = partial(front.hub.querying.theme, code=theme.code, filters=Filters())
            answers.append(told(ThemeAnswer, front.asked(session, theme.code, ask)))
        except NotAuthorised as error:
            refused.append(error)
    if not answers:
        raise refused[0] if refused else NotFound("theme")
    by_theme = {answer.view: findings(answer) for answer in answers}
    everything: list[Finding] = ordered(one for found in by_theme.values() for one in found)
    return {
        "answer": answers[-1],
        "answers": answers,
        "compared": {answer.view: is_compared(answer) for answer in answers},
        "current": "overview",
        "falls": falls(everything)[:FALLS_SHOWN],
        "leading": {view: rises(found)[:1] for view, found in by_theme.items()},
        "not_fed": {
            one.view: [m for m in one.measures if m.source == NO_SOURCE] for one in answers
        },
        "refused": len(refused),
        "rises": rises(everything)[:RISES_SHOWN],
        "fallen": len(falls(everything)),
        "risen": len(rises(everything)),
    }
