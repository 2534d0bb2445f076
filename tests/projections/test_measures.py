"""Headline measures find their cells, and none asks for a cell that no event can add to."""

from __future__ import annotations

import pytest

from adapters.reference.shipped import FACTOR_MAPPING, shipped_document
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping, Measure
from projections.catalogue import PROJECTIONS
from projections.measures import WHOLE, Line, lines
from projections.projection import AtEnd, Recurrence
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
    assert {one for line in lines(measure) for one in asked_for(line)} <= (
        ADDED_TO | FACTORS | by_age
    )


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
        "re-referral-within-12-months": 365,
        "stepped-down-then-up": 183,
    }
