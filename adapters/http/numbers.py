"""What a source that lost its own store asks: which numbers it has used."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described_queued import NUMBERS
from adapters.http.parameters import Nothing, given_once
from adapters.http.reading import as_json
from services.hub import Hub


def router(hub: Hub) -> APIRouter:
    """Give the route for a source."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(
        tags=["publishing"], dependencies=doorkeepers, default_response_class=Response
    )

    @routes.get("/v1/numbers", summary="Which numbers our source has used", responses=NUMBERS)
    def numbers(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Give the highest number recorded of the caller's own source, or refused to it."""
        return as_json(hub.numbers.told(caller_of(request)))

    return routes
