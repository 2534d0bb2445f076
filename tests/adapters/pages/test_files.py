"""Figures as a file: every one of them, from each page, and recorded as what it is."""

from __future__ import annotations

import csv
import io

import pytest

from adapters.http.tables import NO_SOURCE
from tests.excel import cells, changed
from tests.pages_rig import PagesRig


def test_the_file_has_every_figure(reader: PagesRig) -> None:
    """A row each, with its reasons and what it was made from, under a name that says what it is."""
    answer = reader.client.get("/pages/themes/domestic-abuse?format=csv&borough=&year=2023")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    named = answer.headers["content-disposition"]
    assert named == 'attachment; filename="domestic-abuse-2023.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    figures = [row for row in rows if row["source"] != NO_SOURCE]
    assert len(figures) == 3 * (3 * 24 - 2)
    assert {row["numerator"] for row in rows if row["source"] == NO_SOURCE} == {""}
    last = next(row for row in rows if row["borough"] == "havering" and row["period"] == "2023-M03")
    assert (last["measure"], last["numerator"], last["change"]) == ("factor-3a", "376", "108")
    assert last["rate_england"] == "51.2"
    assert "A new form" in last["explanations"]
    assert last["agreement"] == "bhr-themes@1"
    assert [one for _, one in cells(answer.content) if changed(one)] == []


@pytest.mark.parametrize(
    "path", ["/", "/themes/domestic-abuse/explain", "/themes/domestic-abuse/explained"]
)
def test_what_has_no_table_is_no_file(reader: PagesRig, path: str) -> None:
    """A page with nothing to download does not pass over the question: it is asked in vain."""
    answer = reader.client.get(f"/pages{path}?format=csv")
    assert "attachment" not in answer.headers.get("content-disposition", "")
