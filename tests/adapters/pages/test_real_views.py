"""The pages over the hub's own services: what was published is shown, and every read recorded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain.vocabulary.hub import AuditOpened, LedgerPosition, ViewRead
from tests.adapters.http.test_reading import assessed
from tests.adapters.pages.reading_html import Page
from tests.excel import cells, changed
from tests.pages_rig import ANALYST, POLICE, PagesRig, hidden, open_pages

READS = {
    "/themes/domestic-abuse": ["domestic-abuse"],
    "/feeds": ["feeds", "loads"],
    "/access": ["access"],
    "/indicators": ["indicators"],
    "/strategy-discussions": ["strategy-discussions"],
    "/cross-borough": ["cross-borough"],
    "/history": [],
    "/releases": ["releases"],
    "/history?theme=domestic-abuse&before=2025-01-01": ["history"],
    "/": [
        "knife-crime-and-gangs",
        "exploitation",
        "domestic-abuse",
        "pre-birth-and-neglect",
        "thresholds",
    ],
}


@contextmanager
def opened(home: Path, *, something: bool) -> Iterator[PagesRig]:
    """Give pages over real views, with nothing in them or with two years of assessments."""
    with open_pages(home) as rig:
        if something:
            for month in range(1, 13):
                assessed(rig.door, f"2021-{month:02}-10", "3A")
                assessed(rig.door, f"2022-{month:02}-10", "3A", "3B")
        rig.door.project()
        rig.sign_in()
        yield rig


@pytest.fixture(scope="module", params=[False, True], ids=["nothing", "something"])
def shown(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PagesRig]:
    """Give such pages to all who do no more than read."""
    with opened(tmp_path_factory.mktemp("shown"), something=request.param) as rig:
        yield rig


@pytest.fixture(params=[False, True], ids=["nothing", "something"])
def real(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PagesRig]:
    """Give such pages to one alone."""
    with opened(tmp_path, something=request.param) as rig:
        yield rig


def reads(rig: PagesRig, since: int) -> list[ViewRead.Facts]:
    """Give the reads that were recorded since the partnership's ledger had so many entries."""
    facts = (event.facts for event in rig.door.rig.partnership.opened(since))
    return [one for one in facts if isinstance(one, ViewRead.Facts)]


@pytest.mark.parametrize("path", READS)
def test_every_page_is_shown_and_recorded(shown: PagesRig, path: str) -> None:
    """Whole, without anything inline, and one record for each view that it was made from."""
    before = shown.door.rig.sizes()["bhr"]
    answer = shown.client.get(f"/pages{path}")
    assert answer.status_code == 200, answer.text
    page = Page(answer.text)
    assert page.inline == []
    assert page.headings.count(1) == 1
    assert len(page.ids) == len(set(page.ids))
    found = reads(shown, before)
    assert [one.view for one in found] == READS[path]
    assert {(one.format, one.participant, one.office) for one in found} <= {
        ("page", ANALYST.participant, ANALYST.office)
    }


@pytest.mark.parametrize(
    "path", [path for path, views in READS.items() if len(views) == 1 and path != "/releases"]
)
def test_a_file_is_recorded_as_a_file(shown: PagesRig, path: str) -> None:
    """Figures that leave as CSV are recorded as such, from whichever page."""
    before = shown.door.rig.sizes()["bhr"]
    answer = shown.client.get(f"/pages{path}{'&' if '?' in path else '?'}format=csv")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert [(one.view, one.format) for one in reads(shown, before)] == [(READS[path][0], "csv")]
    assert [one for _, one in cells(answer.content) if changed(one)] == []


@pytest.mark.parametrize("path", ["/feeds?format=csv", "/loads"])
def test_feeds_and_loads_are_files_too(shown: PagesRig, path: str) -> None:
    """Each by itself."""
    before = shown.door.rig.sizes()["bhr"]
    assert shown.client.get(f"/pages{path}").headers["content-disposition"].startswith("attachment")
    assert [one.format for one in reads(shown, before)] == ["csv"]


def test_who_may_read_releases_alone_is_led_there(real: PagesRig) -> None:
    """The overview is live; another page says that it is not for them."""
    real.grant(POLICE, "released")
    other = real.browser()
    real.sign_in(POLICE, other)
    answer = other.get("/pages/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/pages/releases")
    assert other.get("/pages/themes/domestic-abuse").status_code == 403
    said = Page(other.get("/pages/releases").text).text
    assert "Nothing has been released yet." in said


def test_openings_are_shown_as_a_look(real: PagesRig) -> None:
    """A pack that an auditor was handed is on the page, with its warrant."""
    facts = AuditOpened.Facts(
        auditor="internal-audit",
        ledger="havering",
        parts=1200,
        positions=(LedgerPosition(ledger="havering", position=1),),
        warrant="01890000-0000-7000-8000-000000000007",
    )
    made = real.door.rig.hub_events.made(AuditOpened, facts)
    real.door.rig.hub_events.append("havering", made)
    real.door.project()
    said = Page(real.client.get("/pages/access").text).text
    assert "Openings of 1,200 parts, for an auditor to keep" in said
    assert f"Warrant {facts.warrant}" in said


def test_wards_are_not_shown_before_their_populations_are_known(shown: PagesRig) -> None:
    """It is no fault of the hub's: the page says what has to be registered first."""
    answer = shown.client.get("/pages/themes/domestic-abuse?cut=ward")
    assert answer.status_code == 422
    assert "once a table of their populations is registered" in Page(answer.text).text


def test_history_the_wrong_way_round(real: PagesRig) -> None:
    """Two days in the wrong order are told at their field."""
    path = "/pages/history?theme=domestic-abuse&before=2025-06-15&after=2020-01-01"
    answer = real.client.get(path)
    if real.door.rig.sizes()["havering"]:
        assert answer.status_code == 422
        assert Page(answer.text).text.count("The earlier day must not be after the later day") == 2
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize("path", ["/", "/themes/domestic-abuse"])
def test_a_first_year_is_not_said_to_have_stayed_as_it_was(tmp_path: Path, path: str) -> None:
    """Where no year before is known, a page says so in place of `nothing rose`."""
    with opened(tmp_path, something=False) as rig:
        for month in range(1, 13):
            assessed(rig.door, f"2022-{month:02}-10", "3A")
        rig.door.project()
        said = Page(rig.client.get(f"/pages{path}").text).text
    assert "There is no year before yet to compare with, so nobody can say what rose." in said
    assert "rose by more than chance" not in said


@pytest.mark.parametrize("path", [path for path, views in READS.items() if views])
def test_what_cannot_be_recorded_is_not_shown(real: PagesRig, path: str) -> None:
    """A page in place of the figures, which says so."""
    real.door.rig.partnership.committer.close()
    answer = real.client.get(f"/pages{path}")
    assert answer.status_code == 503
    assert "Nothing is shown that could not be recorded" in answer.text


@pytest.mark.parametrize("path", [path for path, views in READS.items() if views])
def test_without_a_right_nothing_is_shown(shown: PagesRig, path: str) -> None:
    """An office that the agreement names and that was granted no right reads nothing."""
    other = shown.browser()
    shown.sign_in(POLICE, other)
    before = shown.door.rig.sizes()["bhr"]
    assert other.get(f"/pages{path}").status_code in {403, 404}
    assert reads(shown, before) == []


@pytest.mark.parametrize("period", ["month", "quarter", "rolling-12", "year-to-march"])
@pytest.mark.parametrize("cut", ["", "age-band", "sex"])
def test_a_theme_by_period_and_cut(shown: PagesRig, period: str, cut: str) -> None:
    """Every choice of the form gives a page."""
    query = {"period": period, "cut": cut, "borough": "havering", "year": "2022", "as_of": ""}
    answer = shown.client.get("/pages/themes/domestic-abuse", params=query)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert len(page.ids) == len(set(page.ids))


def test_what_was_explained_is_taken_back_by_the_page_s_own_form(real: PagesRig) -> None:
    """A link beside its own words leads a borough to a form; then they are printed no longer."""
    sent = {"judgement": "real", "text": "More is told since the campaign."}
    about = {"measure": "factor-3a", "period_start": "2022-04-01", "period_end": "2023-03-31"}
    csrf = hidden(real.client.get("/pages/themes/domestic-abuse/explain").text, "csrf")
    path = "/pages/themes/domestic-abuse"
    real.client.post(f"{path}/explain", data={"csrf": csrf, **sent, **about})
    real.door.project()
    page = Page(real.client.get(f"{path}?period=year-to-march").text)
    links = [link for link in page.links if "/explanations/" in link]
    if not links:  # nothing is counted, so nothing is printed beside it
        assert sent["text"] not in page.text
        return
    asked = real.client.get(links[0])
    assert sent["text"] in asked.text
    done = real.client.post(links[0], data={"csrf": hidden(asked.text, "csrf")})
    assert "Explanation taken back" in real.client.get(done.headers["location"]).text
    real.door.project()
    assert sent["text"] not in real.client.get(f"{path}?period=year-to-march").text
    assert real.client.get(links[0]).status_code == 404
    assert real.client.post(links[0], data={"csrf": "x" * 43}).status_code == 400
