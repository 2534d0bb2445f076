"""Counting live rows as plainly as the promise reads: by looking at each, again and again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from projections.projection import AtEnd, Contribution, Recurrence, Traits, Way
from services.views import Counted, Cut, Period, Question


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One live contribution with its event's position and day."""

    position: int
    day: date
    contribution: Contribution
    traits: Traits


@dataclass(frozen=True, slots=True)
class Chosen:
    """What one group asks of the live rows of one ledger."""

    question: Question
    cells: Collection[str]
    live: list[LiveRow]

    @property
    def first(self) -> date:
        """The first day asked for."""
        return self.question.occurred_from or date.min

    @property
    def last(self) -> date:
        """The last day asked for."""
        return self.question.occurred_to or date.max


def counted(ledger: str, group: str, chosen: Chosen, way: Way | None) -> Iterator[Counted]:
    """Count one group of one ledger, in order of period and value; those without any left out."""
    if isinstance(way, AtEnd):
        found = _at_ends(chosen, way)
    elif chosen.question.period == "rolling-12":
        found = _rolling(chosen, way)
    else:
        label = _LABELS[chosen.question.period]
        rows = [row for row in _asked_for(chosen) if _recurs(row, chosen.live, way)]
        periods = {label(row.day) for row in rows}
        found = {one: [row for row in rows if label(row.day) == one] for one in periods}
    for period, inside in sorted(found.items()):
        for value in sorted({value_of(row.traits, chosen.question.cut) for row in inside}):
            here = [row for row in inside if value_of(row.traits, chosen.question.cut) == value]
            yield Counted(
                ledger,
                group,
                period,
                len({row.position for row in here}),
                len({row.contribution.episode for row in here} - {None}),
                len({row.contribution.subject for row in here} - {None}),
                value,
            )


def value_of(traits: Traits, cut: Cut | None) -> str:
    """Give what is said of the attribute cut by."""
    if cut is None:
        return ""
    said = traits._asdict()[cut.replace("-", "_")]
    return {None: "unknown", True: "yes", False: "no"}.get(said, str(said))


def _rolling(chosen: Chosen, way: Recurrence | None) -> dict[str, list[LiveRow]]:
    """Give the rows of the twelve months up to each month asked for."""
    rows = [
        row
        for row in chosen.live
        if row.contribution.cell in chosen.cells
        and row.day <= chosen.last
        and _recurs(row, chosen.live, way)
    ]
    since = _month(chosen.first)
    rows = [row for row in rows if _month(row.day) + 11 >= since]
    if not rows:
        return {}
    first = max(since, min(_month(row.day) for row in rows))
    until = _month(chosen.question.occurred_to or max(row.day for row in rows))
    found = {}
    for end in range(first, until + 1):
        within = [row for row in rows if end - 12 < _month(row.day) <= end]
        found[f"{end // 12:04}-{end % 12 + 1:02}"] = within
    return found


def _month_end(day: date) -> date:
    return (day.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _asked_for(chosen: Chosen) -> Iterator[LiveRow]:
    return (
        row
        for row in chosen.live
        if row.contribution.cell in chosen.cells and chosen.first <= row.day <= chosen.last
    )


def _recurs(row: LiveRow, live: list[LiveRow], way: Recurrence | None) -> bool:
    if way is None:
        return True
    who = _joined(row, way)
    earlier = {
        one.position
        for one in live
        if one.contribution.cell in way.after
        and who is not None
        and _joined(one, way) == who
        and 0 <= (row.day - one.day).days <= way.within_days
        and (one.day < row.day or one.position < row.position)
    }
    return len(earlier) >= way.at_least


def _joined(row: LiveRow, way: Recurrence) -> str | None:
    return row.contribution.subject if way.joined_by == "child" else row.contribution.episode


def _at_ends(chosen: Chosen, way: AtEnd) -> dict[str, list[LiveRow]]:
    """Give the rows of each child's latest event, at the end of every period."""
    label = _LABELS[chosen.question.period]
    events = [
        row
        for row in chosen.live
        if row.contribution.cell == way.cell and row.contribution.subject and row.day <= chosen.last
    ]
    if not events:
        return {}
    since = max(min(row.day for row in events), chosen.first)
    until = chosen.question.occurred_to or _month_end(max(row.day for row in events))
    days = [since + timedelta(one) for one in range((until - since).days + 1)]
    found = {}
    for period in {label(day) for day in days}:
        come = [row for row in events if label(row.day) <= period]
        latest = {
            row.contribution.subject: row.position
            for row in sorted(come, key=lambda row: (row.day, row.position))
        }
        found[period] = [
            row
            for row in chosen.live
            if row.contribution.cell in chosen.cells
            and latest.get(row.contribution.subject) == row.position
        ]
    return found


_LABELS: dict[Period, Callable[[date], str]] = {
    "month": lambda day: f"{day:%Y-%m}",
    "rolling-12": lambda day: f"{day:%Y-%m}",
    "quarter": lambda day: f"{day.year:04}-{(day.month - 1) // 3 * 3 + 1:02}",
    "year-to-march": lambda day: str(day.year + (day.month > 3)),
    "whole": lambda _: "",
}
