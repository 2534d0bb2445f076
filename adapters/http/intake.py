"""`POST /v1/events`: signed submissions, and plain CloudEvents from sources configured so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from adapters.http.bodies import BATCH_TYPE, body_of, content_type
from adapters.http.callers import caller_of, known_caller
from adapters.http.described import ACKNOWLEDGEMENT_TYPE, PUBLISHING, PUBLISHING_BODY
from adapters.http.parameters import Manner, given_once
from adapters.http.problems import problem
from domain.canonical import strict_json
from domain.errors import SubmissionRefused
from domain.wire import SIGNED_TYPE
from services.hub import Hub
from services.ports import Caller
from services.taking import Answer


def router(hub: Hub) -> APIRouter:
    """Give the intake's routes."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(tags=["publishing"], dependencies=doorkeepers)

    @routes.post(
        "/v1/events",
        summary="Publish events",
        responses=PUBLISHING,
        openapi_extra={"requestBody": PUBLISHING_BODY},
        response_class=Response,
    )
    async def publish(request: Request, manner: Annotated[Manner, Query()]) -> Response:
        """Record a signed submission or plain CloudEvents; the answer tells each event's fate."""
        caller = caller_of(request)
        # Who may not publish at all is told so before a body of theirs is read.
        await run_in_threadpool(hub.taking.source, caller)
        kind = content_type(request)
        try:
            body = await body_of(request)
        except SubmissionRefused as refusal:
            await run_in_threadpool(hub.taking.refuse, caller, refusal)
            raise
        atomic = manner.atomic == "true"
        return await run_in_threadpool(_published, hub, kind, body, caller, atomic=atomic)

    return routes


def _published(hub: Hub, kind: str, body: bytes, caller: Caller, *, atomic: bool) -> Response:
    if kind == SIGNED_TYPE:
        return _answered(hub.publishing.submit(body, caller, atomic=atomic))
    return _answered(hub.plain.submit(body, caller, batch=kind == BATCH_TYPE, atomic=atomic))


def _answered(answer: Answer) -> Response:
    if answer.recorded:
        return Response(
            answer.acknowledgement, 200, {"cache-control": "no-store"}, ACKNOWLEDGEMENT_TYPE
        )
    conflict = answer.refused and not answer.faults
    status, code = (409, "already-recorded-differently") if conflict else (422, "events-refused")
    signed = strict_json(answer.acknowledgement)
    return problem(status, code, faults=answer.faults, extra={"acknowledgement": signed})
