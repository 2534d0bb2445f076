"""The table of indicators says what the code can do, and none asks for a cell that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.reference.shipped import FACTOR_MAPPING, shipped_document
from domain.reference.documents import read_as
from domain.reference.factor_mapping import FactorMapping
from projections.indicator_list import INDICATORS
from projections.indicators import Indicator
from tests.projections.samples_agencies import AGENCIES
from tests.projections.samples_social_care import SOCIAL_CARE

DOCUMENT = Path(__file__).parents[2] / "projections" / "INDICATORS.md"
ADDED_TO = {cell for sample in SOCIAL_CARE + AGENCIES for cell in sample.cells.split()}
MAPPING = read_as(FactorMapping, shipped_document(FACTOR_MAPPING).raw)
FACTORS = {f"factor:{factor.code}" for factor in MAPPING.factors}
OPEN_ENDED = ("strategy-discussion:late-for:", "plan:")
"""Cells named by a word of the vocabulary; the samples have some of the words."""


def test_every_indicator_of_the_list_is_there_once() -> None:
    """Forty-five, in their order; twelve of them come first."""
    assert [one.number for one in INDICATORS] == list(range(1, 46))
    assert sum(one.first for one in INDICATORS) == 12


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: str(one.number))
def test_what_is_computed_counts_cells_that_exist(indicator: Indicator) -> None:
    """Every cell that it looks at is one that some event adds to."""
    missing = indicator.cells() - ADDED_TO - FACTORS
    assert not [cell for cell in missing if not cell.startswith(OPEN_ENDED)]


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: str(one.number))
def test_lines_are_told_apart(indicator: Indicator) -> None:
    """No two figures of an indicator have one name, and none is of two bases."""
    codes = [line.code for line in indicator.lines]
    assert len(set(codes)) == len(codes)
    assert not any(line.per_population and line.of for line in indicator.lines)


def test_the_parts_of_a_figure_have_nothing_in_common() -> None:
    """They are added, so an event that was in two of them would count twice."""
    for indicator in INDICATORS:
        for line in indicator.lines:
            cells = [cell for part in line.counts for cell in part.cells]
            assert len(set(cells)) == len(cells)


def test_the_document_says_what_the_code_does() -> None:
    """One row an indicator: number, theme, title, basis and who could feed it."""
    rows = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if "| " in line]
    assert rows[1:] == [
        f"| {one.number} | {one.theme} | {one.title} | {_basis(one)} | {one.could_be_fed_by} |"
        for one in INDICATORS
    ]


def _basis(indicator: Indicator) -> str:
    also = " (also reported)" if indicator.lines and indicator.reported_as else ""
    return f"{indicator.basis}{also}"
