"""`POST /v1/decisions`: what a body signed; whoever brings it, the signature says whose it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from adapters.http.bodies import JSON_TYPE, body_of, content_type
from adapters.http.callers import known_caller
from adapters.http.described_erasing import DECIDING, DECIDING_BODY
from adapters.http.parameters import Nothing, given_once
from adapters.http.reading import as_json
from services.hub import Hub
from services.recording_decisions import Recorded


def router(hub: Hub) -> APIRouter:
    """Give the route by which decisions arrive."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["deciding"], dependencies=doorkeepers)

    @routes.post(
        "/v1/decisions",
        summary="Record a decision that a body signed",
        responses=DECIDING,
        openapi_extra={"requestBody": DECIDING_BODY},
        response_class=Response,
    )
    async def decide(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Record it, once however often it is brought; who reads it checks it again."""
        content_type(request, {JSON_TYPE})
        body = await body_of(request)
        recorded = await run_in_threadpool(hub.decisions.record, body)
        return as_json(_told(recorded))

    return routes


def _told(recorded: Recorded) -> dict[str, bool | str]:
    return {
        "again": recorded.again,
        "event": recorded.event,
        "kind": recorded.kind,
        "ledger": recorded.ledger,
    }
