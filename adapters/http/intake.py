"""`POST /v1/events`: signed submissions, and plain CloudEvents from sources configured so."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from adapters.http.bodies import UnknownCoding, body_of
from adapters.http.callers import caller_of
from adapters.http.problems import problem
from domain.canonical import strict_json
from domain.errors import SubmissionRefused
from domain.wire import SIGNED_TYPE
from services.hub import Hub
from services.taking import Answer

ACKNOWLEDGEMENT_TYPE = "application/vnd.bhr.acknowledgement+json"
ONE_TYPE = "application/cloudevents+json"
BATCH_TYPE = "application/cloudevents-batch+json"

_RESPONSES: dict[int | str, dict[str, object]] = {
    200: {"description": "Signed acknowledgement: what stands, event by event"},
    400: {"description": "The body is not JSON"},
    401: {"description": "No valid bearer token"},
    403: {"description": "The token, key, signature or agreement does not allow it"},
    409: {"description": "The submission id, or every event id, is recorded differently"},
    413: {"description": "More than 5 MiB, decoded, in one batch"},
    415: {"description": "Another content type or coding"},
    422: {"description": "Every event was refused: faults by event and field"},
    500: {"description": "An unexpected fault; nothing was acknowledged"},
    503: {"description": "Not available; nothing was recorded; see Retry-After"},
}


def router(hub: Hub) -> APIRouter:
    """Give the intake's routes."""
    routes = APIRouter(tags=["publishing"])

    @routes.post(
        "/v1/events",
        summary="Publish events",
        responses=_described(_RESPONSES),
        openapi_extra={"requestBody": _body()},
        response_class=Response,
    )
    async def publish(
        request: Request,
        atomic: Annotated[bool, Query(description="all of the batch or none")] = False,  # noqa: FBT002 - a query parameter
    ) -> Response:
        """Record a signed submission or plain CloudEvents; the answer tells each event's fate."""
        caller = caller_of(request, hub.identity)
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in {SIGNED_TYPE, ONE_TYPE, BATCH_TYPE}:
            return problem(415, "content-type")
        try:
            body = await body_of(request)
        except UnknownCoding:
            return problem(415, "content-encoding")
        except SubmissionRefused as refusal:
            await run_in_threadpool(hub.taking.refuse, caller, refusal)
            raise
        if kind == SIGNED_TYPE:
            answer = await run_in_threadpool(hub.publishing.submit, body, caller, atomic=atomic)
        else:
            answer = await run_in_threadpool(
                hub.plain.submit, body, caller, batch=kind == BATCH_TYPE, atomic=atomic
            )
        return _answered(answer)

    return routes


def _answered(answer: Answer) -> Response:
    if answer.recorded:
        return Response(
            answer.acknowledgement, 200, {"cache-control": "no-store"}, ACKNOWLEDGEMENT_TYPE
        )
    conflict = answer.refused and not answer.faults
    status, code = (409, "already-recorded-differently") if conflict else (422, "events-refused")
    signed = strict_json(answer.acknowledgement)
    return problem(status, code, faults=answer.faults, extra={"acknowledgement": signed})


def _described(responses: dict[int | str, dict[str, object]]) -> dict[int | str, dict[str, object]]:
    for status, response in responses.items():
        content = ACKNOWLEDGEMENT_TYPE if status == 200 else "application/problem+json"  # noqa: PLR2004
        response["content"] = {content: {"schema": {"type": "object"}}}
    return responses


def _body() -> dict[str, object]:
    schema = {"type": "object"}
    batch = {"type": "array", "items": schema, "minItems": 1}
    return {
        "required": True,
        "content": {
            SIGNED_TYPE: {"schema": schema},
            ONE_TYPE: {"schema": schema},
            BATCH_TYPE: {"schema": batch},
        },
    }
