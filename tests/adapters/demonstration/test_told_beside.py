"""What bodies of the demonstration tell beside the returns: explained figures, late discussions."""

from __future__ import annotations

import datetime
import io

import pytest

from adapters.demonstration.explaining import explanations
from adapters.demonstration.systems import MOST, discussions, move
from adapters.reference.shipped import FACTOR_MAPPING, shipped_document
from adapters.returns.invented import InventedHistory
from adapters.returns.published_figures import shipped_table
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping
from domain.vocabulary.child_protection import StrategyDiscussionHeld
from domain.vocabulary.figures import FigureExplained
from projections.moments import in_time

TODAY = datetime.date(2023, 5, 22)
BARKING, HAVERING, REDBRIDGE = shipped_table().authorities(2023)


def explained(year: int) -> dict[tuple[str, str], str]:
    """Give the judgement on every figure that a borough explains, by borough and measure."""
    facts = [
        draft.facts
        for authority in (BARKING, HAVERING, REDBRIDGE)
        for draft in explanations(shipped_table(), authority, year, today=TODAY)
    ]
    return {
        (one.borough, one.measure): one.judgement
        for one in facts
        if isinstance(one, FigureExplained.Facts)
    }


def test_each_borough_explains_a_figure_that_the_table_shows() -> None:
    """Of 2023: a code that Havering never files, one that it files still, and two large rises."""
    found = explained(2023)
    assert found["havering", "factor-24a"] == "recording"
    assert found["havering", "factor-18a"] == "recording"
    assert {borough for borough, _ in found} == {one.slug for one in (BARKING, HAVERING, REDBRIDGE)}


def test_explanations_are_printed_under_measures_of_their_theme() -> None:
    """What is said of a measure names the theme that has it, or a figure that no theme shows."""
    mapping = read_as(FactorMapping, shipped_document(FACTOR_MAPPING).raw)
    themes = {one.code: theme.code for theme in mapping.themes for one in theme.measures}
    for year in range(2019, 2024):
        for authority in (BARKING, HAVERING, REDBRIDGE):
            for draft in explanations(shipped_table(), authority, year, today=TODAY):
                facts = draft.facts
                assert isinstance(facts, FigureExplained.Facts)
                assert themes.get(facts.measure, facts.theme) == facts.theme


@pytest.fixture(scope="module", name="document")
def _document() -> io.BytesIO:
    target = io.BytesIO()
    InventedHistory(shipped_table(), BARKING.code).write(target, 2023)
    return target


def test_discussions_are_due_and_the_late_ones_say_why(document: io.BytesIO) -> None:
    """Each was on time or late, and only a late one has a reason and an agency."""
    found = list(discussions(document, 2023))
    assert len(found) == MOST == len({draft.key for draft in found})
    late = 0
    for draft in found:
        facts = draft.facts
        assert isinstance(facts, StrategyDiscussionHeld.Facts)
        assert draft.time[:10] <= "2023-03-31"
        on_time = in_time(facts.held, facts.due)
        assert (facts.late_reason is None) == (facts.late_agency is None) == bool(on_time)
        late += not on_time
    assert MOST // 10 < late < MOST // 2


def test_a_move_is_told_to_the_authority_that_the_child_goes_to(document: io.BytesIO) -> None:
    """Who is named can open it, for work on the case alone."""
    draft = move(document, here=BARKING, there=REDBRIDGE, told=TODAY)
    assert draft is not None
    assert (draft.recipients, draft.purpose) == (("redbridge",), "case-work")
    assert draft.subjects[0].restricted is not None
