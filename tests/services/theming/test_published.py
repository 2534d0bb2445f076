"""What the catalogue says must be seen in the published numbers is seen, with those numbers."""

from __future__ import annotations

import pytest

from services.filters import Filters
from services.theming.comparators import NO_CUT, NO_TABLE, NO_YEAR
from tests.services.theming.additive import AdditiveViews
from tests.services.theming.rig import GSS, Shown, mapping, tables, theme

YEARS = (2022, 2023)
AREAS = ("England", "London", "Outer London")


def published(name: str, year: int, column: str) -> int:
    """Give a published count of one of the boroughs."""
    table = next(one for one in tables() if one.name == "assessment-factors")
    return table.count(str(year), GSS[name], column=column) or 0


@pytest.fixture(scope="module")
def views() -> AdditiveViews:
    """Give the views of three boroughs that filed what was published, month by month alike."""
    made = AdditiveViews()
    for name in GSS:
        for year in YEARS:
            cells = {"factor:any": published(name, year, mapping().episodes_column)}
            for factor in mapping().factors:
                if factor.column and len(mapping().codes_of_column(factor.column)) == 1:
                    cells[f"factor:{factor.code}"] = published(name, year, factor.column)
            for cell, number in cells.items():
                for at in range(12):
                    month = (year - 1) * 12 + 3 + at
                    made.numbers[name, cell, month] += (number + at) // 12
    return made


@pytest.fixture(scope="module")
def exploitation(views: AdditiveViews) -> Shown:
    """Give the theme by year."""
    return theme("exploitation", store=views)


def test_none_beside_many_is_flagged(exploitation: Shown) -> None:
    """24A in Havering: 0 and 0 beside Redbridge's 48 and 217."""
    for period, many in (("2022", 48), ("2023", 217)):
        here = exploitation.row("factor-24a", "havering", period)
        there = exploitation.row("factor-24a", "redbridge", period)
        assert (here.numerator, there.numerator) == (0, many)
        (flag,) = here.flags
        assert (flag.code, flag.letter) == ("near-zero", "b")
        assert flag.reason.startswith("0 here, beside ")
        assert f"Redbridge {many} in the same period." in flag.reason
        assert "b" not in {one.letter for one in there.flags}


def test_a_jump_is_flagged(exploitation: Shown) -> None:
    """24A in Redbridge: 48, then 217."""
    (flag,) = exploitation.row("factor-24a", "redbridge", "2023").flags
    assert (flag.code, flag.letter) == ("jump", "a")
    assert flag.reason.startswith("217 against 48 a year before: at least 2 times as high")
    assert exploitation.row("factor-24a", "redbridge", "2022").flags == ()


def test_rates_are_those_of_the_published_counts(exploitation: Shown) -> None:
    """Per 1,000 episodes with factors; beside it what others had in the same year."""
    row = exploitation.row("factor-24a", "redbridge", "2023")
    assert (row.denominator, row.rate) == (3909, "55.5")
    assert {one.area: one.rate for one in row.comparators} == {
        "England": "28.4", "London": "31.4", "Outer London": "34.5",
    }  # fmt: skip
    assert {one.year for one in row.comparators} == {2023}


def test_a_retired_code_in_use_shows_the_coding_mix(views: AdditiveViews) -> None:
    """18B in Havering 2023: none, while 437 are filed under 18A, which left the list after 2020."""
    shown = theme("knife-crime-and-gangs", store=views)
    row = shown.row("factor-18b", "havering", "2023")
    assert row.numerator == 0
    flag = next(one for one in row.flags if one.letter == "c")
    others = published("havering", 2023, "Physical_Abuse_adult_on_child")
    assert flag.reason.startswith(
        f"18A left the code list after 2020 and is filed still: 18A 437, 18B 0, 18C {others}."
    )
    there = shown.row("factor-18b", "redbridge", "2023")
    assert [one.letter for one in there.flags if one.letter == "c"] == []


def test_the_default_period_stands_beside_the_latest_year_that_had_ended(
    views: AdditiveViews,
) -> None:
    """Twelve months to February have the year to the March before, and say which year it is."""
    shown = theme("exploitation", store=views, filters=Filters())
    rows = shown.of("factor-24a", "redbridge")
    assert [row.period for row in rows if row.comparators] == ["2022-03", "2023-03"]
    then = Filters(occurred_to="2023-02-28")
    (*_, last) = theme("exploitation", store=views, filters=then).of("factor-24a", "redbridge")
    assert last.period == "2023-02"
    assert {one.area: one.year for one in last.comparators} == dict.fromkeys(AREAS, 2022)
    assert shown.measure("factor-24a").not_compared is None


def test_a_figure_without_other_areas_says_why(views: AdditiveViews) -> None:
    """No table counts it, none is cut, or none has a year that had ended by then."""
    shown = theme("exploitation", store=views, filters=Filters())
    assert shown.measure("mace-open-cases").not_compared == NO_TABLE
    cut = theme("exploitation", store=views, filters=Filters(cut="sex"))
    assert cut.measure("factor-24a").not_compared == NO_CUT
    assert all(not row.comparators for row in cut.rows)
    early = theme("exploitation", store=views, filters=Filters(year=2021))
    assert early.measure("factor-24a").not_compared == NO_YEAR
