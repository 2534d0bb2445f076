"""Headline measures find their cells, and none asks for a cell that no event can add to."""

from __future__ import annotations

from typing import get_args

import pytest

from adapters.reference.shipped import FACTOR_MAPPING, shipped_document
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping, Measure, Theme
from domain.vocabulary.codes import Agency
from projections.beside import BESIDE
from projections.catalogue import PROJECTIONS
from projections.measures import WHOLE, Line, lines
from projections.projection import AtEnd, Recurrence
from projections.thresholds import FINAL
from tests.projections.samples_agencies import AGENCIES
from tests.projections.samples_social_care import SOCIAL_CARE

MAPPING = read_as(FactorMapping, shipped_document(FACTOR_MAPPING).raw)
MEASURES = [measure for theme in MAPPING.themes for measure in theme.measures]
ADDED_TO = {cell for sample in SOCIAL_CARE + AGENCIES for cell in sample.cells.split()}
FACTORS = {f"factor:{factor.code}" for factor in MAPPING.factors}


def asked_for(line: Line) -> frozenset[str]:
    """Give every cell that a line looks at."""
    if isinstance(line.way, AtEnd):
        return line.cells | line.of | {line.way.cell}
    return line.cells | line.of | (line.way.after if line.way else frozenset())


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
def test_every_headline_is_answered_by_events(measure: Measure) -> None:
    """Each headline measure of the shipped mapping has lines, and each breakdown has one."""
    found = [line.breakdown for line in lines(measure)]
    assert found
    assert len(set(found)) == len(found)
    counted = {part.code for part in measure.breakdown if part.reported_as is None}
    assert counted <= set(found)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
def test_lines_ask_for_cells_that_exist(measure: Measure) -> None:
    """Every cell that a line asks for is one that some event adds to."""
    band = ("unborn", "under-1", "1-4")
    by_age = {f"factor:{one}:{age}" for one in ("any", "16A") for age in band}
    by_agency = {f"{one}:by-{agency}" for one in FINAL for agency in get_args(Agency)}
    assert {one for line in lines(measure) for one in asked_for(line)} <= (
        ADDED_TO | FACTORS | by_age | by_agency
    )


def test_what_also_feeds_a_theme_counts_cells_that_exist() -> None:
    """Every line beside the headlines is of an event that a theme names, and that is counted."""
    assert BESIDE.keys() < {event for theme in MAPPING.themes for event in theme.also_fed_by}
    assert BESIDE.keys() <= PROJECTIONS.countings.keys()
    assert {cell for one in BESIDE.values() for cell in one.line.cells | one.line.fed} <= ADDED_TO


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
def test_lines_fit_the_unit_of_their_measure(measure: Measure) -> None:
    """A share and a rate per 1,000 assessed say what they are of."""
    if measure.unit != "count":
        assert all(line.of for line in lines(measure))
    assert all(bool(line.of) == bool(line.of_what) for line in lines(measure))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda one: one.code)
def test_lines_read_what_the_mapping_says(measure: Measure) -> None:
    """Every event that is said to feed a measure is read by some projection, or is reported."""
    assert set(measure.fed_by) - {"figure-reported"} <= set(PROJECTIONS.countings)


def test_a_measure_that_is_not_known_has_no_lines() -> None:
    """A measure that a later mapping adds is answered by no event until its cells are named."""
    measure = Measure(code="something-new", could_be_fed_by="somebody", title="Something new")
    assert lines(measure) == ()


def test_factors_follow_from_their_codes() -> None:
    """A measure of several factors counts episodes with any of them, per episodes assessed."""
    measure = Measure(code="new", could_be_fed_by="returns", title="New", factors=("11A", "24A"))
    (line,) = lines(measure)
    assert line == Line(
        WHOLE,
        "episodes",
        frozenset({"factor:11A", "factor:24A"}),
        frozenset({"factor:any"}),
        of_what="episodes with factors recorded",
    )


def test_what_needs_two_events_is_asked_as_such() -> None:
    """A third time missing, a second referral and a step up again look back at earlier events."""
    found = {
        one.code: line.way.within_days
        for one in MEASURES
        for line in lines(one)
        if isinstance(line.way, Recurrence) and line.breakdown == WHOLE
    }
    assert found == {
        "missing-three-times-in-90-days": 90,
        "rating-changed-on-review": 366,
        "re-referral-within-12-months": 365,
        "stepped-down-then-up": 183,
    }


ASKED_FOR = {
    "knife-crime-and-gangs": [
        ("weapon-offences", ["", "injury-victims-1-24", "suspects-under-18", "victims-under-18",
                             "possession", "threat", "use"]),
        ("factor-13a", [""]),
        ("weapon-exclusions", [""]),
        ("first-time-entrants", [""]),
    ],
    "exploitation": [
        ("mace-open-cases", ["high", "medium", "low"]),
        ("missing-three-times-in-90-days", [""]),
        ("return-interviews-within-72-hours", [""]),
        ("factor-11a", [""]),
        ("factor-12a", [""]),
        ("factor-24a", [""]),
        ("nrm-referrals", [""]),
    ],
    "domestic-abuse": [
        ("notifications-with-a-child", [""]),
        ("factor-3a", [""]),
        ("factor-3b", [""]),
        ("factor-3c", [""]),
        ("marac-with-children", ["", "repeat-within-12-months"]),
        ("encompass-before-next-school-day", [""]),
        ("emotional-abuse-plans", [""]),
    ],
    "pre-birth-and-neglect": [
        ("plans-by-28-days", ["", "before-birth"]),
        ("neglect-plans", ["unborn", "under-1", "1-4", "all-ages"]),
        ("factor-16a", ["unborn", "under-1", "1-4", "all-ages"]),
        ("unborn-referrals", [""]),
        ("pre-birth-assessment-by-target", [""]),
    ],
    "thresholds": [
        ("funnel", ["contacts", "referrals", "assessments", "in-need"]),
        ("no-further-action", [""]),
        ("re-referral-within-12-months", [""]),
        ("stepped-down-then-up", [""]),
        ("rating-changed-on-review", ["", "by-police", "by-health", "by-education"]),
        ("family-view-recorded", [""]),
    ],
}  # fmt: skip
"""The headlines of the five priorities in the order in which the partners ask for them, each with
the lines that its name asks for: written out here, and not read from the mapping."""


@pytest.mark.parametrize("theme", MAPPING.themes, ids=lambda one: one.code)
def test_the_headlines_are_those_that_were_asked_for(theme: Theme) -> None:
    """Every one, in order, with each of the lines that its name asks for, counted from events."""
    assert [one.code for one in theme.measures] == [code for code, _ in ASKED_FOR[theme.code]]
    for measure, (_, asked) in zip(theme.measures, ASKED_FOR[theme.code], strict=True):
        assert set(asked) <= {line.breakdown for line in lines(measure)}, measure.code


def test_who_rated_is_a_line_of_each_agency_that_may_rate() -> None:
    """Each of them, before the ratings that were changed to; all of them with a title."""
    measure = next(one for one in MEASURES if one.code == "rating-changed-on-review")
    by_agency = [f"by-{one}" for one in get_args(Agency)]
    assert [part.code for part in measure.breakdown][: len(by_agency)] == by_agency
    assert set(by_agency) <= {line.breakdown for line in lines(measure)}
