"""The HTTP application: routes, problems, and nothing that is not asked for."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.types import ASGIApp

from adapters.http import intake, problems, reading
from services.hub import Hub


def application(hub: Hub) -> FastAPI:
    """Give the application over an open hub, its OpenAPI included."""
    app = FastAPI(
        title="BHR safeguarding hub",
        version="1",
        description="Publish sealed safeguarding events, read shared views, fetch sealed parts.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        redirect_slashes=False,
    )
    problems.install(app)
    app.include_router(intake.router(hub))
    app.include_router(reading.router(hub))
    return app


def guarded(hub: Hub) -> ASGIApp:
    """Give the application as it is served: outermost, what nobody foresaw is answered too."""
    return problems.LastResort(application(hub))
