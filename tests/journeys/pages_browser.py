"""A browser at the pages: the machine's own Chromium, and axe inside it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.pages_rig import PagesRig

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
STEPS_MAX = 80
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


def stops(page: Page) -> tuple[list[int], list[str]]:
    """Press Tab through a whole page; gives where it stopped, and where nobody would see it.

    Stops go by the place of each control in the page's own order; one group of radio buttons is one
    stop. All of them are in the list, or the number of the first that was missed is -1.
    """
    number = int(page.evaluate(_NUMBER))
    order, unseen = [], []
    for _ in range(number):
        page.keyboard.press("Tab")
        at, seen = page.evaluate(_AT)
        order.append(int(at))
        if not seen:
            unseen.append(focused(page))
    return order, unseen


_NUMBER = """() => {
  const met = new Set();
  const usable = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')]
    .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility())
    .filter((one) => one.type !== 'radio' || !(met.has(one.name) || !met.add(one.name)));
  usable.forEach((one, at) => { one.dataset.at = at; });
  return usable.length;
}"""
_AT = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  return [one.dataset.at ?? -1, outlined || style.boxShadow !== 'none'];
}"""


class Visit:
    """A browser signed in at served pages, and what its console said."""

    def __init__(self, browser: Browser, rig: PagesRig, port: int, *, script: bool = True) -> None:
        """Open a window."""
        self.at = f"http://127.0.0.1:{port}/pages"
        self.rig = rig
        context = browser.new_context(viewport=DESK, java_script_enabled=script)
        self.page: Page = context.new_page()
        self.said: list[str] = []
        self.page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "status of 404" not in message.text:
            self.said.append(message.text)

    def sign_in(self) -> None:
        """Follow a link and continue."""
        self.page.goto(f"{self.at}/sign-in/{self.rig.link()}")
        self.page.get_by_role("button", name="Continue").click()

    def tab_to(self, words: str) -> None:
        """Press Tab until the focus stands on what begins with these words."""
        for _ in range(STEPS_MAX):
            self.page.keyboard.press("Tab")
            if focused(self.page).startswith(words):
                return
        raise AssertionError(f"the keyboard does not reach {words!r}")
