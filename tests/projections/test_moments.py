"""Days and instants are compared as exactly as both are known, and no more so."""

from __future__ import annotations

import pytest

from projections.moments import in_time, within_hours


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
