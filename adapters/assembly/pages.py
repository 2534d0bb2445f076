"""The pages over an open hub, and the links that let a browser into them."""

from __future__ import annotations

import secrets

from starlette.types import ASGIApp

from adapters.assembly.hub import Rooms
from adapters.assembly.identities import ISSUER, SIGN_IN, WallClock
from adapters.identity.one_time_links import LIFE_SECONDS, OneTimeLinks
from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from adapters.pages.application import application
from adapters.pages.front import Front
from adapters.pages.rendering import PREFIX, Templates
from adapters.pages.sessions import Sessions
from adapters.settings import HubHome, configured_issuer
from services.ports import Caller, Clock


def pages(rooms: Rooms, home: HubHome, *, secure: bool, clock: Clock | None = None) -> ASGIApp:
    """Give the pages; links let nobody in where an identity provider is configured.

    `secure` says that TLS protects the way to them. Raises HomeNotReady without assets.
    """
    now = clock or WallClock()
    links = None
    if configured_issuer() is None:
        believed = TokenVerifier(ISSUER, SIGN_IN, keys=rooms.issuer.keys, clock=now)
        links = OneTimeLinks(believed, home.spent_links, now)
    redeem = links.redeem if links else None
    return application(Front(rooms.hub, Sessions(now), redeem, secure, Templates()))


def sign_in_link(
    issuer: EmbeddedIssuer, caller: Caller, *, hub: str, life_seconds: int = LIFE_SECONDS
) -> str:
    """Make a link that lets one browser in, once; `issuer` is one that was opened for links."""
    token = issuer.mint(caller, life_seconds=life_seconds, jti=secrets.token_urlsafe(16))
    return f"{hub.rstrip('/')}{PREFIX}/sign-in/{token}"
