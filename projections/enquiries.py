"""Strategy discussions, enquiries under section 47, and initial conferences.

- `strategy-discussion`; `:on-time` or `:late` where it is known when it was due, then also
  `:late:<reason>` and `:late-for:<agency>`
- `section47`
- `icpc`; `icpc:plan`, `icpc:no-plan`; `icpc:on-time` or `icpc:late` against the due or target day
- `icpc:timed` where the first day of the enquiry is known, and `icpc:within-15-days` where it was
  held within 15 working days of it
- `icpc-not-required`
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.child_protection import (
    IcpcHeld,
    IcpcNotRequired,
    Section47Started,
    StrategyDiscussionHeld,
)
from domain.vocabulary.parts import SharedPart
from domain.vocabulary.persons import EpisodeFacts
from projections.moments import in_time, within_working_days
from projections.people import children, episode_of
from projections.projection import Contribution, Counting

WORKING_DAYS = 15
"""How long an enquiry may go on before a conference."""
_KINDS = (IcpcHeld, IcpcNotRequired, Section47Started, StrategyDiscussionHeld)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a discussion, enquiry or conference, for each child."""
    facts = event.facts
    if isinstance(facts, EpisodeFacts):
        episode = episode_of(event, facts)
        for child, _ in children(event, SharedPart):
            for cell in _cells(facts):
                yield Contribution(cell, child, episode)


def _cells(facts: EpisodeFacts) -> list[str]:
    if isinstance(facts, StrategyDiscussionHeld.Facts):
        return ["strategy-discussion", *_discussion(facts)]
    if isinstance(facts, IcpcHeld.Facts):
        return ["icpc", *_conference(facts)]
    if isinstance(facts, Section47Started.Facts):
        return ["section47"]
    return ["icpc-not-required"] if isinstance(facts, IcpcNotRequired.Facts) else []


def _discussion(facts: StrategyDiscussionHeld.Facts) -> Iterator[str]:
    on_time = in_time(facts.held, facts.due)
    if on_time is None:
        return
    yield f"strategy-discussion:{'on-time' if on_time else 'late'}"
    if not on_time and facts.late_reason is not None:
        yield f"strategy-discussion:late:{facts.late_reason}"
    if not on_time and facts.late_agency is not None:
        yield f"strategy-discussion:late-for:{facts.late_agency}"


def _conference(facts: IcpcHeld.Facts) -> Iterator[str]:
    if facts.outcome in {"plan", "no-plan"}:
        yield f"icpc:{facts.outcome}"
    on_time = in_time(facts.held, facts.due or facts.target_date)
    if on_time is not None:
        yield f"icpc:{'on-time' if on_time else 'late'}"
    in_time_of_enquiry = within_working_days(facts.section47_start_date, facts.held, WORKING_DAYS)
    if in_time_of_enquiry is not None:
        yield "icpc:timed"
    if in_time_of_enquiry:
        yield "icpc:within-15-days"


ENQUIRIES = Counting("enquiries", 2, frozenset(kind.name for kind in _KINDS), contribute)
