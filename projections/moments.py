"""Whether something came in time, where days and instants are known as exactly as they are.

A source knows an instant or a London day. Two instants are compared as such; as soon as one of them
is a day, days are.
"""

from __future__ import annotations

from datetime import date, timedelta

from domain.values import Day, day_of, instant_of, london_day
from domain.vocabulary.codes import Moment
from domain.working_days import working_days_after

_DAY_LENGTH = len("2023-04-01")


def in_time(done: Moment | None, due: Moment | None) -> bool | None:
    """Say whether something was done when it was due; None where either is not known."""
    if done is None or due is None:
        return None
    if _is_day(done) or _is_day(due):
        return london_day_of(done) <= london_day_of(due)
    return instant_of(done) <= instant_of(due)


def within_hours(begun: Moment | None, done: Moment | None, hours: int) -> bool | None:
    """Say whether something was done so many hours after another; whole days where days are known.

    None where either is not known; what was done before it begins was not done within.
    """
    if begun is None or done is None:
        return None
    if _is_day(begun) or _is_day(done):
        days = (london_day_of(done) - london_day_of(begun)).days
        return 0 <= days <= hours // 24
    return timedelta() <= instant_of(done) - instant_of(begun) <= timedelta(hours=hours)


def within_working_days(begun: Day | None, done: Moment | None, days: int) -> bool | None:
    """Say whether something was done so many working days after the day of another, or before.

    None where either is not known; what was done before it begins was not done within.
    """
    if begun is None or done is None:
        return None
    since, day = day_of(begun), london_day_of(done)
    return since <= day <= working_days_after(since, days)


def within_months(begun: Day | None, done: Day | None, months: int) -> bool | None:
    """Say whether something was done so many calendar months after another, or before.

    None where either is not known; what was done before it begins was not done within.
    """
    if begun is None or done is None:
        return None
    since, day = day_of(begun), day_of(done)
    return since <= day <= months_after(since, months)


def months_after(day: date, months: int) -> date:
    """Give the same day of a later month, or its last day where it has no such day."""
    following = day.year * 12 + day.month + months
    first_of_next = date(following // 12, following % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))


def london_day_of(moment: Moment) -> date:
    """Give the London day of a moment."""
    return day_of(moment) if _is_day(moment) else london_day(moment)


def _is_day(moment: Moment) -> bool:
    return len(moment) == _DAY_LENGTH
