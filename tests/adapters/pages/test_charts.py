"""The geometry of a trend: nothing outside the drawing, no line over a gap, each break in place."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.http.theme_documents import ThemeAnswer, ThemeRow
from adapters.pages.answers import told
from adapters.pages.charts import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, nice, trend
from domain.canonical import JsonValue, canonical
from tests.adapters.pages.invented_answers import MONTHS, figure, theme_with

BOROUGHS = ("barking-and-dagenham", "havering", "redbridge")


def answer(*breaks: JsonValue) -> ThemeAnswer:
    """Give an answer with breaks alone."""
    return told(ThemeAnswer, theme_with([], [], *breaks))


def drawn(values: dict[str, list[int | None]], *breaks: JsonValue) -> Chart | None:
    """Draw counts, month by month, of some boroughs; None for a month without a figure."""
    rows = [
        ThemeRow.model_validate_json(canonical(figure(borough, month, numerator=value, rate=None)))
        for borough, counts in values.items()
        for month, value in enumerate(counts)
        if value is not None
    ]
    return trend("x", "A measure", rows, answer(*breaks))


counts = st.lists(st.none() | st.integers(0, 10**6), min_size=2, max_size=MONTHS)


@given(st.fixed_dictionaries(dict.fromkeys(BOROUGHS, counts)))
def test_every_figure_is_drawn_once_and_within(values: dict[str, list[int | None]]) -> None:
    """As many points as figures, each inside the axes, in order of time, none over a gap."""
    chart = drawn(values)
    if chart is None:
        return
    present = [value for line in values.values() for value in line if value is not None]
    points = [point for series in chart.series for point in series.points]
    assert len(points) == len(present)
    for point in points:
        assert LEFT <= point.x <= WIDTH - RIGHT
        assert TOP <= point.y <= HEIGHT - BOTTOM
    for series in chart.series:
        assert list(series.points) == sorted(series.points, key=lambda point: point.x)


def test_a_gap_is_a_gap() -> None:
    """A line stops before a period without a figure, and begins again after it."""
    chart = drawn({"havering": [1, 2, None, 3, 4], "redbridge": [1, 1, 1, 1, 1]})
    assert chart is not None
    assert [len(one.segments) for one in chart.series] == [2, 1]


def test_one_period_is_no_trend() -> None:
    """Nothing is drawn where there is nothing to draw a line between."""
    assert drawn({"havering": [1], "redbridge": [3]}) is None
    assert drawn({}) is None


def test_breaks_stand_where_they_are() -> None:
    """Between the periods around their day, numbered; those outside what is shown are left out."""
    inside: JsonValue = {"borough": "havering", "day": "2021-05-15", "reason": "A new system"}
    before: JsonValue = {"borough": None, "day": "2020-01-01", "reason": "Long ago"}
    after: JsonValue = {"borough": None, "day": "2023-01-01", "reason": "To come"}
    chart = drawn({"havering": [1, 2, 3]}, before, inside, after)
    assert chart is not None
    (mark,) = chart.breaks
    first, second, _ = (point.x for point in chart.series[0].points)
    assert first < mark.x < second
    assert (mark.number, mark.reason) == (1, "A new system (Havering)")


@given(st.decimals(min_value=0, max_value=10**9, allow_nan=False))
def test_the_axis_holds_its_values(top: Decimal) -> None:
    """Its end is no lower than the highest value, and a whole number of few steps away."""
    end, step = nice(float(top))
    assert end >= float(top) * (1 - 1e-9)
    assert 1 <= round(end / step) <= 6


@pytest.mark.parametrize(
    ("top", "expected"), [(0, (1, 1)), (3, (3, 1)), (150.4, (200, 50)), (1000, (1000, 250))]
)
def test_the_axis_is_round(top: float, expected: tuple[float, float]) -> None:
    """Ends and steps are numbers that people count in."""
    assert nice(top) == expected
