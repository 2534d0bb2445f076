"""What every page is made with: who is reading, how it is rendered, and forms that are ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from adapters.pages.rendering import PREFIX, Templates
from adapters.pages.sessions import Redeem, Session, Sessions, same
from domain.errors import NotAuthorised
from domain.reference.agreements import Agreement
from services.hub import Hub
from services.reading import Reading

FORM_TYPE = "application/x-www-form-urlencoded"
FORM_BYTES_MAX = 32 * 1024
FORM_FIELDS_MAX = 32
SEE_OTHER = 303
RELEASED_ONLY: Final = "released-only"
"""Why an office that may read releases alone is refused."""
T = TypeVar("T")


class SignInNeeded(Exception):
    """Nobody is signed in at this browser, or not any more."""


class FormRefused(Exception):
    """A form that is not one of ours, or whose page is too old."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the pages' routes are handed."""

    hub: Hub
    sessions: Sessions
    redeem: Redeem | None
    """Spends sign-in links; None where an identity provider is configured."""
    secure: bool
    """Whether TLS protects the way here."""
    templates: Templates

    @property
    def cookie(self) -> str:
        """Name the session's cookie; a browser takes one of the longer name over TLS alone."""
        return "__Secure-bhr-session" if self.secure else "bhr-session"

    def set_cookie(self, answer: Response, name: str, value: str, life_s: int) -> None:
        """Set a cookie that no script reads, no other site sends, and nobody else sees."""
        answer.set_cookie(
            name,
            value,
            max_age=life_s,
            path=PREFIX,
            secure=self.secure,
            httponly=True,
            samesite="strict",
        )

    def session(self, request: Request) -> Session:
        """Give who is signed in; raises SignInNeeded."""
        found = self.sessions.find(request.cookies.get(self.cookie, ""))
        if found is None:
            raise SignInNeeded
        return found

    def asked(
        self, session: Session, view: str, ask: Callable[[Reading], T], form: str | None = None
    ) -> T:
        """Ask under each agreement and purpose that names this office, until one lets it.

        Whether one is signed, and whether a right is for it, is decided where every reading is
        allowed, before anything is recorded. Raises NotAuthorised where none lets it.
        """
        refused: list[NotAuthorised] = []
        for reading in self._readings(session, view, form or "page"):
            try:
                return ask(reading)
            except NotAuthorised as error:
                refused.append(error)
        told = [one for one in refused if one.reason == RELEASED_ONLY] or refused
        raise told[0] if told else NotAuthorised("agreement-does-not-cover")

    def _readings(self, session: Session, view: str, form: str) -> Iterator[Reading]:
        caller = session.caller
        for agreement, _ in self.hub.registry.in_force(Agreement):
            for purpose in agreement.purposes:
                if agreement.may_read(
                    participant=caller.participant,
                    office=caller.office or "",
                    view=view,
                    purpose=purpose.code,
                ):
                    yield Reading(caller, agreement.reference(), purpose.code, form)

    def page(
        self,
        name: str,
        session: Session | None = None,
        *,
        shown: Mapping[str, object] | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """Render a page for whoever is signed in; `shown` is what its template asks for."""
        common = self._common(session) if session else {}
        return HTMLResponse(self.templates.page(name, {**common, **(shown or {})}), status)

    def names(self) -> dict[str, str]:
        """Give every participant's name by its code."""
        participants = self.hub.registry.participants()
        return {one.code: one.name for one in participants.participants}

    def _common(self, session: Session) -> Mapping[str, object]:
        names = self.names()
        themes = self.hub.registry.mapping()[0].themes
        caller = session.caller
        return {
            "body": names.get(caller.participant, caller.participant),
            "csrf": session.csrf,
            "office": caller.office,
            "own": caller.participant,
            "themes": [(theme.code, theme.title) for theme in themes],
        }


async def form_of(request: Request) -> dict[str, str]:
    """Give a form's fields; raises FormRefused for what no page of ours sends."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise FormRefused
    received = bytearray()
    async for piece in request.stream():
        received += piece
        if len(received) > FORM_BYTES_MAX:
            raise FormRefused
    try:
        pairs = parse_qsl(
            received.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(received),
            errors="strict",
            max_num_fields=FORM_FIELDS_MAX,
        )
    except ValueError:
        raise FormRefused from None
    if len(pairs) != len(dict(pairs)):
        raise FormRefused
    return dict(pairs)


def check_ours(form: Mapping[str, str], secret: str) -> None:
    """Raise FormRefused unless the form carries the secret that its page was given."""
    if not same(form.get("csrf", ""), secret):
        raise FormRefused
