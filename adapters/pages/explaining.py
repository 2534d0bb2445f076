"""The form by which a borough explains a figure of its own, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, ValidationError

from adapters.pages.front import SEE_OTHER, Front, check_ours, form_of
from adapters.pages.rendering import PREFIX
from adapters.pages.sessions import Session
from domain.errors import NotFound
from domain.reference.factor_mapping import Theme
from domain.vocabulary.figures import FigureExplained

FIELDS = ("theme", "measure", "period_start", "period_end", "judgement", "text")
FAULTS: Mapping[str, str] = {
    "judgement": "Say whether the change is real, one of recording, or both",
    "measure": "Choose which figure you explain",
    "period_end": "Enter the last day, such as 2023-03-31",
    "period_start": "Enter the first day, such as 2022-04-01",
    "text": "Say in a few words what lies behind it, in at most 4,000 characters",
}
BACKWARDS = "The last day is before the first"
Form = Annotated[dict[str, str], Depends(form_of)]


class About(BaseModel):
    """Which figure a form begins with; all of it may be changed in the form."""

    model_config = ConfigDict(extra="forbid")

    measure: str = ""
    period_end: str = ""
    period_start: str = ""


def router(front: Front) -> APIRouter:
    """Give the routes of the form."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/themes/{theme}/explain")
    def form(request: Request, theme: str, about: Annotated[About, Query()]) -> HTMLResponse:
        session = front.session(request)
        front.hub.explaining.ledger_of(session.caller.participant)
        return _form(front, session, theme_of(front, theme), about.model_dump())

    @routes.post("/themes/{theme}/explain", response_model=None)
    def explained(request: Request, theme: str, sent: Form) -> HTMLResponse | RedirectResponse:
        session = front.session(request)
        check_ours(sent, session.csrf)
        known = theme_of(front, theme)
        try:
            said = _said(session, theme, sent)
        except ValidationError as error:
            return _form(front, session, known, sent, faults=_faults(error))
        explaining = front.hub.explaining
        front.asked(session, theme, lambda reading: explaining.explain(reading, said))
        return RedirectResponse(f"{PREFIX}/themes/{theme}/explained", SEE_OTHER)

    @routes.get("/themes/{theme}/explained")
    def thanks(request: Request, theme: str) -> HTMLResponse:
        session = front.session(request)
        return front.page(
            "explained", session, shown={"current": "themes", "theme": theme_of(front, theme)}
        )

    return routes


def theme_of(front: Front, code: str) -> Theme:
    """Give a registered theme; raises NotFound."""
    found = front.hub.registry.mapping()[0].theme(code)
    if found is None:
        raise NotFound("theme")
    return found


def _said(session: Session, theme: str, sent: Mapping[str, str]) -> FigureExplained.Facts:
    facts = {name: sent.get(name, "").strip() for name in FIELDS}
    caller = session.caller
    who = {"borough": caller.participant, "office": caller.office, "theme": theme}
    return FigureExplained.Facts.model_validate({**facts, **who})


def _faults(error: ValidationError) -> list[dict[str, str]]:
    """Say what is wrong in the form's own words, field by field; never what was sent."""
    places = [one["loc"] for one in error.errors(include_url=False, include_input=False)]
    fields: Iterable[str] = dict.fromkeys(str(place[0]) if place else "" for place in places)
    return [
        {"field": field or "period_end", "text": FAULTS.get(field, BACKWARDS)} for field in fields
    ]


def _form(
    front: Front,
    session: Session,
    theme: Theme,
    values: Mapping[str, str],
    *,
    faults: list[dict[str, str]] | None = None,
) -> HTMLResponse:
    shown = {
        "current": "themes",
        "faults": faults or [],
        "said_of": {one["field"]: one["text"] for one in faults or []},
        "theme": theme,
        "values": values,
    }
    return front.page("explain", session, shown=shown, status=422 if faults else 200)
