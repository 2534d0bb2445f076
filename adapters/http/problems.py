"""Every refusal over HTTP: RFC 9457 problems, all faults at once, and never a value that was sent.

One table says which status each refusal has; nothing else in the HTTP adapter decides one.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.canonical import JsonValue
from domain.errors import (
    AlreadyDifferent,
    Fault,
    HubError,
    NotAuthorised,
    NotFound,
    NotOpened,
    SubmissionRefused,
    Unavailable,
)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 5
log = logging.getLogger("bhr.http")

STATUSES: tuple[tuple[type[HubError], int, str], ...] = (
    (SubmissionRefused, 422, "submission-refused"),
    (NotAuthorised, 403, "not-authorised"),
    (NotFound, 404, "not-found"),
    (AlreadyDifferent, 409, "already-recorded-differently"),
    (NotOpened, 410, "not-opened"),
    (Unavailable, 503, "not-available"),
    (HubError, 503, "not-ready"),
)

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "A valid bearer token is needed",
    403: "This may not be done",
    404: "There is no such thing",
    405: "Not that method, here",
    406: "Not available in that form",
    409: "This id is recorded with another content",
    410: "This does not open any more",
    413: "Too large",
    415: "Not a content type that is taken here",
    422: "Refused; nothing but the refusal was recorded",
    500: "An unexpected fault; nothing was acknowledged",
    503: "Not available now; try again",
}


def problem(
    status: int,
    code: str,
    *,
    faults: Sequence[Fault] = (),
    extra: Mapping[str, JsonValue] | None = None,
) -> Response:
    """Give a problem document. `code` becomes the last part of its type."""
    body: dict[str, JsonValue] = {
        "status": status,
        "title": TITLES.get(status, "Refused"),
        "type": f"urn:bhr:problem:{code}",
    }
    if faults:
        body["faults"] = [
            {"code": one.code, "event": one.event, "place": one.place} for one in faults
        ]
    headers = {"cache-control": "no-store"}
    if status == 503:  # noqa: PLR2004 - the one status that says when to come back
        headers["retry-after"] = str(RETRY_AFTER_S)
    if status == 401:  # noqa: PLR2004 - the one status that names its scheme
        headers["www-authenticate"] = "Bearer"
    return Response(json.dumps({**body, **(extra or {})}), status, headers, media_type=PROBLEM_TYPE)


def problem_of(error: HubError) -> Response:
    """Translate one of our own errors."""
    if isinstance(error, NotAuthorised) and error.reason.startswith("token-"):
        return problem(401, error.reason)
    status, code = next(
        (status, code) for kind, status, code in STATUSES if isinstance(error, kind)
    )
    if isinstance(error, SubmissionRefused):
        whole = {fault.code for fault in error.faults}
        if whole == {"too-large"}:
            return problem(413, "too-large")
        if whole <= {"not-json", "not-utf-8"}:
            return problem(400, "not-json", faults=error.faults)
        return problem(status, code, faults=error.faults)
    if isinstance(error, NotAuthorised):
        return problem(status, error.reason)
    return problem(status, code)


def install(app: FastAPI) -> None:
    """Answer every refusal of this app, the framework's own included, with a problem."""

    @app.exception_handler(HubError)
    async def _ours(_: Request, error: HubError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _fields(_: Request, error: RequestValidationError) -> Response:
        faults = [
            Fault(-1, ".".join(str(step) for step in one["loc"][:2]), "not-valid")
            for one in error.errors()
            if len(one["loc"]) > 1 and one["type"] != "extra_forbidden"
        ]
        return problem(422, "parameters-refused", faults=faults)

    @app.exception_handler(HTTPException)
    async def _framework(_: Request, error: HTTPException) -> Response:
        return problem(error.status_code, "not-found" if error.status_code == 404 else "refused")  # noqa: PLR2004


class LastResort:
    """Outermost: an exception that nobody foresaw is answered, and its text is never shown."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer 500 in place of an exception."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - its text may hold what was sent: name its class alone
            log.error("unexpected-fault kind=%s", type(error).__name__)  # noqa: TRY400 - no traceback: it may hold values
            await problem(500, "unexpected")(scope, receive, send)
