"""What stands beside a number: populations, neighbours, cuts by one attribute, wards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.errors import QuestionRefused
from domain.reference.reference_figures import ReferenceFigures
from domain.vocabulary.front_door import ReferralReceived
from services.filters import Filters
from services.theming.numbers import NOT_A_RATE, NOT_CUT
from services.theming.populations import Populations
from services.theming.wards import large_wards
from tests.projections.builders import Borough, Person, Told
from tests.services.theming.rig import tables, theme

POPULATION = "population-0-17"


def table(**changes: object) -> ReferenceFigures:
    """Give a small table of figures; `changes` replace its fields."""
    fields: dict[str, object] = {
        "columns": ("year", "gss_code", "area", "Child_sexual_exploitation", "Episodes_with_"),
        "effective_from": "2020-01-01",
        "key_columns": ("year", "gss_code"),
        "kind": "reference-figures",
        "label_columns": ("area",),
        "latest_year": 2023,
        "licence": "none",
        "name": "neighbours",
        "origin": "made up",
        "rationale": "made up",
        "rounding": "none",
        "rows": (("2023", "E10000001", "Neighbours of Havering", "30", "2000"),),
        "title": "Statistical neighbours",
        "version": 3,
        **changes,
    }
    columns = fields["columns"]
    assert isinstance(columns, tuple)
    fields["columns"] = tuple(
        "Episodes_with_assessment_factor" if one == "Episodes_with_" else one for one in columns
    )
    return ReferenceFigures.model_validate(fields)


def referred() -> Borough:
    """Give a borough with a referral in every month of a year, of girls and boys in turn."""
    havering = Borough("havering")
    months = [f"2022-{month:02}" for month in range(4, 13)] + ["2023-01", "2023-02", "2023-03"]
    for at, month in enumerate(months):
        shared = ReferralReceived.Shared.model_validate({"sex": "female" if at % 3 else "male"})
        facts = ReferralReceived.Facts.model_validate({"no_further_action": at % 2 == 0})
        child = Person(f"child {at}", shared)
        havering.tells(ReferralReceived, facts, [child], Told(on=f"{month}-09"))
        havering.assessed(f"child {at}", ["20"], on=f"{month}-20")
    return havering


# --- populations ----------------------------------------------------------------------------------


def test_a_count_is_given_per_ten_thousand_children_of_the_middle_of_the_year() -> None:
    """The year to March 2023 is set beside the children of June 2022, and says so."""
    row = theme("thresholds", referred()).row("funnel", "havering", "2023", "referrals")
    assert (row.numerator, row.denominator, row.per, row.rate) == (12, 60051, 10_000, "2.0")
    assert row.denominator_source is not None
    assert row.denominator_source.endswith("at the middle of each year: 2022 (population-0-17@1)")


@pytest.mark.parametrize(
    ("day", "year"),
    [("2023-03-31", 2022), ("2023-06-29", 2022), ("2023-06-30", 2023), ("2026-03-31", 2023)],
)
def test_the_latest_middle_year_there_is_is_used(day: str, year: int) -> None:
    """An estimate is of 30 June; after the last one, the last one, by its own year."""
    found = Populations(tables()).at(POPULATION, "E09000016", date.fromisoformat(day))
    assert found is not None
    assert f": {year} (" in found.source


@pytest.mark.parametrize(
    ("name", "area", "day"),
    [
        ("no-such-table", "E09000016", "2023-03-31"),
        (POPULATION, "E09000001", "2023-03-31"),
        (POPULATION, None, "2023-03-31"),
        (POPULATION, "E09000016", "2012-03-31"),
    ],
)
def test_where_no_population_is_known_there_is_no_rate(
    name: str, area: str | None, day: str
) -> None:
    """Another table, area or time is not made up."""
    assert Populations(tables()).at(name, area, date.fromisoformat(day)) is None


def test_older_referrals_of_a_return_are_no_count_of_their_year() -> None:
    """Those still open when the return was made are in it; how many there were, it does not say."""
    havering = referred()
    old = Person("child from before", ReferralReceived.Shared())
    havering.tells(ReferralReceived, ReferralReceived.Facts(), [old], Told(on="2021-05-09"))
    rows = theme("thresholds", havering).of("funnel", "havering", breakdown="referrals")
    assert [(row.period, row.numerator, row.year_before) for row in rows] == [("2023", 12, None)]


def test_a_figure_without_a_rate_says_why() -> None:
    """A count by nature, a year without a population, a cut, nobody to be a share of."""
    havering = referred()
    year = Filters(period="year-to-march")
    shown = theme("thresholds", havering)
    assert shown.row("funnel", "havering", "2023", "referrals").no_rate is None
    assert shown.row("no-further-action", "havering", "2023").no_rate is None
    counted = theme("pre-birth-and-neglect", havering).row("unborn-referrals", "havering", "2023")
    assert (counted.rate, counted.no_rate) == (None, NOT_A_RATE)
    cut = theme("thresholds", havering, filters=replace(year, cut="sex"))
    assert {one.no_rate for one in cut.of("funnel", "havering", "2023", "referrals")} == {NOT_CUT}
    unknown = theme("thresholds", havering, registered=[])
    assert unknown.row("funnel", "havering", "2023", "referrals").no_rate == (
        "no denominator is registered for 2023: population-0-17"
    )


# --- comparators ----------------------------------------------------------------------------------


def test_statistical_neighbours_are_one_more_table() -> None:
    """Whatever table has the column and an area is set beside the figure, once registered."""
    havering = Borough("havering")
    for month in ("2022-04", "2023-03"):
        havering.assessed(month, ["11A"], on=f"{month}-03")
    row = theme("exploitation", havering, registered=[*tables(), table()]).row(
        "factor-11a", "havering", "2023"
    )
    found = {one.area: (one.rate, one.source) for one in row.comparators}
    assert found["Neighbours of Havering"] == ("15.0", "Statistical neighbours (neighbours@3)")
    assert {"England", "London", "Outer London"} < set(found)
    assert not {"Havering", "Redbridge"} & set(found)


# --- cuts -----------------------------------------------------------------------------------------


def test_one_attribute_is_cut_at_a_time() -> None:
    """Each value with its own number and what it is of; no population is known of it."""
    filters = Filters(period="year-to-march", cut="sex")
    shown = theme("thresholds", referred(), filters=filters)
    rows = shown.of("no-further-action", "havering", "2023")
    assert [(row.cut, row.value, row.numerator, row.denominator) for row in rows] == [
        ("sex", "female", 4, 8), ("sex", "male", 2, 4),
    ]  # fmt: skip
    counts = shown.of("funnel", "havering", "2023", "referrals")
    assert [(row.value, row.numerator, row.rate) for row in counts] == [
        ("female", 8, None), ("male", 4, None),
    ]  # fmt: skip


# --- wards ----------------------------------------------------------------------------------------


def test_wards_are_not_shown_without_their_populations() -> None:
    """A count of a small ward can be a child whom the neighbours know."""
    filters = Filters(period="year-to-march", cut="ward")
    with pytest.raises(QuestionRefused) as refused:
        theme("thresholds", referred(), filters=filters)
    assert refused.value.reason == "ward-populations-not-registered"


def test_wards_below_the_floor_are_not_shown() -> None:
    """The floor is that of the registered table; one without a floor opens nothing."""
    fields = {
        "columns": ("year", "ward_code", "area", "population"),
        "key_columns": ("year", "ward_code"),
        "rows": (
            ("2023", "E05000001", "Large", "9000"),
            ("2023", "E05000002", "Small", "900"),
            ("2022", "E05000002", "Small", "9100"),
        ),
    }
    assert large_wards([table(**fields, smallest_population=5000)]) == {"E05000001"}
    with pytest.raises(QuestionRefused):
        large_wards([table(**fields)])
