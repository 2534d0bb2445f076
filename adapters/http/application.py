"""The HTTP application: routes, problems, and nothing that is not asked for."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import RedirectResponse
from starlette.types import ASGIApp

from adapters.http import (
    deciding,
    erasures,
    intake,
    logs,
    notices,
    numbers,
    other_views,
    problems,
    queued,
    reading,
    releases,
)
from adapters.http.described import openapi
from adapters.http.telemetry import SILENT
from adapters.http.turned_away import TurnedAway
from services.hub import Hub


class _Application(FastAPI):
    def openapi(self) -> dict[str, object]:
        """Give the OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi(self)
        return self.openapi_schema


PAGES = "/pages"


def application(
    hub: Hub, pages: ASGIApp | None = None, turned_away: TurnedAway | None = None
) -> FastAPI:
    """Give the application over an open hub, its OpenAPI included; `pages` beside it, if any."""
    app = _Application(
        title="BHR safeguarding hub",
        version="1",
        description="Publish sealed safeguarding events, read shared views, fetch sealed parts.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry=SILENT,
    )
    problems.install(app, turned_away or TurnedAway())
    app.include_router(intake.router(hub))
    app.include_router(queued.router(hub))
    app.include_router(numbers.router(hub))
    app.include_router(reading.router(hub))
    app.include_router(releases.router(hub))
    app.include_router(other_views.router(hub))
    app.include_router(logs.router(hub))
    app.include_router(deciding.router(hub))
    app.include_router(erasures.router(hub))
    app.include_router(notices.router(hub))
    if pages is not None:
        _mount(app, pages)
    return app


def _mount(app: FastAPI, pages: ASGIApp) -> None:
    """Put the pages beside `/v1`, and lead there who comes with no more than the address."""
    app.mount(f"{PAGES}/", pages)

    @app.get("/", include_in_schema=False)
    @app.get(PAGES, include_in_schema=False)
    def front_door() -> RedirectResponse:
        return RedirectResponse(f"{PAGES}/", 303)


def guarded(
    hub: Hub, pages: ASGIApp | None = None, turned_away: TurnedAway | None = None
) -> ASGIApp:
    """Give the application as it is served: outermost, what nobody foresaw is answered too."""
    return problems.LastResort(application(hub, pages, turned_away))
