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
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adapters.http.bodies import NotTaken, TooSlow
from adapters.http.turned_away import TurnedAway
from domain.canonical import JsonValue
from domain.errors import (
    AlreadyDifferent,
    Fault,
    HubError,
    KeyMissing,
    NotAuthorised,
    NotFound,
    NotOpened,
    QuestionRefused,
    ReferenceRefused,
    SubmissionRefused,
    Unavailable,
    Unforeseen,
)

PROBLEM_TYPE = "application/problem+json"
RELEASED_ONLY = "released-only"
"""The reason that is told with where to read instead."""
RETRY_AFTER_S = 5
FAULTS_TOLD_MAX = 1000
"""Of more the acknowledgement beside them tells, event by event."""
log = logging.getLogger("bhr.http")

STATUSES: tuple[tuple[type[HubError], int, str], ...] = (
    (SubmissionRefused, 422, "submission-refused"),
    (ReferenceRefused, 422, "document-refused"),
    (NotAuthorised, 403, "not-authorised"),
    (QuestionRefused, 422, "question-refused"),
    (NotFound, 404, "not-found"),
    (AlreadyDifferent, 409, "already-recorded-differently"),
    (KeyMissing, 410, "not-opened"),
    (NotOpened, 500, "not-as-recorded"),
    (Unforeseen, 500, "unexpected"),
    (Unavailable, 503, "not-available"),
    (HubError, 503, "not-ready"),
)

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "A valid bearer token is needed",
    403: "This may not be done",
    404: "There is no such thing",
    405: "Not that method, here",
    408: "The request took too long to arrive",
    409: "This id is recorded with another content",
    410: "This does not open any more",
    413: "Too large",
    415: "Not a content type or coding that is taken here",
    422: "Refused; nothing but the refusal was recorded",
    500: "An unexpected fault; nothing was acknowledged",
    503: "Not available now; try again",
}
_FRAMEWORK_CODES: Mapping[int, str] = {404: "not-found", 405: "method-not-allowed"}
_PARAMETER_CODES: Mapping[str, str] = {
    "extra_forbidden": "not-known",
    "given_twice": "given-twice",
    "missing": "missing",
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
            {"code": one.code, "event": one.event, "place": one.place}
            for one in faults[:FAULTS_TOLD_MAX]
        ]
    headers = {"cache-control": "no-store"}
    if status == 503:  # noqa: PLR2004 - the one status that says when to come back
        headers["retry-after"] = str(RETRY_AFTER_S)
    if status == 401:  # noqa: PLR2004 - the one status that names its scheme
        given = "" if code == "token-missing" else ' error="invalid_token"'
        headers["www-authenticate"] = f"Bearer{given}"
    return Response(json.dumps({**body, **(extra or {})}), status, headers, media_type=PROBLEM_TYPE)


def problem_of(error: HubError) -> Response:
    """Translate one of our own errors."""
    status, code = next(
        (status, code) for kind, status, code in STATUSES if isinstance(error, kind)
    )
    if isinstance(error, NotAuthorised):
        instead: dict[str, JsonValue] = (
            {"releases": "/v1/releases"} if error.reason == RELEASED_ONLY else {}
        )
        status = 401 if error.reason.startswith("token-") else status
        return problem(status, error.reason, extra=instead)
    if isinstance(error, QuestionRefused):
        return problem(status, error.reason)
    if isinstance(error, SubmissionRefused | ReferenceRefused):
        whole = {fault.code for fault in error.faults}
        if whole == {"too-large"}:
            return problem(413, "too-large")
        if whole <= {"not-json", "not-utf-8"}:
            return problem(400, "not-json", faults=error.faults)
        return problem(status, code, faults=error.faults)
    return problem(status, code)


def _parameters(error: RequestValidationError) -> Response:
    """Say which of our own parameters is wrong; a name that was sent and is not ours is not told.

    pydantic's errors hold such a name in their place, and what was sent beside it.
    """
    faults = set()
    for one in error.errors():
        code = _PARAMETER_CODES.get(one["type"], "not-valid")
        ours = code in {"missing", "not-valid"}
        place = ".".join(str(step) for step in one["loc"][: 2 if ours else 1])
        faults.add(Fault(-1, place, code))
    return problem(422, "parameters-refused", faults=sorted(faults))


def install(app: FastAPI, turned_away: TurnedAway) -> None:
    """Answer every refusal of this app, the framework's own included, with a problem."""

    @app.exception_handler(HubError)
    async def _ours(_: Request, error: HubError) -> Response:
        turned_away.hear(error)
        return problem_of(error)

    @app.exception_handler(NotTaken)
    async def _not_taken(_: Request, error: NotTaken) -> Response:
        return problem(415, error.what)

    @app.exception_handler(TooSlow)
    async def _too_slow(_: Request, __: TooSlow) -> Response:
        return problem(408, "too-slow")

    @app.exception_handler(ClientDisconnect)
    async def _gone(_: Request, __: ClientDisconnect) -> Response:
        return problem(400, "cut-short")  # nobody is there to read it: no fault of the hub's

    @app.exception_handler(RequestValidationError)
    async def _fields(_: Request, error: RequestValidationError) -> Response:
        return _parameters(error)

    @app.exception_handler(HTTPException)
    async def _framework(_: Request, error: HTTPException) -> Response:
        answer = problem(error.status_code, _FRAMEWORK_CODES.get(error.status_code, "refused"))
        answer.headers.update(error.headers or {})  # of a 405: which methods there are
        return answer

    @app.exception_handler(Exception)
    async def _unforeseen(_: Request, __: Exception) -> Response:
        # Given, since the framework would answer in words of its own before it raises again.
        return problem(500, "unexpected")


class LastResort:
    """Outermost: an exception that nobody foresaw ends here, and its text is never shown.

    Whatever is raised beyond this point the server logs with its text, and that may hold a value.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the whole application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer 500 in place of an exception, if no answer has begun."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noticed(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:  # noqa: BLE001 - its text may hold what was sent: name its class alone
            log.error("unexpected-fault kind=%s", type(error).__name__)  # noqa: TRY400 - no traceback: it may hold values
            if not begun:
                await problem(500, "unexpected")(scope, receive, send)
