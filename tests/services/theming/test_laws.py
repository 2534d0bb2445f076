"""What holds of every theme, whatever was counted."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.filters import Filters
from services.periods import Kind, Window, label, month_named, stretch, window_with, windows
from services.theming.rates import change_percent, rate
from tests.services.theming.additive import AdditiveViews
from tests.services.theming.rig import theme

KINDS: tuple[Kind, ...] = ("month", "quarter", "rolling-12", "year-to-march")
KIND = st.sampled_from(KINDS)
MONTHS = st.integers(1990 * 12, 2099 * 12)
NUMBERS = st.dictionaries(
    st.tuples(
        st.sampled_from(("havering", "redbridge")),
        st.sampled_from(("factor:15A", "factor:11A", "factor:24A")),
        st.integers(2020 * 12, 2024 * 12),
    ),
    st.integers(1, 300),
    max_size=12,
)


@settings(max_examples=15)
@given(NUMBERS, KIND)
def test_rows_are_what_their_numbers_are(
    numbers: dict[tuple[str, str, int], int], kind: Kind
) -> None:
    """Change is the difference; a rate is that of its two numbers; every number is the sum."""
    views = AdditiveViews()
    for (who, cell, month), number in numbers.items():
        views.numbers[who, cell, month] += number
        views.numbers[who, "factor:any", month] += number
    shown = theme("exploitation", store=views, filters=Filters(period=kind))
    by_place = {(row.measure, row.borough, row.period): row for row in shown.rows}
    for row in shown.rows:
        window = stretch(row.period_from, row.period_to)
        assert window is not None
        cell = f"factor:{row.measure.removeprefix('factor-').upper()}"
        assert row.numerator == _sum(views, row.borough, cell, window)
        assert row.denominator == _sum(views, row.borough, "factor:any", window)
        assert row.rate == rate(row.numerator, row.denominator, 1000)
        if row.year_before is not None:
            before = row.year_before.numerator
            assert before is not None
            assert row.change == row.numerator - before
            assert row.change_percent == change_percent(before, row.numerator)
            earlier = label(kind, window.year_before())
            same = by_place.get((row.measure, row.borough, earlier))
            assert same is None or same.numerator == before


def _sum(views: AdditiveViews, ledger: str, cell: str, window: Window) -> int:
    return sum(
        number
        for (who, what, month), number in views.numbers.items()
        if (who, what) == (ledger, cell) and window.first <= month <= window.last
    )


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.sampled_from((100, 1000, 10_000)))
def test_a_rate_is_within_half_a_tenth_of_the_truth(numerator: int, of: int, per: int) -> None:
    """Rounded to one decimal place, and not once more."""
    told = rate(numerator, of, per)
    assert told is not None
    assert abs(Decimal(told) - Decimal(numerator * per) / Decimal(of)) <= Decimal("0.05")


def test_nothing_is_divided_by_nothing() -> None:
    """A share of nobody is not known, and a change from nothing has no per cent."""
    assert rate(0, 0, 1000) is None
    assert change_percent(0, 7) is None
    assert change_percent(8, 6) == "-25.0"


@given(KIND, MONTHS)
def test_a_window_holds_its_month_and_is_named_once(kind: Kind, month: int) -> None:
    """Its days are whole months, its name finds it again, and a year before is as long."""
    window = window_with(kind, month)
    assert window.first <= month <= window.last
    first, last = window.days()
    assert stretch(first.isoformat(), last.isoformat()) == window
    named = label(kind, window)
    end = int(named) * 12 + 2 if kind == "year-to-march" else month_named(named)
    assert window_with(kind, end) == window
    before = window.year_before()
    assert before == window_with(kind, window.last - 12)


@given(KIND, MONTHS, st.integers(0, 60))
def test_windows_follow_each_other(kind: Kind, first: int, length: int) -> None:
    """Every month that is told of ends one, or lies in one; twelve roll once there are twelve."""
    span = Window(first + length, first)
    found = list(windows(kind, span))
    assert found == sorted(set(found))
    covered = {
        window.last if kind == "rolling-12" else window_with(kind, window.first).last
        for window in found
    }
    wanted = range(first + 11 if kind == "rolling-12" else first, first + length + 1)
    assert covered == {window_with(kind, month).last for month in wanted}
