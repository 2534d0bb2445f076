"""The form by which a borough explains its own figure."""

from __future__ import annotations

import pytest
from httpx2 import Response

from domain.vocabulary.figures import FigureExplained
from tests.adapters.pages.reading_html import Page
from tests.pages_rig import DIRECTOR, POLICE, PagesRig, hidden

PATH = "/pages/themes/domestic-abuse/explain"
SAID = {
    "judgement": "recording",
    "measure": "factor-3a",
    "period_end": "2023-03-31",
    "period_start": "2022-04-01",
    "text": "A new form asks for it since May.",
}


def sent(rig: PagesRig, **changes: str) -> Response:
    """Send the form, as its page has it, with changes."""
    csrf = hidden(rig.client.get(PATH).text, "csrf")
    return rig.client.post(PATH, data={"csrf": csrf, **SAID, **changes})


def recorded(rig: PagesRig) -> list[FigureExplained.Facts]:
    """Give the explanations in Havering's ledger."""
    facts = (event.facts for event in rig.door.rig.havering.opened())
    return [one for one in facts if isinstance(one, FigureExplained.Facts)]


def test_an_explanation_is_recorded_in_the_borough_s_own_ledger(reader: PagesRig) -> None:
    """With the borough and office that is signed in, and what was said; then it says so."""
    answer = sent(reader)
    assert answer.headers["location"] == "/pages/themes/domestic-abuse/explained"
    assert "Explanation recorded" in reader.client.get(answer.headers["location"]).text
    (facts,) = recorded(reader)
    assert facts.model_dump(exclude_none=True) == {
        **SAID,
        "borough": "havering",
        "office": "analyst",
        "theme": "domestic-abuse",
    }


def test_the_form_begins_with_the_figure(reader: PagesRig) -> None:
    """A link from a figure fills in measure and period, and they can be changed."""
    asked = {"measure": "factor-3a", "period_start": "2022-04-01", "period_end": "2023-03-31"}
    text = reader.client.get(PATH, params=asked).text
    assert '<option value="factor-3a" selected>' in text
    assert 'value="2022-04-01"' in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"measure": ""}, "Choose which figure you explain"),
        ({"judgement": "perhaps"}, "Say whether the change is real"),
        ({"text": "  "}, "Say in a few words"),
        ({"text": "x" * 4001}, "Say in a few words"),
        ({"period_start": "2022-02-31"}, "Enter the first day"),
        ({"period_end": "soon"}, "Enter the last day"),
        ({"period_start": "2023-04-01"}, "The last day is before the first"),
    ],
)
def test_what_is_wrong_is_said_at_the_top_and_at_its_field(
    reader: PagesRig, changes: dict[str, str], said: str
) -> None:
    """In the form's own words, linked to the field, with what was typed still there: 422."""
    answer = sent(reader, **changes)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.text.count(said) == 2
    assert "There is a problem" in page.text
    links = [link for link in page.links if link.startswith("#") and link != "#main-content"]
    assert all(link[1:] in page.ids for link in links)
    assert links
    assert answer.text.index("<title>Error: ") > 0
    assert recorded(reader) == []


def test_all_that_is_wrong_is_said_at_once(reader: PagesRig) -> None:
    """Nobody sends a form five times to learn five things."""
    answer = sent(reader, **dict.fromkeys(SAID, ""))
    assert answer.text.count("govuk-form-group--error") == 5


def test_a_form_from_elsewhere_is_refused(reader: PagesRig) -> None:
    """Without the secret of this session's pages nothing is recorded."""
    for csrf in ({}, {"csrf": ""}, {"csrf": "x" * 43}):
        assert reader.client.post(PATH, data={**SAID, **csrf}).status_code == 400
    other = reader.browser()
    reader.sign_in(client=other)
    theirs = hidden(other.get(PATH).text, "csrf")
    assert reader.client.post(PATH, data={**SAID, "csrf": theirs}).status_code == 400
    assert recorded(reader) == []


def test_a_measure_of_another_theme_is_not_explained_here(reader: PagesRig) -> None:
    """It is not found, and nothing is recorded."""
    assert sent(reader, measure="factor-13a").status_code == 404
    assert recorded(reader) == []


def test_who_is_no_borough_explains_nothing(pages: PagesRig) -> None:
    """The police command reads the figures; only a borough can say what lies behind its own."""
    pages.grant(POLICE)
    pages.sign_in(POLICE)
    assert pages.client.get("/pages/themes/domestic-abuse").status_code == 200
    assert pages.client.get(PATH).status_code == 403


def test_whose_right_is_gone_explains_nothing(reader: PagesRig) -> None:
    """A right that was never granted does not explain either: the director has none here."""
    other = reader.browser()
    reader.sign_in(DIRECTOR, other)
    csrf = hidden(other.get(PATH).text, "csrf")
    assert other.post(PATH, data={**SAID, "csrf": csrf}).status_code == 403
    assert recorded(reader) == []
