"""Every page: whole, escaped, without anything inline, and honest where nothing is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.pages.invented_querying import EmptyQuerying, invented
from tests.adapters.pages.reading_html import Page
from tests.pages_rig import PagesRig, open_pages

THEMES = (
    "knife-crime-and-gangs",
    "exploitation",
    "domestic-abuse",
    "pre-birth-and-neglect",
    "thresholds",
)
VIEWS = ("/", "/feeds", *(f"/themes/{one}" for one in THEMES))
FORMS = ("/themes/domestic-abuse/explain", "/themes/domestic-abuse/explained")
OPEN = ("/sign-in", "/sign-in/some-token", "/nowhere")


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[PagesRig]:
    """Give pages of a hub to which nothing has come, with a reader signed in."""
    with open_pages(tmp_path, lambda hub: invented(hub, EmptyQuerying)) as rig:
        rig.sign_in()
        yield rig


def read(rig: PagesRig, path: str) -> Page:
    """Read a page."""
    answer = rig.client.get(f"/pages{path}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


@pytest.mark.parametrize("path", [*VIEWS, *FORMS, *OPEN])
def test_nothing_is_inline(reader: PagesRig, path: str) -> None:
    """No script, style or handler in any page, no link out, and headings that skip no level."""
    page = read(reader, path)
    assert page.inline == []
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    steps = zip(page.headings, page.headings[1:], strict=False)
    assert all(second - first <= 1 for first, second in steps)
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith(("/pages/", "#")) for link in page.links)


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_says_what_it_was_made_from(reader: PagesRig, path: str) -> None:
    """Freshness, gaps, positions, agreement, right; and that counts judge nobody."""
    said = read(reader, path).text
    for words in (
        "Low and high counts are not performance judgements",
        "the partnership's own judgement",
        "Havering: data to 31 March 2023, loaded on 20 May 2023 at 10:30; 1 gap in what was sent",
        "Redbridge: data to 31 March 2023, loaded on 20 May 2023 at 10:30; 3 not counted",
        "bhr-themes@1, for partnership-themes, right live",
        "12,345",
        "none: live figures",
        "2 erasures since",
        "what was erased is not counted here, though it was by then",
    ):
        assert words in said


@pytest.mark.parametrize("path", VIEWS)
def test_a_page_of_nothing_says_so(empty: PagesRig, path: str) -> None:
    """No figure, no zero, no empty table: a sentence."""
    said = read(empty, path).text
    assert "yet" in said
    assert "Havering: nothing has come yet" in said if path == "/feeds" else True


def test_the_overview_begins_with_what_rose(reader: PagesRig) -> None:
    """What, where, by how much, and whether it is real: in its first sentence."""
    said = read(reader, "/").text
    lead = "rose in Havering from 268 to 376 (+40.3%): nobody has explained it yet."
    assert lead in said
    assert said.index(lead) < said.index("What rose most") < said.index("The five themes")
    assert "Recording, the borough says A new form asks for it since May." in said
    assert "headline measures have no source yet" in said


def test_what_was_typed_is_shown_as_text(reader: PagesRig) -> None:
    """An explanation with markup in it is read, not run."""
    answer = reader.client.get("/pages/themes/domestic-abuse")
    assert "<script>alert" not in answer.text
    assert "<script>alert('x')</script>" in Page(answer.text).text


def test_a_theme_s_figures_stand_with_their_reasons(reader: PagesRig) -> None:
    """Rate, change, comparators, flag with its reason, explanation, source, or none yet."""
    said = read(reader, "/themes/exploitation").text
    assert "12 months to March 2023" in said
    assert "England 2023 London 2023 Outer London 2023" in said
    assert "Havering, flag b: Zero or nearly so, where Redbridge has 217." in said
    assert "England, London and Outer London: year to 31 March 2023, DfE, children in need." in said
    assert "No source yet. Could be fed by each borough's multi-agency" in said
    assert "Fed by: assessment completed." in said
    explained = read(reader, "/themes/domestic-abuse").text
    assert "Havering, explained as recording:" in explained
    assert "Director, 3 June 2025 at 11:15, for 1 April 2022 to 31 March 2023" in explained


def test_every_chart_says_itself(reader: PagesRig) -> None:
    """A drawing with title and description, its figures in a table, breaks and flags in words."""
    text = reader.client.get("/pages/themes/domestic-abuse").text
    assert text.count('role="img"') == text.count("<desc") == 3
    said = Page(text).text
    assert "24 periods from 12 months to April 2021 to 12 months to March 2023" in said
    assert "Break 1, 2 April 2022: Havering changed its case system (Havering)." in said
    assert "Long before anything shown" not in said
    assert "139.6 (a)" in said
    assert "no figure" in said


def test_only_the_borough_itself_is_asked_to_explain(reader: PagesRig) -> None:
    """A reader of Havering is led to the form from Havering's figures alone."""
    page = read(reader, "/themes/domestic-abuse")
    forms = [link for link in page.links if "/explain?" in link]
    assert len(forms) == 2 + 3  # the two unexplained rises, and a row in each table


def test_the_figures_are_one_click_away(reader: PagesRig) -> None:
    """Each table has a link to its figures as CSV."""
    links = read(reader, "/themes/domestic-abuse").links
    assert links.count("/pages/themes/domestic-abuse?format=csv") == 3


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/themes/unheard-of", 403),
        ("/themes/domestic-abuse?unknown=1", 422),
        ("/themes/domestic-abuse?year=1", 422),
        ("/assets/nothing.css", 404),
    ],
)
def test_what_is_not_there_is_said_in_words(reader: PagesRig, path: str, status: int) -> None:
    """A page with a way on, and nothing that was sent."""
    answer = reader.client.get(f"/pages{path}")
    assert answer.status_code == status
    page = Page(answer.text)
    assert "/pages/" in page.links
    assert "unheard-of" not in page.text
    assert "nowhere" not in page.text


def test_a_fault_is_a_page_too(tmp_path: Path) -> None:
    """What nobody foresaw is answered in words, without its own."""

    class Broken(EmptyQuerying):
        def feeds(self, reading: object) -> dict[str, object]:  # type: ignore[override]  # it gives nothing
            raise RuntimeError("a value that was sent")

    with open_pages(tmp_path, lambda hub: invented(hub, Broken)) as rig:
        rig.sign_in()
        answer = rig.client.get("/pages/feeds")
        assert answer.status_code == 500
        assert "Something went wrong" in answer.text
        assert "a value" not in answer.text


def test_the_front_door_leads_to_the_pages(reader: PagesRig) -> None:
    """Whoever types the hub's address alone is led to the overview."""
    for path in ("/", "/pages"):
        answer = reader.client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, "/pages/")
