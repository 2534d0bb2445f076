"""Children who go missing, and who asks them why when they are back.

- `missing` and `absent`, never added together, and each `:from-home`, `:from-placement` …;
  `missing:third-in-90-days` by the source's own count
- `missing-ended`
- `return-interview-offered`, `-held`, `-declined`; `return-interview-held:within-72-hours`
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.missing_and_care import (
    MissingEpisodeEnded,
    MissingEpisodeStarted,
    ReturnInterviewDeclined,
    ReturnInterviewHeld,
    ReturnInterviewOffered,
)
from domain.vocabulary.parts import FactsPart, SharedPart
from projections.moments import within_hours
from projections.people import children
from projections.projection import Contribution, Counting

OFTEN = 3
"""Episodes in 90 days from which a child counts as often missing."""

INTERVIEW_HOURS = 72

_KINDS = (
    MissingEpisodeEnded,
    MissingEpisodeStarted,
    ReturnInterviewDeclined,
    ReturnInterviewHeld,
    ReturnInterviewOffered,
)


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of an episode of missing or of an interview, for each child."""
    if event.facts is not None:
        for child, shared in children(event, SharedPart):
            for cell in (*_missing(event.facts, shared), *_interview(event.facts)):
                yield Contribution(cell, child)


def _missing(facts: FactsPart, shared: SharedPart) -> Iterator[str]:
    if isinstance(facts, MissingEpisodeStarted.Facts):
        yield facts.kind
        if facts.missing_from is not None:
            yield f"{facts.kind}:from-{facts.missing_from}"
        often = isinstance(shared, MissingEpisodeStarted.Shared) and (
            (shared.episodes_in_90_days or 0) >= OFTEN
        )
        if often:
            yield f"{facts.kind}:third-in-90-days"
    elif isinstance(facts, MissingEpisodeEnded.Facts):
        yield f"{facts.kind}-ended"


def _interview(facts: FactsPart) -> Iterator[str]:
    if isinstance(facts, ReturnInterviewHeld.Facts):
        yield "return-interview-held"
        if within_hours(facts.episode_ended, facts.held, INTERVIEW_HOURS):
            yield "return-interview-held:within-72-hours"
    elif isinstance(facts, ReturnInterviewOffered.Facts):
        yield "return-interview-offered"
    elif isinstance(facts, ReturnInterviewDeclined.Facts):
        yield "return-interview-declined"


MISSING = Counting("missing", 1, frozenset(kind.name for kind in _KINDS), contribute)
