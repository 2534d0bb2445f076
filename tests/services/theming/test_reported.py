"""Reported figures: whose they are, when they add up, and what they yield to."""

from __future__ import annotations

import pytest

from adapters.reference.police_figures import police_figures
from domain.vocabulary.figures import FigureReported
from domain.vocabulary.police_health_school import WeaponIncidentRecorded
from projections.figures import FIGURES
from services.filters import Filters
from services.theming.numbers import HIDDEN_COUNT
from tests.projections.builders import Borough, Person, Told, folded
from tests.services.theming.rig import GSS, Shown, reports, theme

KNIVES = "knife-crime-and-gangs"
POSSESSION = ("weapon-offences", "havering")
YEAR = [f"2022-{month:02}" for month in range(4, 13)] + ["2023-01", "2023-02", "2023-03"]


def knives(borough: Borough, period: str = "year-to-march", **asked: str) -> Shown:
    """Ask for knife crime by a period."""
    filters = Filters(**{"period": period, **asked})  # type: ignore[arg-type]  # texts of a table
    return theme(KNIVES, borough, filters=filters)


def test_months_add_up_only_when_every_month_is_there() -> None:
    """Twelve months are a year; eleven are no year, but three of them are a quarter."""
    havering = Borough("havering")
    for month in YEAR[:-1]:
        reports(havering, "possession-of-weapons", month, 10)
    assert knives(havering).of(*POSSESSION, breakdown="possession") == []
    quarters = knives(havering, "quarter").of(*POSSESSION, breakdown="possession")
    assert [(row.period, row.numerator) for row in quarters] == [
        ("2022-04", 30), ("2022-07", 30), ("2022-10", 30),
    ]  # fmt: skip
    reports(havering, "possession-of-weapons", YEAR[-1], 7)
    row = knives(havering).row(*POSSESSION, "2023", "possession")
    assert (row.numerator, row.source, row.counts, row.mark) == (117, "reported", "reported", None)
    assert knives(havering).measure("weapon-offences").source == "reported"


def test_the_later_of_two_reports_stands_and_a_withdrawn_one_does_not() -> None:
    """A revised month replaces the first; taken back, it leaves the first."""
    havering = Borough("havering")
    reports(havering, "possession-of-weapons", "2023-03", 10)
    reports(havering, "possession-of-weapons", "2023-03", 12)
    row = knives(havering, "month").row(*POSSESSION, "2023-03", "possession")
    assert row.numerator == 12
    withdrawn = havering.opened[-1]
    havering.withdraws(withdrawn.event_id, Told(source="police"))  # type: ignore[union-attr]  # it opened
    row = knives(havering, "month").row(*POSSESSION, "2023-03", "possession")
    assert row.numerator == 10


def test_a_hidden_part_hides_the_sum() -> None:
    """What the source suppresses is marked, and nothing that holds it has a number."""
    havering = Borough("havering")
    for month in YEAR:
        reports(havering, "possession-of-weapons", month, None if month == "2022-08" else 9)
    row = knives(havering).row(*POSSESSION, "2023", "possession")
    assert (row.numerator, row.mark, row.rate) == (None, "suppressed-by-source", None)
    assert row.no_rate == HIDDEN_COUNT
    assert knives(havering, "month").row(*POSSESSION, "2022-09", "possession").numerator == 9


@pytest.mark.parametrize("area", ["E09000016", "311"])
def test_a_report_is_of_the_borough_s_own_area(area: str) -> None:
    """By either of its codes; a report of another area in its ledger is nobody's."""
    havering = Borough("havering")
    reports(havering, "possession-of-weapons", "2023-03", 10, area=area)
    reports(havering, "possession-of-weapons", "2023-02", 99, area=GSS["redbridge"])
    shown = knives(havering, "month")
    assert [row.period for row in shown.of(*POSSESSION, breakdown="possession")] == ["2023-03"]
    assert shown.of("weapon-offences", "redbridge", breakdown="possession") == []


def test_events_go_before_reports() -> None:
    """Where a source sends the events themselves, a report is not counted beside them."""
    havering = Borough("havering")
    reports(havering, "possession-of-weapons", "2023-03", 10)
    facts = WeaponIncidentRecorded.Facts.model_validate({"offence": "use", "weapon": "knife"})
    havering.tells(
        WeaponIncidentRecorded, facts, [Person("mia", role="victim")], Told("2023-03-09")
    )
    row = knives(havering, "month").row(*POSSESSION, "2023-03", "possession")
    assert (row.numerator, row.source, row.counts) == (0, "events", "events")


def test_a_report_s_note_is_a_flag_and_its_denominator_is_said() -> None:
    """What a reader must know stands beside the figure, as (d)."""
    havering = Borough("havering")
    said = {
        "denominator": 900,
        "denominator_source": "offences, March 2023",
        "note": "Provisional.",
    }
    reports(havering, "possession-of-weapons", "2023-03", 10, **said)
    row = knives(havering, "month").row(*POSSESSION, "2023-03", "possession")
    assert (row.denominator, row.denominator_source) == (900, "offences, March 2023")
    assert [(one.letter, one.reason) for one in row.flags] == [
        ("d", "Who reported it notes: Provisional.")
    ]


def test_reports_of_odd_days_and_cuts_are_not_shown() -> None:
    """A period that is no whole months fits no row; nobody reports by sex."""
    havering = Borough("havering")
    reports(havering, "possession-of-weapons", "2023-03", 10, period_start="2023-03-02")
    assert knives(havering, "month").of(*POSSESSION, breakdown="possession") == []
    reports(havering, "possession-of-weapons", "2023-03", 10)
    assert knives(havering, "month", cut="sex").of(*POSSESSION, breakdown="possession") == []


def test_the_knife_page_has_knives_on_it_from_the_first_day() -> None:
    """Five years of what the police publish: 193 offences in Havering, to March 2023."""
    havering = Borough("havering")
    for facts in police_figures(GSS["havering"]):
        told = Told(on=facts.period_end, source="police")
        havering.tells(FigureReported, facts, told=told)
    rows = knives(havering).of(*POSSESSION, breakdown="possession")
    assert [row.period for row in rows] == ["2019", "2020", "2021", "2022", "2023"]
    counts = {row.period: row.numerator for row in rows}
    assert counts["2023"] == 193
    assert rows[-1].change == 193 - (counts["2022"] or 0)
    (injury,) = knives(havering).of(*POSSESSION, "2023", breakdown="violence-with-injury")
    assert injury.numerator == 2013
    assert list(police_figures("E09000001")) == []


def test_what_is_told_is_what_was_said() -> None:
    """A report stands in the views as it was sent, under its measure, area and period."""
    havering = Borough("havering")
    reports(havering, "possession-of-weapons", "2023-03", 10)
    (row,) = folded(havering).store.told(FIGURES.name, ("havering",))
    assert row.key == "possession-of-weapons|E09000016|2023-03-01/2023-03-31"
