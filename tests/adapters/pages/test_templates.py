"""What templates share, rendered by themselves: tables, reasons below them, and faults."""

from __future__ import annotations

import re

import pytest

from adapters.pages.rendering import Templates
from tests.adapters.pages.invented_answers import envelope
from tests.adapters.pages.reading_html import Page

TEMPLATES = Templates()
WHERE = "Late, Havering, January to March 2023"


def discussions(**shown: object) -> str:
    """Render the page of strategy discussions, which is a table with reasons below it."""
    answer = {**envelope("strategy-discussions"), "could_be_fed_by": "a system"}
    return TEMPLATES.page("strategy-discussions", {"answer": answer, **shown}).decode()


ROW = ("January to March 2023", "Havering", "20", "14", "6 [a]", "–", "–")


def test_the_first_cell_of_a_row_heads_it() -> None:
    """Whoever hears a table is told which row a cell is of; numbers stand at the right."""
    text = discussions(rows=[ROW])
    assert re.search(r'<th scope="row"[^>]*>January to March 2023</th>', text)
    assert re.search(r'<td[^>]* class="govuk-table__cell"[^>]*>Havering</td>', text)
    assert re.search(
        r'<td[^>]* class="govuk-table__cell govuk-table__cell--numeric"[^>]*>20<', text
    )


def test_a_table_is_one_where_it_is_read_down() -> None:
    """Its roles are said, since a block is no table; each cell has its column's name."""
    text = discussions(rows=[ROW])
    roles = re.findall(r'role="(\w+)"', text.partition("<table")[2].partition("</table>")[0])
    assert [roles.count(one) for one in ("rowgroup", "row", "columnheader")] == [2, 2, len(ROW)]
    assert re.findall(r'data-label="([^"]*)"', text)[:2] == ["Borough", "Held"]


def test_a_table_can_be_scrolled_from_the_keyboard() -> None:
    """It is a region by the name of its caption, and a stop of its own."""
    text = discussions(rows=[ROW])
    assert 'role="region" aria-labelledby="discussions" tabindex="0"' in text
    assert 'id="discussions">By quarter, newest first' in text


def test_reasons_stand_below_their_table() -> None:
    """Under the letter of the cell: which figure, and why; no list where there is none."""
    text = discussions(rows=[ROW], reasons=[(WHERE, "a", "6 against 60 a year before.")])
    assert f"{WHERE}, flag a: 6 against 60 a year before." in Page(text).text
    assert text.index("</table>") < text.index("bhr-told")
    assert "bhr-told" not in discussions(rows=[ROW], reasons=[])


@pytest.mark.parametrize(("name", "asked"), [("history", "before"), ("theme-asked", "year")])
def test_every_fault_leads_to_its_field(name: str, asked: str) -> None:
    """The summary stands first, is a link to the field, and the field says the same."""
    faults = [{"field": asked, "text": "Type a day"}]
    shown: dict[str, object] = {
        "asked": {asked: "<b>"}, "choosing": {"boroughs": []}, "faults": faults,
        "said_of": {asked: "Type a day"},
    }  # fmt: skip
    text = TEMPLATES.page(name, shown).decode()
    assert text.index(f'href="#{asked}"') < text.index("<h1") < text.index(f'id="{asked}-error"')
    assert 'value="&lt;b&gt;"' in text
    assert "<title>Error: " in " ".join(text.split())
