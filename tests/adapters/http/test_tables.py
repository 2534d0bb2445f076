"""CSV: what a spreadsheet opens without running it, and every row with what it stands on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.tables import NO_SOURCE, STANDS_ON, csv_of
from adapters.http.tidy_tables import TIDY, tidy_csv_of, tidy_lines
from adapters.spreadsheets import MARK
from domain.canonical import JsonValue
from domain.reference.participants import PARTNERSHIP
from domain.vocabulary.hub import ViewRead
from services.periods import Kind
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


def test_an_answer_without_rows_says_what_it_stands_on() -> None:
    """It is one row of that alone: so its tag differs by positions, agreement, right, mapping."""
    (row,) = read(csv_of(ANSWER))
    assert (row["view"], row["positions"]) == ("factors", "havering=3, redbridge=4")
    changes: list[dict[str, JsonValue]] = [
        {"positions": {"havering": 4}},
        {"agreement": "bhr-themes@2"},
        {"right": "released"},
        {"mapping": {"digest": "e", "reference": "m@2"}},
    ]
    tables = {csv_of(ANSWER), *(csv_of({**ANSWER, **one}) for one in changes)}
    assert len(tables) == len(changes) + 1


def test_what_often_goes_with_a_theme_is_in_its_table() -> None:
    """Headlines and what also feeds it are told apart; what nobody tells of has a row without."""
    dry: JsonValue = {"code": "nrm", "source": NO_SOURCE}
    also: JsonValue = {"measures": [], "rows": [{"measure": "factor-14a", "numerator": 3}]}
    headline: list[JsonValue] = [{"measure": "factor-13a", "numerator": 2}]
    answer: Mapping[str, JsonValue] = {**ANSWER, "also": also, "measures": [dry], "rows": headline}
    told = [
        (one["measure"], one["numerator"], one["headline"], one["source"])
        for one in read(csv_of(answer))
    ]
    assert told == [
        ("factor-13a", "2", "yes", ""),
        ("nrm", "", "yes", NO_SOURCE),
        ("factor-14a", "3", "no", ""),
    ]


def test_every_registered_comparator_has_a_column() -> None:
    """By the name of its area, whatever that is, with its year, in every table of figures."""
    beside: JsonValue = [{"area": "Our neighbours", "rate": "7.1", "year": 2022}]
    answer: Mapping[str, JsonValue] = {**ANSWER, "rows": [{"comparators": beside}]}
    for table in (csv_of(answer), tidy_csv_of([answer])):
        (row,) = read(table)
        assert row["rate_our_neighbours"] == "7.1"
        assert row["rate_our_neighbours_year"] == "2022"


def test_gaps_that_are_not_listed_any_more_are_said() -> None:
    """A source of which gaps were lost does not look complete; when it was loaded is said too."""
    feed: JsonValue = {
        "data_to": "2026-01-31",
        "gaps": [],
        "gaps_no_longer_listed": 3,
        "loaded_on": "2026-02-01T00:00:00Z",
        "source": "/participants/a/b",
    }
    (row,) = read(csv_of({**ANSWER, "feeds": [feed]}))
    assert row["sources_gaps"] == "/participants/a/b=3 gaps no longer listed"
    assert row["sources_loaded_on"] == "/participants/a/b=2026-02-01T00:00:00Z"


def test_pairs_say_that_they_are_a_lower_bound() -> None:
    """Beside each pair, and the share of children who could be met at all as rows too."""
    pair: JsonValue = {"both": 2, "either": 5, "first": "a", "second": "b", "theme": "any"}
    share: JsonValue = {
        "age_band": "10-15",
        "borough": "a",
        "children": 8,
        "linkable": 6,
        "share": "75.0",
    }
    answer: Mapping[str, JsonValue] = {
        **ANSWER,
        "coverage": [share],
        "lower_bound": "At least",
        "rows": [pair],
    }
    first, second = read(csv_of(answer))
    assert (first["both"], first["lower_bound"]) == ("2", "At least")
    assert (second["linkable"], second["lower_bound"]) == ("6", "At least")
    first, second = read(tidy_csv_of([answer]))
    assert (first["measure"], first["borough"], first["numerator"]) == (
        "known-to-both",
        "a and b",
        "2",
    )
    assert (second["measure"], second["rate"], second["value"]) == ("linkable", "75.0", "10 to 15")


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
        figures = [*document["rows"], *document.get("also", {}).get("rows", [])]
        figures += document.get("coverage", [])
        assert len(rows) >= 1
        fed = [row for row in rows if row.get("source") != NO_SOURCE]
        assert len(fed) == (len(figures) or len(rows) - len(dry(rows)))


def dry(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Give the rows that say that there is no source yet."""
    return [row for row in rows if row.get("source") == NO_SOURCE]


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


@pytest.mark.parametrize("form", ["json", "csv"])
def test_feeds_that_only_grew_older_are_not_sent_again(told: HttpRig, form: str) -> None:
    """Ages go on, and each read is an entry of the partnership's ledger: neither is news."""
    tag = told.get("/v1/feeds", format=form).headers["etag"]
    told.project()
    before = len(reads_of(told))
    again = told.get("/v1/feeds", tag, format=form)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert [one.format for one in reads_of(told)[before:]] == [form]
    assessed(told, "2025-06-02", "3A")
    told.project()
    assert told.get("/v1/feeds", tag, format=form).status_code == 200


def test_everything_comes_in_one_long_table(told: HttpRig) -> None:
    """Every theme by every period, the columns and the indicators: one row a figure, all read."""
    before = len(reads_of(told))
    response = told.get("/v1/tidy.csv")
    assert response.headers["content-disposition"] == 'attachment; filename="tidy.csv"'
    rows = read(response.content)
    assert tuple(rows[0])[: len(TIDY)] == TIDY
    assert tuple(rows[0])[-len(STANDS_ON) :] == STANDS_ON
    assert {row["period_kind"] for row in rows if row["view"] == "indicators"} == {"year-to-march"}
    held = {row["period_kind"] for row in rows if row["view"] == "strategy-discussions"}
    assert held == kinds_of_periods()
    assert {row["measure"] for row in rows if row["source"] == NO_SOURCE} >= {"late"}
    kinds = {row["period_kind"] for row in rows if row["view"] == "domestic-abuse"}
    assert kinds == kinds_of_periods()
    found = [row for row in rows if row["measure"] == "Domestic_Abuse_child"]
    assert [(row["borough"], row["period"], row["numerator"]) for row in found] == [
        ("havering", "2025", "1"),
        ("havering", "2026", "1"),
    ]
    views = {one.view for one in reads_of(told)[before:]}
    assert views >= {"domestic-abuse", "thresholds", "factors", "indicators", "cross-borough"}


def test_the_long_table_is_made_while_it_leaves(told: HttpRig) -> None:
    """One answer at a time behind a head that knows all of them; held already, it is not sent."""
    beside: JsonValue = [{"area": "Our neighbours", "rate": "7.1", "year": 2022}]
    compared: Mapping[str, JsonValue] = {**ANSWER, "rows": [{"comparators": beside}]}
    head, *others = pieces = list(tidy_lines([ANSWER, compared]))
    assert b"rate_our_neighbours" in head
    assert len(others) == 2
    assert b"".join(pieces) == tidy_csv_of([ANSWER, compared])
    tag = told.get("/v1/tidy.csv").headers["etag"]
    before = len(reads_of(told))
    again = told.get("/v1/tidy.csv", tag)
    assert (again.status_code, again.content) == (304, b"")
    assert len(reads_of(told)) > before


def kinds_of_periods() -> set[str]:
    """Give every sort of period."""
    return {*get_args(Kind)}
