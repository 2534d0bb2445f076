"""The pages over a hub in memory, and a browser of sorts at their door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from fastapi.testclient import TestClient
from httpx2 import Response

from adapters.http.application import guarded
from adapters.identity.one_time_links import LIFE_SECONDS, OneTimeLinks
from adapters.identity.tokens import EmbeddedIssuer, TokenVerifier
from adapters.pages.application import application
from adapters.pages.front import Front
from adapters.pages.rendering import Templates
from adapters.pages.sessions import Sessions
from domain.vocabulary.offices import RightGranted
from services.hub import Hub
from services.ports import Caller
from tests.http_rig import ISSUER, HttpRig
from tests.hub_rig import open_rig
from tests.rig_publisher import PURPOSE, token

SIGN_IN = "urn:test:hub:sign-in"
ANALYST = Caller("havering", None, "analyst", "person-1")
DIRECTOR = Caller("havering", None, "director", "person-2")
POLICE = Caller("metropolitan-police-east", None, "commander", "person-3")


@dataclass
class PagesRig:
    """Served pages, and a client that keeps cookies as a browser does."""

    door: HttpRig
    home: Path
    change: Callable[[Hub], Hub] = field(default=lambda hub: hub)
    secure: bool = False
    redeem: bool = True

    def __post_init__(self) -> None:
        """Open the pages over a hub in which something may be another thing."""
        clock = self.door.rig.clock
        self.issuer = EmbeddedIssuer(bytes(range(1, 33)), ISSUER, SIGN_IN, clock)
        verifier = TokenVerifier(ISSUER, SIGN_IN, keys=self.issuer.keys, clock=clock)
        self.links = OneTimeLinks(verifier, self.home / "spent-links", clock)
        self.hub = self.change(self.door.hub)
        self.front = Front(
            hub=self.hub,
            sessions=Sessions(clock),
            redeem=self.links.redeem if self.redeem else None,
            secure=self.secure,
            templates=Templates(),
        )
        self.app = guarded(self.hub, application(self.front))
        self.client = self.browser()

    def browser(self) -> TestClient:
        """Give another browser, with no cookies yet."""
        scheme = "https" if self.secure else "http"
        return TestClient(self.app, base_url=f"{scheme}://hub", follow_redirects=False)

    def link(self, caller: Caller = ANALYST) -> str:
        """Mint what a sign-in link ends in."""
        return self.issuer.mint(caller, life_seconds=LIFE_SECONDS, jti=token())

    def grant(self, caller: Caller, right: str = "live") -> None:
        """Grant an office a right."""
        facts = RightGranted.Facts.model_validate(
            {
                "effective_from": "2020-01-01",
                "office": caller.office,
                "participant": caller.participant,
                "purposes": (PURPOSE,),
                "right": right,
            }
        )
        self.door.rig.registering.grant(facts)

    def sign_in(self, caller: Caller = ANALYST, client: TestClient | None = None) -> Response:
        """Follow a link and continue, as a reader does."""
        browser = client or self.client
        page = browser.get(f"/pages/sign-in/{self.link(caller)}")
        fields = {name: hidden(page.text, name) for name in ("csrf", "token")}
        return browser.post("/pages/sign-in", data=fields)


def hidden(page: str, name: str) -> str:
    """Give the value of a hidden field."""
    return page.partition(f'type="hidden" name="{name}" value="')[2].partition('"')[0]


@contextmanager
def open_pages(
    home: Path,
    change: Callable[[Hub], Hub] | None = None,
    *,
    secure: bool = False,
    redeem: bool = True,
) -> Iterator[PagesRig]:
    """Give served pages, and stop the hub's writers afterwards."""
    with open_rig() as rig:
        yield PagesRig(HttpRig(rig), home, change or (lambda hub: hub), secure, redeem)
