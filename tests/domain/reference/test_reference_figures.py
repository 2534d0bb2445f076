"""Published tables that ours are set beside."""

from __future__ import annotations

import pytest

from domain.reference.documents import read_as
from domain.reference.reference_figures import ReferenceFigures
from tests.domain.reference.drafts import FIGURES, bent, raw, refused

DRAFT = read_as(ReferenceFigures, raw(FIGURES))


def test_a_value_stays_as_it_was_published() -> None:
    """A suppressed cell is text, a percentage keeps its digits, and what is not there is None."""
    assert DRAFT.value("2021", "E09000901", column="children") == "c"
    assert DRAFT.value("2021", "E09000901", column="percent") == "12.5"
    assert DRAFT.value("2022", "E09000901", column="percent") == "30"
    assert DRAFT.value("2020", "E09000901", column="children") is None
    assert DRAFT.value("2021", "E09000901", column="adults") is None
    assert DRAFT.row("2021", "E09000999") is None


def test_only_a_whole_number_is_a_count() -> None:
    """A suppressed cell is never nought, and nought is a number."""
    assert DRAFT.count("2022", "E09000901", column="children") == 0
    assert DRAFT.count("2021", "E09000901", column="children") is None
    assert DRAFT.count("2021", "E09000901", column="percent") is None
    assert DRAFT.count("2020", "E09000901", column="children") is None


def test_keys_and_labels_are_no_figures() -> None:
    """A year is not a count of anything."""
    assert DRAFT.figure_columns() == ("children", "percent")


@pytest.mark.parametrize(
    ("place", "value", "faults"),
    [
        ("columns.4", "children", {"columns.4": "doubled"}),
        ("key_columns.0", "month", {"key_columns.0": "unknown"}),
        ("label_columns.0", "name", {"label_columns.0": "unknown"}),
        ("rows.1.0", "2021", {"rows.1": "doubled"}),
        ("rows.1.+", "7", {"rows.1": "another-width"}),
        ("rows.1.3", "x", {"rows.1.3": "not-a-figure"}),
        ("rows.1.3", "", {"rows.1.3": "not-a-figure"}),
        ("rows.1.3", "-1", {"rows.1.3": "not-a-figure"}),
        ("rows.1.3", "1,000", {"rows.1.3": "not-a-figure"}),
        ("rows.1.3", "٣", {"rows.1.3": "not-a-figure"}),
        ("rows.1.4", "1.", {"rows.1.4": "not-a-figure"}),
    ],
)
def test_what_does_not_hold_together_is_refused(
    place: str, value: object, faults: dict[str, str]
) -> None:
    """Every rule between columns, rows and symbols has a fault with its place."""
    found = refused(bent(FIGURES, place, value))
    assert faults.items() <= found.items()
