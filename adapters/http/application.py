"""The HTTP application: routes, problems, and nothing that is not asked for."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp

from adapters.http import intake, other_views, problems, reading
from adapters.http.described import openapi
from services.hub import Hub

SILENT: TelemetryConfig = {
    "auto_configure": False,
    "logs": False,
    "metrics": False,
    "operation_spans": False,
    "tracing": False,
}
"""The framework would hand paths, queries and exceptions to whatever telemetry it finds."""


class _Application(FastAPI):
    def openapi(self) -> dict[str, object]:
        """Give the OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = openapi(self)
        return self.openapi_schema


def application(hub: Hub) -> FastAPI:
    """Give the application over an open hub, its OpenAPI included."""
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
    problems.install(app)
    app.include_router(intake.router(hub))
    app.include_router(reading.router(hub))
    app.include_router(other_views.router(hub))
    return app


def guarded(hub: Hub) -> ASGIApp:
    """Give the application as it is served: outermost, what nobody foresaw is answered too."""
    return problems.LastResort(application(hub))
