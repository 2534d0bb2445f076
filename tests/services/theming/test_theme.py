"""A theme's rows: periods, denominators, rates, changes, zeros; and what measures say."""

from __future__ import annotations

from domain.vocabulary.front_door import ThresholdRatingSet
from domain.vocabulary.missing_and_care import MissingEpisodeStarted
from domain.vocabulary.parts import SharedPart
from services.filters import Filters
from tests.projections.builders import Borough, Person, Told
from tests.services.theming.rig import Shown, theme


def assessed(borough: Borough, year: int, **counts: int) -> None:
    """Let a borough complete assessments in May of the year to March before `year`."""
    for factor, count in counts.items():
        for number in range(count):
            code = factor.removeprefix("f")
            child = f"{borough.ledger} {code} {year} {number}"
            borough.assessed(child, [code], on=f"{year - 1}-05-04", episode=child)
    # what a whole year is known by: it reaches its first month and its last
    borough.assessed(f"first {year}", ["15A"], on=f"{year - 1}-04-03", episode=f"first {year}")
    borough.assessed(f"last {year}", ["15A"], on=f"{year}-03-30", episode=f"last {year}")


def two_boroughs() -> Shown:
    """Give two boroughs in two years: one files 24A, the other never."""
    havering, redbridge = Borough("havering"), Borough("redbridge")
    assessed(havering, 2022, f13A=3)
    assessed(havering, 2023, f13A=4, f18A=12)
    assessed(redbridge, 2022, f24A=10, f15A=88)
    assessed(redbridge, 2023, f24A=45, f15A=53)
    return theme("exploitation", havering, redbridge)


def test_a_row_has_a_number_what_it_is_of_and_the_rate_of_both() -> None:
    """Episodes with the factor, per 1,000 episodes with factors recorded in the same period."""
    row = two_boroughs().row("factor-24a", "redbridge", "2023")
    assert (row.numerator, row.denominator, row.per, row.rate) == (45, 100, 1000, "450.0")
    assert row.denominator_source == "episodes with factors recorded, the same period"
    assert (row.counts, row.source, row.mark) == ("episodes", "events", None)
    assert (row.period_from, row.period_to) == ("2022-04-01", "2023-03-31")


def test_a_row_says_what_changed_on_a_year() -> None:
    """The same period a year before, the difference, and how many per cent of it that is."""
    shown = two_boroughs()
    row = shown.row("factor-24a", "redbridge", "2023")
    assert row.year_before is not None
    assert (row.year_before.numerator, row.year_before.rate) == (10, "100.0")
    assert (row.change, row.change_percent) == (35, "350.0")
    first = shown.row("factor-24a", "redbridge", "2022")
    assert (first.year_before, first.change, first.change_percent) == (None, None, None)


def test_none_is_a_zero_where_a_source_tells_and_no_row_where_none_does() -> None:
    """Havering files factors, never 24A: zero. Barking and Dagenham files nothing: no row."""
    shown = two_boroughs()
    zeros = shown.of("factor-24a", "havering")
    assert [(row.period, row.numerator) for row in zeros] == [("2022", 0), ("2023", 0)]
    assert shown.of("factor-24a", "barking-and-dagenham") == []
    assert shown.of("nrm-referrals", "havering") == []


def test_a_measure_that_nobody_feeds_says_who_could() -> None:
    """No source yet is no zero, and no blame."""
    shown = two_boroughs()
    fed, unfed = shown.measure("factor-24a"), shown.measure("nrm-referrals")
    assert (fed.source, fed.fed_by) == ("events", ("havering", "redbridge"))
    assert (unfed.source, unfed.fed_by) == ("no source yet", ())
    assert unfed.could_be_fed_by.startswith("first responders")


def test_rows_stand_in_the_order_of_the_mapping() -> None:
    """Measures, their breakdowns, boroughs, then periods ascending."""
    shown = two_boroughs()
    found = [(row.measure, row.borough, row.period) for row in shown.rows]
    measures = ("factor-11a", "factor-12a", "factor-24a")
    boroughs, years = ("havering", "redbridge"), ("2022", "2023")
    assert found == [(one, who, when) for one in measures for who in boroughs for when in years]


def test_a_factor_has_no_zero_before_it_could_be_filed() -> None:
    """24A joined the code list in 2022: before, none is not nobody."""
    havering = Borough("havering")
    for year in (2020, 2021, 2022):
        assessed(havering, year, f11A=2)
    shown = theme("exploitation", havering)
    assert [row.period for row in shown.of("factor-24a", "havering")] == ["2022"]
    assert [row.period for row in shown.of("factor-11a", "havering")] == ["2020", "2021", "2022"]
    marked = shown.document["breaks"]
    assert isinstance(marked, list)
    assert {"borough": None, "day": "2021-04-01"}.items() <= next(
        one.items() for one in marked if "24A" in one["reason"]
    )


def test_twelve_months_roll_once_there_are_twelve() -> None:
    """The default period: each month's end with the eleven before it, the last 24 of them."""
    havering = Borough("havering")
    for year in (2021, 2022, 2023):
        assessed(havering, year, f11A=year - 2019)
    rows = theme("exploitation", havering, filters=Filters()).of("factor-11a", "havering")
    assert [row.period for row in rows][:: len(rows) - 1] == ["2021-04", "2023-03"]
    assert len(rows) == 24
    assert [row.numerator for row in rows if row.period in {"2022-03", "2022-04", "2022-05"}] == [
        3, 3, 4,
    ]  # fmt: skip
    assert rows[-1].year_before is not None
    assert (rows[-1].numerator, rows[-1].year_before.numerator) == (4, 3)
    assert (rows[-1].period_from, rows[-1].period_to) == ("2022-04-01", "2023-03-31")


def test_events_that_also_feed_a_theme_are_counted_beside_its_factors() -> None:
    """Missing episodes beside knife crime; what nothing counts says that it has no source yet."""
    havering = Borough("havering")
    facts = MissingEpisodeStarted.Facts.model_validate({"kind": "missing"})
    mia = Person("mia", MissingEpisodeStarted.Shared())
    havering.tells(MissingEpisodeStarted, facts, [mia], Told(on="2023-03-04"))
    shown = theme("knife-crime-and-gangs", havering)
    (row,) = shown.of("missing-episode-started", "havering")
    assert (row.numerator, row.counts, row.source) == (1, "events", "events")
    found = {one.code: one.source for one in shown.also_measures()}
    assert found["missing-episode-started"] == "events"
    assert found["gang-risk-identified"] == "no source yet"
    assert "factor-14a" in found


def test_what_is_told_of_no_further_does_not_vanish_beside_what_is() -> None:
    """Years of missing episodes after the last return leave the return's last periods shown."""
    havering = Borough("havering")
    assessed(havering, 2022, f13A=3)
    assessed(havering, 2023, f13A=4)
    facts = MissingEpisodeStarted.Facts.model_validate({"kind": "missing"})
    mia = Person("mia", MissingEpisodeStarted.Shared())
    for year in (2025, 2026):
        havering.tells(MissingEpisodeStarted, facts, [mia], Told(on=f"{year}-05-04"))
    shown = theme("knife-crime-and-gangs", havering, filters=Filters())
    last = shown.of("factor-13a", "havering")[-1]
    assert (last.period, last.numerator, last.change) == ("2023-03", 4, 1)
    assert shown.of("missing-episode-started", "havering")[-1].period == "2026-05"


def rated(borough: Borough, child: str, stage: str, rating: str, agency: str | None) -> None:
    """Rate a child in a stream of its own against the threshold document."""
    said: dict[str, object] = {"agency": agency, "rating": rating, "stage": stage}
    facts = ThresholdRatingSet.Facts.model_validate(said)
    told = Told(on="2023-04-03", stream=f"rating of {child}")
    borough.tells(ThresholdRatingSet, facts, [Person(child, SharedPart())], told)


def test_ratings_changed_on_review_are_told_by_agency() -> None:
    """Of an agency's final ratings, those that were another one at first."""
    havering = Borough("havering")
    for child, first, final, agency in (
        ("mia", "green", "red", "police"),
        ("leo", "amber", "amber", "police"),
        ("zoe", "amber", "green", "health"),
        ("max", "blue", "red", None),
    ):
        rated(havering, child, "first", first, "education")
        rated(havering, child, "final", final, agency)
    shown = theme("thresholds", havering)
    found = {
        row.breakdown: (row.numerator, row.denominator)
        for row in shown.rows
        if row.measure == "rating-changed-on-review"
    }
    assert found == {
        "": (3, 4), "by-health": (1, 1), "by-police": (1, 2),
        "to-blue": (0, 4), "to-green": (1, 4), "to-amber": (0, 4), "to-red": (2, 4),
    }  # fmt: skip
    titles = {
        line.breakdown: line.title for line in shown.measure("rating-changed-on-review").lines
    }
    assert titles["by-police"] == "Police"
