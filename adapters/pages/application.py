"""The pages as one application, to be mounted beside `/v1`: routes, refusals, protection."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from adapters.http.telemetry import SILENT
from adapters.pages import (
    changing,
    counted,
    explaining,
    releasing,
    running,
    showing,
    signing_in,
    taking_back,
)
from adapters.pages.building import ASSETS
from adapters.pages.front import SEE_OTHER, FormRefused, Front, SignInNeeded
from adapters.pages.protection import Protected
from adapters.pages.rendering import PREFIX
from domain.errors import HomeNotReady, HubError, NotAuthorised, NotFound, QuestionRefused

SORRY: Mapping[int, tuple[str, str]] = {
    400: (
        "This form cannot be taken",
        "Go back to its page, load it again, and send the form from there.",
    ),
    403: (
        "You may not see this",
        "No agreement in force, purpose or right lets your office read it.",
    ),
    404: ("There is no such page", "Check the address, or begin at the overview."),
    405: ("There is no such page", "Check the address, or begin at the overview."),
    422: ("This cannot be asked", "Check what was chosen, or begin at the overview."),
    500: ("Something went wrong", "Nothing was shown. The hub's operator finds it in the log."),
    503: (
        "Not available now",
        "Nothing is shown that could not be recorded as read. Try again in a minute.",
    ),
}
STATUSES: Mapping[type[Exception], int] = {
    FormRefused: 400,
    NotAuthorised: 403,
    NotFound: 404,
    QuestionRefused: 422,
    HubError: 503,
    RequestValidationError: 422,
}
LINK_SPENT = (
    "This link does not let you in",
    "It was used, or is too old, or was not copied whole. Ask for another.",
)
NO_WARDS = "ward-populations-not-registered"
NOT_ANSWERED = (
    "This cannot be answered yet",
    "Wards are shown once a table of their populations is registered, and large ones alone.",
)


def application(front: Front) -> ASGIApp:
    """Give the pages; raises HomeNotReady when their assets were not made."""
    if not (ASSETS / "govuk-frontend.css").is_file():
        raise HomeNotReady("the pages have no assets yet: run `make assets`")
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry=SILENT,
    )
    app.mount("/assets", StaticFiles(directory=ASSETS))
    ours = (showing, changing, counted, running, releasing, signing_in, explaining, taking_back)
    for one in ours:
        app.include_router(one.router(front))
    _install_refusals(app, front)
    return Protected(app, secure=front.secure)


def _install_refusals(app: FastAPI, front: Front) -> None:
    """Answer every refusal with a page that says what can be done, and nothing that was sent.

    What nobody foresaw the framework raises again, and the application around the pages logs it.
    """

    async def refused(_: Request, error: Exception) -> Response:
        if isinstance(error, SignInNeeded):
            return RedirectResponse(f"{PREFIX}/sign-in", SEE_OTHER)
        status = _status(error)
        title, advice = SORRY.get(status, SORRY[404])
        if isinstance(error, NotAuthorised) and error.reason.startswith("token-"):
            title, advice = LINK_SPENT
        if isinstance(error, QuestionRefused) and error.reason == NO_WARDS:
            title, advice = NOT_ANSWERED
        return front.page("sorry", shown={"title": title, "advice": advice}, status=status)

    kinds = (SignInNeeded, FormRefused, HubError, RequestValidationError, HTTPException, Exception)
    for kind in kinds:
        app.add_exception_handler(kind, refused)


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)
