"""The figures as a file: every one of them, safe in a spreadsheet, and recorded as what it is."""

from __future__ import annotations

import csv
import io

import pytest

from adapters.pages.figures_file import safe
from tests.pages_rig import PagesRig


def test_the_file_has_every_figure(reader: PagesRig) -> None:
    """A row each, with its reasons and what it was made from, under a name that says what it is."""
    answer = reader.client.get("/pages/themes/domestic-abuse?format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="domestic-abuse.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 3 * (3 * 24 - 2)
    last = next(row for row in rows if row["borough"] == "havering" and row["period"] == "2023-03")
    assert (last["measure"], last["numerator"], last["change"]) == ("factor-3a", "376", "108")
    assert last["England"] == "51.2"
    assert last["explanations"].startswith("recording: A new form")
    assert last["positions"].startswith("barking-and-dagenham:12345")


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44", "'+44"),
        ("@x", "'@x"),
        ("-x", "'-x"),
        ("\t=1", "'\t=1"),
        ("-12.5", "-12.5"),
        ("plain", "plain"),
        (-3, -3),
        (None, None),
    ],
)
def test_no_cell_is_a_formula(cell: int | str | None, written: int | str | None) -> None:
    """What a spreadsheet would run is text; a number stays one."""
    assert safe(cell) == written
