"""What a form is sent wrongly is told at its field; an office is let in where anything lets it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from domain.errors import NotAuthorised
from services.reading import Reading
from tests.adapters.pages.reading_html import Page
from tests.pages_rig import PagesRig, open_pages

WRONG = {
    "/history?theme=domestic-abuse&before=31/03/2025&after=": "before",
    "/history?theme=domestic-abuse&before=2025-03-31&after=soon": "after",
    "/history?theme=domestic-abuse&before=&after=": "before",
    "/themes/domestic-abuse?as_of=31/03/2025&year=&borough=havering": "as_of",
    "/themes/domestic-abuse?occurred_to=31/03/2025": "occurred_to",
    "/themes/domestic-abuse?year=23": "year",
    "/themes/domestic-abuse?cut=height": "cut",
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PagesRig]:
    """Give pages over views with nothing in them, and somebody signed in."""
    with open_pages(tmp_path_factory.mktemp("pages")) as rig:
        rig.door.project()
        rig.sign_in()
        yield rig


@pytest.mark.parametrize("path", WRONG)
def test_a_fault_is_told_at_its_field(pages: PagesRig, path: str) -> None:
    """The form comes again with a summary that leads to the field, and keeps what was typed."""
    field = WRONG[path]
    answer = pages.client.get(f"/pages{path}")
    assert answer.status_code == 422
    page = Page(answer.text)
    assert "There is a problem" in page.text
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}-error"' in answer.text
    assert page.inline == []
    typed = dict(pages.client.get(f"/pages{path}").request.url.params)[field]
    assert field == "cut" or f'value="{typed}"' in answer.text or not typed


@pytest.mark.parametrize("path", [one for one in WRONG if "cut" not in one])
def test_a_fault_calls_its_field_as_the_form_does(pages: PagesRig, path: str) -> None:
    """Whoever reads what is wrong finds the field by the same words."""
    answer = pages.client.get(f"/pages{path}").text
    (label,) = re.findall(rf'<label class="govuk-label" for="{WRONG[path]}">\s*(.*?)\s*<', answer)
    assert f'href="#{WRONG[path]}">{label} must be' in answer


def test_what_no_form_sends_is_refused(pages: PagesRig) -> None:
    """A field that no form has is no slip: the page says that this cannot be asked."""
    answer = pages.client.get("/pages/themes/domestic-abuse?height=7")
    assert answer.status_code == 422
    assert "This cannot be asked" in answer.text


def test_every_way_of_reading_is_tried(pages: PagesRig) -> None:
    """Where the first agreement or purpose lets nobody in, the next is asked; else it is said."""
    session = pages.front.sessions.find(pages.client.cookies["bhr-session"])
    assert session is not None
    tried: list[Reading] = []

    def refused(reading: Reading) -> str:
        tried.append(reading)
        raise NotAuthorised("no-right")

    with pytest.raises(NotAuthorised, match="no-right"):
        pages.front.asked(session, "domestic-abuse", refused)
    ways = [(one.agreement, one.purpose) for one in tried]
    assert len(ways) == len(set(ways)) >= 1
    last = ways[-1]

    def only_the_last(reading: Reading) -> str:
        if (reading.agreement, reading.purpose) != last:
            raise NotAuthorised("no-right")
        return reading.purpose

    assert pages.front.asked(session, "domestic-abuse", only_the_last) == last[1]
