"""The form by which a borough takes back what its office explained, and what becomes of it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.pages.explaining import Form, theme_of
from adapters.pages.front import SEE_OTHER, Front, check_ours
from adapters.pages.rendering import PREFIX


def router(front: Front) -> APIRouter:
    """Give the routes of the form."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/themes/{theme}/explanations/{event}")
    def about_to_take_back(request: Request, theme: str, event: str) -> HTMLResponse:
        session = front.session(request)
        known = theme_of(front, theme)
        said = front.asked(
            session, theme, lambda reading: front.hub.explaining.given(reading, theme, event)
        )
        measure = next((one.title for one in known.measures if one.code == said.measure), "")
        shown = {"current": "themes", "theme": known, "said": said, "measure": measure}
        return front.page("take-back", session, shown=shown)

    @routes.post("/themes/{theme}/explanations/{event}", response_model=None)
    def taken_back(request: Request, theme: str, event: str, sent: Form) -> RedirectResponse:
        session = front.session(request)
        check_ours(sent, session.csrf)
        explaining = front.hub.explaining
        front.asked(session, theme, lambda reading: explaining.take_back(reading, theme, event))
        return RedirectResponse(f"{PREFIX}/themes/{theme}/taken-back", SEE_OTHER)

    @routes.get("/themes/{theme}/taken-back")
    def gone(request: Request, theme: str) -> HTMLResponse:
        session = front.session(request)
        return front.page(
            "taken-back", session, shown={"current": "themes", "theme": theme_of(front, theme)}
        )

    return routes
