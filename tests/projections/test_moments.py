"""Days and instants are compared as exactly as both are known, and no more so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.values import day_of
from projections.moments import in_time, within_hours, within_months, within_working_days


@pytest.mark.parametrize(
    ("done", "due", "expected"),
    [
        ("2023-04-03", "2023-04-03", True),
        ("2023-04-04", "2023-04-03", False),
        ("2023-04-03T09:00:00Z", "2023-04-03T10:00:00+01:00", True),
        ("2023-04-03T09:00:01Z", "2023-04-03T10:00:00+01:00", False),
        ("2023-04-03T22:59:59Z", "2023-04-03", True),
        ("2023-04-03T23:00:00Z", "2023-04-03", False),
        ("2023-01-03T23:00:00Z", "2023-01-03", True),
        (None, "2023-04-03", None),
        ("2023-04-03", None, None),
    ],
)
def test_in_time(done: str | None, due: str | None, *, expected: bool | None) -> None:
    """Instants are compared as instants, London days as days, and what is not known is not said."""
    assert in_time(done, due) is expected


@pytest.mark.parametrize(
    ("begun", "done", "expected"),
    [
        ("2023-04-03", "2023-04-06", True),
        ("2023-04-03", "2023-04-07", False),
        ("2023-04-03T10:00:00Z", "2023-04-06T10:00:00Z", True),
        ("2023-04-03T10:00:00Z", "2023-04-06T10:00:01Z", False),
        ("2023-04-03T10:00:00Z", "2023-04-06", True),
        ("2023-04-03", "2023-04-02", False),
        ("2023-04-03T10:00:00Z", "2023-04-03T09:00:00Z", False),
        (None, "2023-04-03", None),
    ],
)
def test_within_hours(begun: str | None, done: str | None, *, expected: bool | None) -> None:
    """72 hours are 72 hours where hours are known, else three days; before is not within."""
    assert within_hours(begun, done, 72) is expected


@pytest.mark.parametrize(
    ("done", "expected"),
    [("2023-04-26", True), ("2023-04-27", False), ("2023-04-03", True), ("2023-04-02", False)],
)
def test_working_days_begin_on_the_day_after(done: str, *, expected: bool) -> None:
    """Fifteen of them from 3 April 2023 reach over Easter; before the first day is not within."""
    assert within_working_days("2023-04-03", done, 15) is expected


@pytest.mark.parametrize(
    ("begun", "last"), [("2023-01-03", "2023-04-03"), ("2022-11-30", "2023-02-28")]
)
def test_months_end_on_the_same_day_or_the_last(begun: str, last: str) -> None:
    """Three months from 30 November end with February."""
    after = (day_of(last) + timedelta(days=1)).isoformat()
    assert within_months(begun, last, 3) is True
    assert within_months(begun, after, 3) is False


def test_what_is_not_known_is_not_judged() -> None:
    """Without a beginning or an end nothing is within, nor late."""
    assert within_working_days(None, "2023-04-03", 15) is None
    assert within_working_days("2023-04-03", None, 15) is None
    assert within_months(None, "2023-04-03", 3) is None
    assert within_months("2023-04-03", None, 3) is None
