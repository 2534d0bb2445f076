"""`GET /v1/notices`: what became of parts that were addressed to the caller's body."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import NOTICES
from adapters.http.parameters import Nothing, given_once
from adapters.http.reading import as_json
from services.hub import Hub


def router(hub: Hub) -> APIRouter:
    """Give the route for recipients."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["reading"], dependencies=doorkeepers, default_response_class=Response)

    @routes.get("/v1/notices", summary="What became of parts sent to us", responses=NOTICES)
    def notices(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Erased, taken back or restricted: to every body that was addressed, until it confirms."""
        return as_json(hub.notices.document(caller_of(request).participant))

    return routes
