"""Signing in at a served hub: `bhr signin` makes the link, and a browser's steps use it up."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.journeys.stage import OFFICE, READER, Stage, set_stage
from tests.pages_rig import hidden

PROVIDER = {
    "BHR_AUDIENCE": "urn:bhr:hub",
    "BHR_ISSUER": "https://idp.example",
    "BHR_ISSUER_KEYS": "keys.json",
}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Give a stage on which nobody plays yet."""
    return set_stage(tmp_path / "stage")


def link(stage: Stage) -> str:
    """Make a link on the hub's machine."""
    made = stage.hub.run("signin", "--reader", f"{OFFICE}@{READER}", "--hub", stage.url)
    assert made.status == 0, made.said()
    assert "whoever opens this link first" in made.err
    return made.out.strip()


def continued(browser: httpx2.Client, address: str) -> httpx2.Response:
    """Open a link, and press Continue."""
    page = browser.get(address)
    assert page.status_code == 200
    fields = {name: hidden(page.text, name) for name in ("csrf", "token")}
    return browser.post(page.url.join("/pages/sign-in"), data=fields)


def test_a_link_lets_one_browser_in(stage: Stage) -> None:
    """Once, and not again after the hub was killed and started anew."""
    running = stage.start_hub()
    address = link(stage)
    with httpx2.Client() as browser:
        assert continued(browser, address).headers["location"] == "/pages/"
        overview = browser.get(f"{stage.url}/pages/")
        assert overview.status_code == 200
        assert "What changed, and is it real?" in overview.text
    running.kill()
    running = stage.start_hub()
    with httpx2.Client() as browser:
        assert continued(browser, address).status_code == 403
        assert browser.get(f"{stage.url}/pages/").status_code == 303
        assert continued(browser, link(stage)).status_code == 303
    running.kill()


def test_no_links_beside_an_identity_provider(stage: Stage) -> None:
    """A hub that believes somebody else's tokens makes no links of its own, and says so."""
    made = stage.hub.run("signin", "--reader", f"{OFFICE}@{READER}", **PROVIDER)
    assert (made.status, made.out) == (2, "")
    assert "an identity provider is configured" in made.err
