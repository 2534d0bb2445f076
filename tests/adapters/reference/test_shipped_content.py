"""What the shipped themes, figures and rules say: the catalogue, and the published tables."""

from __future__ import annotations

import csv
import importlib.resources
import io
import json

import pytest

from adapters.reference import shipped
from adapters.reference.police_figures import MEASURES, police_figures
from domain.reference.agreements import Agreement
from domain.reference.documents import read_as
from domain.reference.factor_mapping import Breakdown, FactorMapping, Measure
from domain.reference.reference_figures import ReferenceFigures
from domain.reference.rule_packs import RulePack, pack_in_force
from projections.measures import WHOLE, lines

PACKAGE = importlib.resources.files("adapters.reference")
TODAY = "2026-11-23"

HEADLINES = {
    "knife-crime-and-gangs": "weapon-offences factor-13a weapon-exclusions first-time-entrants",
    "exploitation": (
        "mace-open-cases missing-three-times-in-90-days return-interviews-within-72-hours"
        " factor-11a factor-12a factor-24a nrm-referrals"
    ),
    "domestic-abuse": (
        "notifications-with-a-child factor-3a factor-3b factor-3c marac-with-children"
        " encompass-before-next-school-day emotional-abuse-plans"
    ),
    "pre-birth-and-neglect": (
        "plans-by-28-days neglect-plans factor-16a unborn-referrals pre-birth-assessment-by-target"
    ),
    "thresholds": (
        "funnel no-further-action re-referral-within-12-months stepped-down-then-up"
        " rating-changed-on-review family-view-recorded"
    ),
}
"""The catalogue's headline measures of each theme, in its order."""

PRIMARY = {
    "knife-crime-and-gangs": "13A",
    "exploitation": "11A 12A 24A",
    "domestic-abuse": "3A 3B 3C",
    "pre-birth-and-neglect": "16A",
    "thresholds": "",
}
SUPPORTING = {
    "knife-crime-and-gangs": "10A 14A 18B 24A",
    "exploitation": "2A 9A 10A 13A 19B 19C 22A 23A",
    "domestic-abuse": "17A",
    "pre-birth-and-neglect": "1B 2B 4B 5B 6B 7A",
    "thresholds": "20 21",
}
"""The catalogue's factors of each theme: those of its headlines, and those that also feed it."""


def _raw(file: str) -> bytes:
    return shipped.shipped_document(file).raw


def _figures(name: str) -> ReferenceFigures:
    return read_as(ReferenceFigures, _raw(f"reference-figures/{name}.json"))


AGREEMENT = read_as(Agreement, _raw(shipped.AGREEMENT))
MAPPING = read_as(FactorMapping, _raw(shipped.FACTOR_MAPPING))
PACKS = [
    read_as(RulePack, document.raw)
    for document in shipped.shipped_documents()
    if document.kind == "rule-pack"
]


def test_every_theme_has_the_catalogues_headlines_in_order() -> None:
    """The page asks what the partners ask, in the order in which they ask it."""
    headlines = {
        theme.code: " ".join(measure.code for measure in theme.measures) for theme in MAPPING.themes
    }
    assert headlines == HEADLINES
    assert list(headlines) == list(HEADLINES)


@pytest.mark.parametrize("theme", HEADLINES)
def test_every_theme_has_the_catalogues_factors(theme: str) -> None:
    """A factor that a headline shows is primary, and what the catalogue adds is supporting."""
    primary = PRIMARY[theme].split()
    assert list(MAPPING.codes_of_theme(theme, "primary")) == primary
    assert list(MAPPING.codes_of_theme(theme, "supporting")) == SUPPORTING[theme].split()
    found = MAPPING.theme(theme)
    assert found is not None
    assert [code for measure in found.measures for code in measure.factors] == primary


def test_measures_are_fed_by_events_that_the_agreement_covers() -> None:
    """A view may wait for a source, but never for an event that could not be published."""
    fed = {
        event
        for theme in MAPPING.themes
        for events in (
            theme.also_fed_by,
            theme.breaks_marked_by,
            *(measure.fed_by for measure in theme.measures),
        )
        for event in events
    }
    assert fed - set(AGREEMENT.types()) == {"gang-risk-identified"}


def test_reports_and_populations_are_named_where_they_are() -> None:
    """A measure that may be reported says by which name; what it is given per is shipped."""
    for measure in (one for theme in MAPPING.themes for one in theme.measures):
        said: tuple[Measure | Breakdown, ...] = (measure, *measure.breakdown)
        assert measure.reported() == any(one.reported_as for one in said)
        for table in {one.population for one in said} - {None}:
            assert _figures(str(table)).figure_columns() == ("population_0_17",)


def test_every_line_of_a_measure_has_a_title() -> None:
    """The partners name what they read, and may rename it by registering another mapping."""
    for measure in (one for theme in MAPPING.themes for one in theme.measures):
        titled = {WHOLE, *(part.code for part in measure.breakdown)}
        assert {line.breakdown for line in lines(measure)} <= titled, measure.code


def test_police_figures_are_five_years_of_months() -> None:
    """Two measures that the mapping reads, of each borough, as they were published."""
    for gss_code in ("E09000002", "E09000016", "E09000026"):
        found = list(police_figures(gss_code))
        months = {one.period_start for one in found}
        assert len(months) == 60
        assert (min(months), max(months)) == ("2018-04-01", "2023-03-01")
        assert {one.measure for one in found} == set(MEASURES.values())
        assert len(found) == 120
    (leap,) = {one.period_end for one in police_figures("E09000002") if "2020-02" in one.period_end}
    assert leap == "2020-02-29"
    parts = [
        part for theme in MAPPING.themes for measure in theme.measures for part in measure.breakdown
    ]
    assert set(MEASURES.values()) <= {part.reported_as for part in parts}


def test_every_published_column_is_mapped_from_the_same_codes_as_in_the_demo() -> None:
    """The mapping that is registered and the columns that invented files are made by are one."""
    columns = json.loads(PACKAGE.joinpath("factor-columns.json").read_bytes())
    assert columns["episodes"] == MAPPING.episodes_column
    mapped = {name: list(MAPPING.codes_of_column(name)) for name in MAPPING.columns()[:-1]}
    assert mapped == columns["codes"]
    uncounted = [factor.code for factor in MAPPING.factors if factor.column is None]
    assert uncounted == columns["without_column"]


def test_the_published_table_and_the_registered_figures_are_the_same() -> None:
    """Every cell of the three boroughs stands in both, as it was published."""
    figures = _figures("assessment-factors")
    published = PACKAGE.joinpath("published-assessment-factors.csv").read_text(encoding="utf-8")
    cells = list(csv.DictReader(io.StringIO(published)))
    assert len(cells) == len(figures.rows) * len(figures.figure_columns()) == 720
    for cell in cells:
        value = figures.value(cell["year"], cell["gss_code"], column=cell["factor"])
        assert value == cell["value_as_published"]


@pytest.mark.parametrize("name", ["assessment-factors", "assessment-factors-comparators"])
def test_the_figures_have_every_mapped_column(name: str) -> None:
    """Ours can be set beside every published column, for the boroughs and for comparators."""
    assert set(_figures(name).figure_columns()) == set(MAPPING.columns())


@pytest.mark.parametrize(
    ("table", "key", "column", "value"),
    [
        ("assessment-factors", ("2023", "E09000016"), "Physical_Abuse_unknown", "437"),
        ("assessment-factors", ("2023", "E09000016"), "Physical_Abuse_child_on_child", "0"),
        ("assessment-factors", ("2023", "E09000002"), "Physical_Abuse_child_on_child", "c"),
        ("assessment-factors", ("2018", "E09000026"), "Sexual_Abuse_adult_on_child", "x"),
        (
            "assessment-factors",
            ("2021", "E09000002"),
            "Episodes_with_assessment_factor",
            "3378",
        ),
        (
            "assessment-factors-comparators",
            ("2023", "E92000001"),
            "Episodes_with_assessment_factor",
            "508360",
        ),
        ("assessment-factors-comparators", ("2018", "E12000007"), "Alcohol_Misuse_child", "1240"),
        (
            "assessment-factors-comparators",
            ("2020", "E13000002"),
            "Episodes_with_assessment_factor",
            "52500",
        ),
        ("population-0-17", ("2023", "E09000002"), "population_0_17", "64907"),
        ("population-0-17", ("2012", "E09000026"), "population_0_17", "72155"),
        ("referrals", ("2023", "E09000002"), "rereferral_percent", "26.1"),
        ("referrals", ("2013", "E09000016"), "rereferral_count", "x"),
        ("children-in-need", ("2023", "E09000026"), "At31_episodes", "2271"),
        ("children-in-need", ("2013", "E09000016"), "awaiting_assessment", "c"),
    ],
)
def test_figures_are_as_they_were_published(
    table: str, key: tuple[str, str], column: str, value: str
) -> None:
    """Cells that were looked up in the published tables by hand, suppressed ones among them."""
    assert _figures(table).value(*key, column=column) == value


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("2018-07-03", None),
        ("2018-07-04", "WT2018"),
        ("2023-12-14", "WT2018"),
        ("2023-12-15", "WT2023"),
        (TODAY, "WT2026"),
    ],
)
def test_the_national_rules_of_a_day_are_found(day: str, code: str | None) -> None:
    """A replay applies the edition that was in force on the event's date."""
    found = pack_in_force(PACKS, "national", day=day)
    assert (found and found.code) == code


def test_local_and_regional_rules_stand_beside_the_national_ones() -> None:
    """The arrangements' own promises and London's conflict steps are rules with dates, too."""
    local = pack_in_force(PACKS, "local", day=TODAY)
    regional = pack_in_force(PACKS, "regional", day=TODAY)
    assert local is not None
    assert regional is not None
    assert (local.code, regional.code) == ("MASA-BD-2019", "LONDON-CP")
    sessions = next(duty for duty in local.duties if duty.code == "listen-learn-challenge")
    assert (sessions.at_least, sessions.months) == (2, 12)


def test_what_nobody_read_is_unchecked() -> None:
    """Both starts of the rapid review stand in every edition; nothing of 2026 is asserted."""
    for pack in (pack for pack in PACKS if pack.area == "national"):
        awareness = pack.clock("rapid-review-from-awareness")
        notification = pack.clock("rapid-review-from-notification")
        assert awareness is not None
        assert notification is not None
        assert not awareness.checked
        assert awareness.length == notification.length == 15
    newest = pack_in_force(PACKS, "national", day=TODAY)
    assert newest is not None
    assert not newest.dates_checked
    assert not any(clock.checked for clock in newest.clocks)
