"""Domestic abuse as police, schools and conferences (MARAC) tell of it.

- `da-notification`, `da-notification:repeat` at one address within 12 months
- `encompass`; `encompass:on-time` or `:late` against the start of the next school day
- `marac`, `marac:repeat` within 12 months
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.parts import FactsPart, SharedPart
from domain.vocabulary.police_health_school import (
    DomesticAbuseNotified,
    EncompassNotified,
    MaracCaseHeard,
)
from projections.moments import in_time
from projections.people import children
from projections.projection import Contribution, Counting

_KINDS = (DomesticAbuseNotified, EncompassNotified, MaracCaseHeard)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a notification or hearing, for each child."""
    if event.facts is not None:
        for child, _ in children(event, SharedPart):
            for cell in _cells(event.facts):
                yield Contribution(cell, child)


def _cells(facts: FactsPart) -> Iterator[str]:
    if isinstance(facts, DomesticAbuseNotified.Facts):
        yield "da-notification"
        if facts.repeat_within_12_months:
            yield "da-notification:repeat"
    elif isinstance(facts, EncompassNotified.Facts):
        yield "encompass"
        on_time = in_time(facts.notified, facts.next_school_start)
        if on_time is not None:
            yield f"encompass:{'on-time' if on_time else 'late'}"
    elif isinstance(facts, MaracCaseHeard.Facts):
        yield "marac"
        if facts.repeat:
            yield "marac:repeat"


DOMESTIC_ABUSE = Counting("domestic-abuse", 1, frozenset(kind.name for kind in _KINDS), contribute)
