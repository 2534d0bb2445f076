"""A browser at the pages: the machine's own Chromium, and axe inside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-sync",
    "--no-first-run",
    "--no-sandbox",  # changes are checked as root, and nothing is opened but our own pages
)
DESK: ViewportSize = {"width": 1200, "height": 900}
PHONE: ViewportSize = {"width": 360, "height": 740}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Start Chromium; fails where there is none, and says what to install."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    assert found is not None, "no Chromium on this machine: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def complaints(page: Page) -> list[str]:
    """Give what axe finds against WCAG 2.2 AA and good practice: the rule, and where."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    return [
        f"{one['id']}: {node['target']}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


def overflowing(page: Page) -> bool:
    """Say whether a reader has to scroll the whole page sideways."""
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    return bool(wide)


def focused(page: Page) -> str:
    """Give the words of what has the focus."""
    said = page.evaluate(
        "() => { const e = document.activeElement;"
        " return (e.labels && e.labels.length ? e.labels[0].textContent : '')"
        " || e.getAttribute('aria-label') || e.textContent || e.tagName }"
    )
    return " ".join(str(said).split())
