"""A measure on its theme's page: what stands in its table, and what its notes say of that."""

from __future__ import annotations

from adapters.http.theme_documents import ThemeAnswer
from adapters.pages import figures
from adapters.pages.answers import told
from domain.canonical import JsonValue
from tests.adapters.pages.invented_answers import figure, theme_with

WHOLE: JsonValue = {"breakdown": "", "counts": "episodes", "share": False, "title": ""}
UNBORN: JsonValue = {"breakdown": "unborn", "counts": "episodes", "share": False, "title": "Unborn"}
NONE_OF_THEM = "a count by nature"


def shown(*rows: JsonValue, **said: JsonValue) -> figures.Shown:
    """Give the one measure of an answer with these rows."""
    measure: dict[str, JsonValue] = {
        "code": "factor-3a", "could_be_fed_by": "each borough", "fed_by": [],
        "events": ["assessment-completed", "figure-reported"], "lines": [WHOLE, UNBORN],
        "not_compared": None, "source": "events", "title": "Factor 3A", "unit": "count", **said,
    }  # fmt: skip
    answer = told(ThemeAnswer, theme_with([measure], list(rows)))
    (found,) = figures.shown(answer)
    return found


def test_a_rate_that_is_not_there_is_explained_for_whom_it_is_not() -> None:
    """By the names of those without one; by no name where none has one."""
    with_rate = figure("havering", 0)
    without = figure("redbridge", 0, rate=None, no_rate=NONE_OF_THEM)
    assert shown(with_rate, without).without_rate == (("Redbridge", NONE_OF_THEM),)
    assert shown(without).without_rate == (("", NONE_OF_THEM),)
    assert shown(with_rate).without_rate == ()


def test_what_feeds_a_measure_is_what_its_rows_came_from() -> None:
    """Events by their names, reports as counts that a body gave, each where there are such."""
    counted, reported = figure("havering", 0), figure("redbridge", 0, source="reported")
    assert shown(counted).fed_by == "assessment completed"
    assert shown(reported).fed_by == "counts that a body reported"
    assert shown(counted, reported).fed_by == "assessment completed and counts that a body reported"


def test_other_areas_stand_with_their_year() -> None:
    """Each area once, by the year that it is of; parts that are not published stand without."""
    whole, part = figure("havering", 0), figure("havering", 0, breakdown="unborn", comparators=[])
    assert shown(whole).areas == (("England", 2023), ("London", 2023), ("Outer London", 2023))
    assert not shown(whole).whole_alone
    assert shown(whole, part).whole_alone


def test_a_borough_without_a_part_is_named_with_it() -> None:
    """Redbridge has the whole and no unborn; Barking and Dagenham has nothing."""
    part = figure("havering", 0, breakdown="unborn")
    found = shown(figure("havering", 0), figure("redbridge", 0), part)
    assert found.missing == ("Barking and Dagenham", "Redbridge (Unborn)")


def test_ages_stand_from_the_youngest_in_each_borough() -> None:
    """A cut by age is read in the order of ages, borough after borough."""
    rows = [
        figure(borough, 0, cut="age-band", value=band)
        for borough in ("havering", "redbridge")
        for band in ("10-15", "5-9", "under-1")
    ]
    parts = [(one.borough, one.part) for one in shown(*rows).figures]
    ages = ["Under 1", "5 to 9", "10 to 15"]
    assert parts == [(who, age) for who in ("havering", "redbridge") for age in ages]
