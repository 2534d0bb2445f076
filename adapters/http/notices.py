"""What became of parts that were sent to the caller's body, and what became of its copies."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from adapters.http.bodies import JSON_TYPE, body_of, content_type
from adapters.http.callers import caller_of, known_caller
from adapters.http.described_notices import CONFIRMING, CONFIRMING_BODY, NOTICES, WAITING
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

    @routes.get("/v1/waiting", summary="Parts that wait for us", responses=WAITING)
    def waiting(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Addressed to the caller's body by another and not fetched by it yet."""
        return as_json(hub.notices.waiting_document(caller_of(request).participant))

    @routes.post(
        "/v1/confirmations",
        summary="Say what became of our copy of a part",
        responses=CONFIRMING,
        openapi_extra={"requestBody": CONFIRMING_BODY},
    )
    async def confirm(request: Request, _: Annotated[Nothing, Query()]) -> Response:
        """Answer a notice, once however often it is said: signed with the body's signing key."""
        content_type(request, {JSON_TYPE})
        body = await body_of(request)
        again = await run_in_threadpool(hub.confirming.confirm, body, caller_of(request))
        return as_json({"again": again})

    return routes
