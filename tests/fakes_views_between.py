"""What lies between two positions, and between two ledgers, as plainly as the promises read."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from projections.projection import Traits
from services.folded import FoldedEvent, Interval
from services.views import Cause, Linkable, Moved, Question, Shared, SharedChildren
from tests.fakes_views_counting import Chosen, LiveRow, counted, value_of

Standing = Mapping[str, Sequence[FoldedEvent]]
"""The events that stand in each ledger, in order of position."""


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in one ledger between two positions."""

    ledger: str
    events: Mapping[int, FoldedEvent]
    """By position."""
    intervals: Sequence[Interval]
    before: int
    after: int
    hidden: tuple[frozenset[str], frozenset[str]]
    """Whom the views leave out before and after."""

    def names(self, position: int) -> bool:
        """Say whether the event there corrects or withdraws another."""
        return position in self.events and self.events[position].link.names is not None

    def withdraws(self, position: int | None) -> bool:
        """Say whether the event there is a withdrawal."""
        event = None if position is None else self.events.get(position)
        return event is not None and event.link.withdraws


def stands_as_of(interval: Interval, size: int) -> bool:
    """Say whether an interval covers a position."""
    return interval.since < size and (interval.until is None or size <= interval.until)


def moved(span: Span, question: Question) -> list[Moved]:
    """Look at every event: does it stand at one position and not at the other?"""
    totals: dict[tuple[str, str, Cause], Counter[str]] = {}
    for group, cells in question.groups.items():
        changes = list(_changes(span, cells))
        last = question.occurred_to or max((one[0].link.day for one in changes), default=date.max)
        bounded = replace(question, occurred_to=last)
        for event, cause, way in changes:
            for period in _periods(event, cells, bounded):
                totals.setdefault((group, period, cause), Counter())[way] += 1
    return [
        Moved(span.ledger, *place, total["gained"], total["lost"])
        for place, total in totals.items()
    ]


def _changes(span: Span, cells: frozenset[str]) -> Iterator[tuple[FoldedEvent, Cause, str]]:
    for position, event in span.events.items():
        mine = sorted(
            (one for one in span.intervals if one.position == position and one.since < span.after),
            key=lambda one: one.since,
        )
        was = any(stands_as_of(one, span.before) for one in mine)
        stands = any(stands_as_of(one, span.after) for one in mine)
        seen = [
            any(one.cell in cells and one.subject not in hidden for one in event.contributions)
            for hidden in span.hidden
        ]
        counted_then, counted_now = was and seen[0], stands and seen[1]
        if counted_now and not counted_then:
            yield event, _gained(span, position, mine[-1].since, stood=was), "gained"
        elif counted_then and not counted_now:
            yield event, _lost(span, mine[-1].until, stands=stands), "lost"


def _lost(span: Span, until: int | None, *, stands: bool) -> Cause:
    if stands:
        return "restricted"
    return "withdrawn" if span.withdraws(until) else "corrected"


def _gained(span: Span, position: int, since: int, *, stood: bool) -> Cause:
    if stood:
        return "restriction-ended"
    if position >= span.before:
        return "corrected" if span.names(position) else "recorded"
    return "stands-again" if span.withdraws(since) else "corrected"


def _periods(event: FoldedEvent, cells: frozenset[str], question: Question) -> list[str]:
    """Give the periods in which an event alone would be counted."""
    rows = [
        LiveRow(event.link.position, event.link.day, one, Traits()) for one in event.contributions
    ]
    return [one.period for one in counted("", "", Chosen(question, cells, rows), None)]


def shared(
    question: Shared, standing: Standing
) -> tuple[tuple[SharedChildren, ...], tuple[Linkable, ...]]:
    """Count who is known twice, and who could be."""
    pairs = tuple(
        _pair(question, standing, (first, second), group)
        for first, second in itertools.combinations(sorted(standing), 2)
        for group in sorted(question.groups)
    )
    linkable = [one for name in standing for one in _linkable(question, name, standing[name])]
    return pairs, tuple(sorted(linkable))


def _pair(
    question: Shared, standing: Standing, pair: tuple[str, str], group: str
) -> SharedChildren:
    first, second = pair
    either = both = 0
    for child in _joined({first: standing[first], second: standing[second]}):
        inside = {
            name
            for name in pair
            for event in _between(question, standing[name])
            for one in event.contributions
            if one.cell in question.groups[group] and (name, one.subject) in child
        }
        either += bool(inside)
        both += len(inside) == len(pair)
    return SharedChildren(first, second, group, either, both)


def _joined(standing: Standing) -> list[set[tuple[str, str]]]:
    """Give the records of both ledgers that tokens join, joining until nothing more joins."""
    tokens: dict[object, set[tuple[str, str]]] = {}
    for name, events in standing.items():
        for event in events:
            for subject, given in event.tokens.items():
                for token in given:
                    tokens.setdefault(token, set()).add((name, subject))
    children: list[set[tuple[str, str]]] = []
    for records in tokens.values():
        same = [child for child in children if child & records]
        children = [child for child in children if not child & records]
        children.append(records.union(*same))
    return [child for child in children if {name for name, _ in child} == set(standing)]


def _between(question: Shared, events: Sequence[FoldedEvent]) -> list[FoldedEvent]:
    first, last = question.occurred_from or date.min, question.occurred_to or date.max
    return [event for event in events if first <= event.link.day <= last]


def _linkable(question: Shared, ledger: str, events: Sequence[FoldedEvent]) -> Iterator[Linkable]:
    bands: dict[str, str] = {}
    met = _between(question, events)
    for event in sorted(met, key=lambda event: (event.link.day, event.link.position)):
        for subject in {one.subject for one in event.contributions} - {None}:
            said = value_of(event.traits.get(subject, Traits()), "age-band")
            if subject is not None and (said != "unknown" or subject not in bands):
                bands[subject] = said
    with_token = {subject for event in events for subject, given in event.tokens.items() if given}
    for band in set(bands.values()):
        children = {subject for subject, found in bands.items() if found == band}
        yield Linkable(ledger, band, len(children), len(children & with_token))
