"""CSV: what a spreadsheet opens without running it, and every row with what it stands on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.tables import STANDS_ON, TIDY, csv_of
from adapters.spreadsheets import MARK
from domain.canonical import JsonValue
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import ViewRead
from tests.adapters.http.test_reading import assessed
from tests.http_rig import HttpRig
from tests.rig_publisher import token

ANSWER: Mapping[str, JsonValue] = {
    "agreement": "bhr-themes@1",
    "mapping": {"digest": "d", "reference": "m@1"},
    "positions": {"havering": 3, "redbridge": 4},
    "rows": [],
    "view": "factors",
}
VIEWS = (
    "factors",
    "feeds",
    "indicators",
    "strategy-discussions",
    "cross-borough",
    "loads",
    "access",
    "themes/domestic-abuse",
    "history/domestic-abuse?before=2026-01-01",
)


def read(table: bytes) -> list[dict[str, str]]:
    """Read a table as a program would."""
    assert table.startswith(MARK)
    return list(csv.DictReader(io.StringIO(table[len(MARK) :].decode(), newline="")))


@pytest.fixture
def told(door: HttpRig) -> HttpRig:
    """Give a served hub whose views hold two assessments."""
    child = token()
    assessed(door, "2024-05-01", "3A", "3B", child=child)
    assessed(door, "2025-05-01", "3A")
    door.project()
    return door


@given(text=st.text(max_size=40))
def test_no_text_is_run_by_a_spreadsheet(text: str) -> None:
    """Whatever a text begins with, its cell begins with nothing that starts a formula."""
    found = read(csv_of({**ANSWER, "rows": [{"text": text}]}))[0]["text"]
    number = text.removeprefix("-").replace(".", "", 1)
    if not (number.isascii() and number.isdigit()):
        assert not found.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_stay_numbers() -> None:
    """A negative change is no formula, and is not made a text of."""
    rows: list[JsonValue] = [{"change": -3, "change_percent": "-12.5", "rate": None, "share": True}]
    row = read(csv_of({**ANSWER, "rows": rows}))[0]
    assert [row[one] for one in ("change", "change_percent", "rate", "share")] == [
        *("-3", "-12.5", "", "yes")
    ]


def test_every_row_says_what_it_stands_on() -> None:
    """A row that is copied elsewhere takes its positions, agreement and mapping along."""
    rows: list[JsonValue] = [{"a": 1, "year_before": {"rate": "2.0"}}, {"b": ["x", {"c": "y"}]}]
    first, second = read(csv_of({**ANSWER, "rows": rows}))
    assert (first["a"], first["year_before_rate"], second["b"]) == ("1", "2.0", "x; c=y")
    for row in (first, second):
        assert row["positions"] == "havering=3, redbridge=4"
        assert (row["agreement"], row["mapping"]) == ("bhr-themes@1", "digest=d, reference=m@1")
    assert tuple(first)[-len(STANDS_ON) :] == STANDS_ON
    assert read(csv_of(ANSWER)) == []


def test_every_row_says_how_complete_it_is(told: HttpRig) -> None:
    """How far each source's data go stands beside every figure, and the numbers that it misses."""
    told.publisher.publish(told.publisher.event(sequence="900"))
    told.project()
    row = read(told.get("/v1/factors", format="csv").content)[0]
    source = told.publisher.event()["source"]
    assert row["sources_data_to"].startswith(f"{source}=20")
    assert re.fullmatch(rf"{source}=[0-9]+-899", row["sources_gaps"])


def test_what_a_row_says_is_not_what_its_answer_says(told: HttpRig) -> None:
    """Who read by another right, or what is parked of one source, keeps a column of its own."""
    answer: dict[str, JsonValue] = {**ANSWER, "view": "access", "right": "live"}
    row = read(csv_of({**answer, "rows": [{"right": "released", "office": "analyst"}]}))[0]
    assert (row["access_right"], row["right"], row["office"]) == ("released", "live", "analyst")
    for path, column in (("access", "access_purpose"), ("feeds", "feeds_parked")):
        told.get(f"/v1/{path}")
        told.project()
        assert column in read(told.get(f"/v1/{path}", format="csv").content)[0]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_comes_as_a_file(told: HttpRig, view: str) -> None:
    """The same rows as the document's, under a name of our own, to be kept by nobody between."""
    path, _, query = view.partition("?")
    asked = dict([query.split("=")]) if query else {}
    document = told.get(f"/v1/{path}", **asked).json()
    response = told.get(f"/v1/{path}", **asked, format="csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    name = document["view"]
    assert response.headers["content-disposition"] == f'attachment; filename="{name}.csv"'
    assert response.headers["cache-control"] == "no-store"
    rows = read(response.content)
    if path != "access":  # which the first read has made longer
        assert len(rows) == len(document["rows"])


def reads_of(door: HttpRig) -> list[ViewRead.Facts]:
    """Give the reads that are recorded."""
    stand = door.rig.stands[PARTNERSHIP]
    events = (stand.opening.event(entry) for entry in stand.ledger.read(0, 10_000))
    return [event.facts for event in events if isinstance(event.facts, ViewRead.Facts)]


@pytest.mark.parametrize("form", ["json", "csv"])
def test_an_unchanged_answer_is_recorded_and_not_sent_again(told: HttpRig, form: str) -> None:
    """A reader who holds the answer is told so; the read is recorded all the same."""
    path = "/v1/themes/domestic-abuse"
    tag = told.get(path, format=form).headers["etag"]
    before = len(reads_of(told))
    again = told.get(path, f'"another", W/{tag}', format=form)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert [one.format for one in reads_of(told)[before:]] == [form]
    assessed(told, "2025-06-01", "3A")
    told.project()
    assert told.get(path, tag, format=form).status_code == 200


def test_everything_comes_in_one_long_table(told: HttpRig) -> None:
    """Every theme by every period, the columns and the indicators: one row a figure, all read."""
    before = len(reads_of(told))
    response = told.get("/v1/tidy.csv")
    assert response.headers["content-disposition"] == 'attachment; filename="tidy.csv"'
    rows = read(response.content)
    assert tuple(rows[0]) == (*TIDY, *STANDS_ON)
    kinds = {row["period_kind"] for row in rows if row["view"] == "domestic-abuse"}
    assert kinds == {"month", "quarter", "rolling-12", "year-to-march"}
    found = [row for row in rows if row["measure"] == "Domestic_Abuse_child"]
    assert [(row["borough"], row["period"], row["numerator"]) for row in found] == [
        ("havering", "2025", "1"),
        ("havering", "2026", "1"),
    ]
    views = {one.view for one in reads_of(told)[before:]}
    assert views >= {"domestic-abuse", "thresholds", "factors", "indicators"}
