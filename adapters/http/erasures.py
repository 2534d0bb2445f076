"""`GET /v1/erasures`: how far an erasure is, for the bodies that it concerns."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described_erasing import ERASURE, ERASURES
from adapters.http.parameters import Nothing, given_once
from adapters.http.reading import as_json
from domain.values import EventId
from services.hub import Hub

RequestOf = Annotated[EventId, Path(description="the event id of the request for erasure")]


def router(hub: Hub) -> APIRouter:
    """Give the routes of erasures."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["deciding"], dependencies=doorkeepers, default_response_class=Response)

    @routes.get("/v1/erasures", summary="Erasures that concern us", responses=ERASURES)
    def erasures(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Those that the caller's body controls or holds copies of, once somebody approved them."""
        return as_json(hub.erasures.listed(caller_of(request)))

    @routes.get("/v1/erasures/{event}", summary="How far an erasure is", responses=ERASURE)
    def erasure(request: Request, event: RequestOf, _: Annotated[Nothing, Query()]) -> Response:
        """Its state, and what an approval has to sign."""
        return as_json(hub.erasures.one(event, caller_of(request)))

    return routes
