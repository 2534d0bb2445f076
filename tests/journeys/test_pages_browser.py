"""The pages as people meet them: at a desk, on a phone, on paper, and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.adapters.http.serving import serving
from tests.adapters.http.test_reading import assessed
from tests.adapters.pages.invented_querying import EmptyQuerying, InventedQuerying, invented
from tests.journeys.pages_browser import (
    DESK,
    PHONE,
    Visit,
    complaints,
    focused,
    open_browser,
    overflowing,
    stops,
)
from tests.pages_rig import open_pages

pytestmark = pytest.mark.browser

SIGNED_IN = (
    "/",
    "/feeds",
    "/themes/knife-crime-and-gangs",
    "/themes/exploitation",
    "/themes/domestic-abuse",
    "/themes/domestic-abuse?borough=havering",
    "/themes/pre-birth-and-neglect",
    "/themes/thresholds",
    "/themes/domestic-abuse/explain",
    "/themes/domestic-abuse/explained",
    "/themes/domestic-abuse/taken-back",
    "/nowhere",
)
BESIDE = (
    "/access",
    "/cross-borough",
    "/feeds",
    "/history",
    "/history?theme=domestic-abuse&before=2025-01-01",
    "/indicators",
    "/releases",
    "/strategy-discussions",
    "/themes/domestic-abuse?period=month&cut=age-band",
)
"""Shown over the hub's own services, in which a few assessments are."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module", params=[InventedQuerying, EmptyQuerying], ids=["full", "empty"])
def visit(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visit]:
    """Give a reader's window, at pages full of figures and at pages without any."""
    kind: type[InventedQuerying] = request.param
    home = tmp_path_factory.mktemp("home")
    with open_pages(home, lambda hub: invented(hub, kind)) as rig, serving(rig.app) as port:
        found = Visit(browser, rig, port)
        found.sign_in()
        yield found


@pytest.fixture(scope="module")
def real(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """Give a reader's window at pages over real views."""
    with open_pages(tmp_path_factory.mktemp("home")) as rig, serving(rig.app) as port:
        for month in range(1, 13):
            assessed(rig.door, f"2024-{month:02}-10", "3A")
        rig.door.project()
        found = Visit(browser, rig, port)
        found.sign_in()
        yield found


def look(visit: Visit, path: str) -> None:
    """Look at a page at every size, unfolded: axe, and what the browser says of it."""
    page = visit.page
    page.goto(visit.at + path)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        assert complaints(page) == []
        assert not overflowing(page)
    page.set_viewport_size(DESK)
    page.emulate_media(media="print")
    assert complaints(page) == []
    page.emulate_media(media="screen")
    assert visit.said == []


@pytest.mark.parametrize("path", SIGNED_IN)
def test_axe_finds_nothing_at_any_size(visit: Visit, path: str) -> None:
    """WCAG 2.2 AA and good practice, no sideways scrolling, nothing that the policy refused."""
    look(visit, path)


@pytest.mark.parametrize("path", BESIDE)
def test_axe_finds_nothing_beside_the_themes(real: Visit, path: str) -> None:
    """The same of the pages that show the hub's other views."""
    look(real, path)


def test_signing_in_and_explaining_by_keyboard_alone(visit: Visit) -> None:
    """From the link to a recorded explanation without a mouse, and out again."""
    page = visit.page
    page.goto(f"{visit.at}/sign-in/{visit.rig.link()}")
    visit.tab_to("Continue")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.at}/")
    visit.tab_to("Skip to main content")
    page.keyboard.press("Enter")
    visit.tab_to("Domestic abuse")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.at}/themes/domestic-abuse*")
    page.goto(f"{visit.at}/themes/domestic-abuse/explain?measure=factor-3a")
    for label, typed in (
        ("First day", "2022-04-01"),
        ("Last day", "2023-03-31"),
        ("Real", " "),
        ("What lies behind it", "A new form asks for it since May."),
    ):
        visit.tab_to(label)
        page.keyboard.type(typed)
    visit.tab_to("Record the explanation")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.at}/themes/domestic-abuse/explained")
    visit.tab_to("Sign out")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{visit.at}/sign-in")
    visit.sign_in()


@pytest.mark.parametrize("path", BESIDE)
def test_the_keyboard_reaches_every_control(real: Visit, path: str) -> None:
    """Tab goes through all that can be used, in the order in which it is read, and is seen."""
    real.page.goto(real.at + path)
    order, unseen = stops(real.page)
    assert order == list(range(len(order)))
    assert len(order) > len(BESIDE)
    assert unseen == []


def test_history_is_compared_by_keyboard_alone(real: Visit) -> None:
    """Choose a theme, type a day, compare: what changed stands there, and its table is one link."""
    page = real.page
    page.goto(f"{real.at}/history")
    real.tab_to("Skip to main content")
    page.keyboard.press("Enter")
    real.tab_to("Theme")
    page.keyboard.type("Domestic")
    real.tab_to("The earlier day")
    page.keyboard.type("2025-01-01")
    real.tab_to("Compare")
    page.keyboard.press("Enter")
    page.wait_for_url("**/history?theme=domestic-abuse&before=2025-01-01*")
    assert takes(real) == "history-domestic-abuse-2025-01-01-now.csv"


@pytest.mark.parametrize("view", ["access", "cross-borough", "feeds", "indicators"])
def test_figures_are_taken_away_by_keyboard_alone(real: Visit, view: str) -> None:
    """The link to a page's figures is reached by Tab, and Enter downloads them."""
    real.rig.door.project()  # so that who looked stands there too
    real.page.goto(f"{real.at}/{view}")
    assert takes(real) == f"{view}.csv"


def takes(visit: Visit) -> str:
    """Download the figures of a page from the keyboard; gives the file's name."""
    visit.tab_to("Download the figures")
    with visit.page.expect_download() as found:
        visit.page.keyboard.press("Enter")
    return found.value.suggested_filename


def test_a_form_with_faults_is_announced(visit: Visit) -> None:
    """The summary of what is wrong takes the focus, and axe finds nothing there either."""
    page = visit.page
    page.goto(f"{visit.at}/themes/domestic-abuse/explain")
    page.get_by_role("button", name="Record the explanation").click()
    page.locator(".govuk-error-summary:focus").wait_for()
    assert complaints(page) == []
    page.get_by_role("link", name="Choose which figure you explain").click()
    assert focused(page).startswith("Which figure")


def test_it_works_without_script(browser: Browser, tmp_path: Path) -> None:
    """Sign in, read, unfold, filter, and sign out, with scripts switched off."""
    with open_pages(tmp_path, invented) as rig, serving(rig.app) as port:
        visit = Visit(browser, rig, port, script=False)
        visit.sign_in()
        page = visit.page
        assert page.get_by_role("heading", level=1).inner_text() == "What changed, and is it real?"
        page.get_by_role("link", name="Themes", exact=True).click()
        page.get_by_text("Choose period, borough or cut").click()
        page.get_by_label("Borough").select_option("havering")
        page.get_by_role("button", name="Show").click()
        assert "borough=havering" in page.url
        page.get_by_role("button", name="Sign out").click()
        assert page.url.endswith("/pages/sign-in")


def test_a_page_prints(visit: Visit) -> None:
    """On paper: a tagged document, with what it was made from unfolded and no buttons."""
    page = visit.page
    page.goto(f"{visit.at}/themes/domestic-abuse")
    printed = page.pdf(format="A4", tagged=True)
    assert printed.startswith(b"%PDF")
    assert b"/StructTreeRoot" in printed
    page.emulate_media(media="print")
    assert not page.get_by_role("button", name="Sign out").is_visible()
    assert page.get_by_text("Positions, agreement and versions").is_visible()
    page.emulate_media(media="screen")
