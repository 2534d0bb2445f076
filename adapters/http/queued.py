"""What a client needs that publishes by a queue: the key to seal to, and the answers.

What it put there is answered here, under the submission's id, by the bytes that `POST /v1/events`
would have given.
"""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from adapters.http.callers import caller_of, known_caller
from adapters.http.described import ACKNOWLEDGEMENT_TYPE
from adapters.http.described_queued import INTAKE_KEY, QUEUE, SUBMISSION
from adapters.http.parameters import Nothing, given_once
from adapters.http.queued_documents import QueueId
from adapters.http.reading import as_json
from domain.values import EventId
from services.hub import Hub

SubmissionOf = Annotated[EventId, Path(description="the submission's id")]
QueueOf = Annotated[QueueId, Path(description="the queue's own id: that of a Kafka topic")]


def router(hub: Hub) -> APIRouter:
    """Give the routes for who publishes by a queue."""
    doorkeepers = [Depends(known_caller(hub.identity)), Depends(given_once)]
    routes = APIRouter(
        tags=["publishing"], dependencies=doorkeepers, default_response_class=Response
    )

    @routes.get("/v1/intake-key", summary="The key to seal to", responses=INTAKE_KEY)
    def intake_key(_: Annotated[Nothing, Query()]) -> Response:
        """Give the intake key in use, signed by the key that signs acknowledgements."""
        found = hub.queued.intake_key()
        return Response(found, 200, {"cache-control": "no-store"}, "application/json")

    @routes.get(
        "/v1/submissions/{submission}", summary="The answer to a submission", responses=SUBMISSION
    )
    def answer(
        request: Request, submission: SubmissionOf, _: Annotated[Nothing, Query()]
    ) -> Response:
        """Give the acknowledgement of a submission of the caller's own source, once it has one."""
        found = hub.queued.answer(uuid.UUID(submission), caller_of(request))
        return Response(found, 200, {"cache-control": "no-store"}, ACKNOWLEDGEMENT_TYPE)

    @routes.get("/v1/queues/{queue}", summary="How far a queue is taken in", responses=QUEUE)
    def reached(request: Request, queue: QueueOf, _: Annotated[Nothing, Query()]) -> Response:
        """Give the number of the first message that is not taken in, 0 for a queue unheard of."""
        found = hub.queued.reached(uuid.UUID(queue), caller_of(request))
        return as_json({"queue": queue, "reached": found})

    return routes
