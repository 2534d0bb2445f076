"""Factors, published columns, themes and their measures."""

from __future__ import annotations

import pytest

from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping
from tests.domain.reference.drafts import MAPPING, bent, raw, refused

DRAFT = read_as(FactorMapping, raw(MAPPING))


def test_codes_columns_and_themes_find_each_other() -> None:
    """A code leads to its column, a column to its codes, a theme to its codes by strength."""
    gangs = DRAFT.factor("13A")
    assert gangs is not None
    assert gangs.column == "Gangs"
    assert DRAFT.codes_of_column("Gangs") == ("13A",)
    assert DRAFT.codes_of_theme("harm") == ("13A",)
    assert DRAFT.codes_of_theme("harm", "primary") == ()
    assert DRAFT.codes_of_theme("knives", "primary") == ("13A",)
    assert DRAFT.factor("99") is None
    assert DRAFT.theme("nothing") is None


def test_a_column_of_several_codes_stands_once() -> None:
    """Private fostering has five codes and one column."""
    document = read_as(FactorMapping, raw(bent(MAPPING, "factors.2.column", "Unknown_abuse")))
    assert document.columns() == ("Gangs", "Unknown_abuse", "Episodes")
    assert document.codes_of_column("Unknown_abuse") == ("18A", "18B")


@pytest.mark.parametrize(
    ("code", "year", "retired"),
    [("18A", 2020, False), ("18A", 2021, True), ("18B", 2030, False), ("99", 2021, False)],
)
def test_a_code_is_retired_after_its_last_year(code: str, year: int, retired: bool) -> None:  # noqa: FBT001 - pytest hands it over by name
    """A code that should not be met any more makes a figure not comparable; it is still mapped."""
    assert DRAFT.retired(code, year) is retired


def test_a_measure_says_whether_reported_figures_can_fill_it() -> None:
    """A count that somebody reports is a source like any other, and known as one."""
    knives = DRAFT.theme("knives")
    assert knives is not None
    assert [measure.reported() for measure in knives.measures] == [False, True]


def test_a_retired_code_is_found_by_what_took_its_place() -> None:
    """Who asks for 18B is told of 18A: a borough may file one where another files the other."""
    assert [one.code for one in DRAFT.retired_for(["18B"])] == ["18A"]
    assert [one.code for one in DRAFT.retired_for(["18A"])] == ["18A"]
    assert DRAFT.retired_for(["13A"]) == ()


@pytest.mark.parametrize(
    ("place", "value", "faults"),
    [
        ("factors.1.code", "13A", {"factors.1.code": "doubled"}),
        ("factors.0.themes.1.theme", "knives", {"factors.0.themes.1.theme": "doubled"}),
        ("factors.0.themes.0.theme", "other", {"factors.0.themes.0.theme": "unknown"}),
        ("factors.1.replaced_by", ["99"], {"factors.1.replaced_by.0": "unknown"}),
        ("factors.1.last_year", 2016, {"factors.1.last_year": "dates-out-of-order"}),
        ("factors.0.column", "Episodes", {"factors.0.column": "counts-episodes"}),
        ("themes.1.code", "knives", {"themes.1.code": "doubled"}),
        ("themes.0.measures.1.code", "gangs", {"themes.0.measures.1.code": "doubled"}),
        ("themes.0.measures", [], {"themes.0.measures": "too-short"}),
        (
            "themes.0.measures.0.reported_as",
            "gangs",
            {"themes.0.measures.0.fed_by": "reported-by-nobody"},
        ),
        ("themes.1.measures.0.factors", ["18A"], {"themes.1.measures.0.factors.0": "unknown"}),
        (
            "themes.0.measures.1.breakdown",
            [{"code": "1-4", "title": "1 to 4"}, {"code": "1-4", "title": "again"}],
            {"themes.0.measures.1.breakdown.1.code": "doubled"},
        ),
    ],
)
def test_what_does_not_hold_together_is_refused(
    place: str, value: object, faults: dict[str, str]
) -> None:
    """Every rule between factors, themes and measures has a fault with its place."""
    found = refused(bent(MAPPING, place, value))
    assert faults.items() <= found.items()
