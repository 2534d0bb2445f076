"""Signing in by a one-time link, and out again.

The link's page spends nothing: what looks at links before people do must not use them up. Its form
does, and since that form is sent from our own page, the session's cookie is set, and sent, on our
own site alone. The form carries a secret that a cookie holds too, so that nobody can sign a browser
in from elsewhere.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from adapters.pages.front import SEE_OTHER, Front, check_ours, form_of
from adapters.pages.rendering import PREFIX
from adapters.pages.sessions import LIFE_S, chance
from domain.errors import NotAuthorised

PENDING = "bhr-sign-in"
PENDING_S = 600
TOKEN_CHARACTERS_MAX = 4096
Form = Annotated[dict[str, str], Depends(form_of)]


def router(front: Front) -> APIRouter:
    """Give the routes for signing in and out."""
    routes = APIRouter(default_response_class=HTMLResponse)

    @routes.get("/sign-in")
    def how() -> HTMLResponse:
        return front.page("sign-in", shown={"possible": front.redeem is not None})

    @routes.get("/sign-in/{token}")
    def link(token: str) -> HTMLResponse:
        if front.redeem is None or len(token) > TOKEN_CHARACTERS_MAX:
            raise NotAuthorised("token-malformed")
        secret = chance()
        answer = front.page("sign-in-link", shown={"csrf": secret, "token": token})
        front.set_cookie(answer, PENDING, secret, PENDING_S)
        return answer

    @routes.post("/sign-in")
    def signed_in(request: Request, form: Form) -> RedirectResponse:
        check_ours(form, request.cookies.get(PENDING, ""))
        if front.redeem is None:
            raise NotAuthorised("token-malformed")
        caller = front.redeem(form.get("token", ""))
        answer = RedirectResponse(f"{PREFIX}/", SEE_OTHER)
        front.set_cookie(answer, front.cookie, front.sessions.begin(caller), LIFE_S)
        answer.delete_cookie(PENDING, path=PREFIX)
        return answer

    @routes.post("/sign-out")
    def signed_out(request: Request, form: Form) -> RedirectResponse:
        check_ours(form, front.session(request).csrf)
        front.sessions.end(request.cookies.get(front.cookie, ""))
        answer = RedirectResponse(f"{PREFIX}/sign-in", SEE_OTHER)
        answer.delete_cookie(front.cookie, path=PREFIX)
        return answer

    return routes
