"""What boroughs say of their figures: whether a change is real, one of recording, or both.

Nobody else can say it, so who said it goes with it: the participant of the source that sent it, or
the borough by whose signed-in office it was given to the hub, which takes it of no other.
"""

from __future__ import annotations

from typing import Literal

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Strict
from domain.vocabulary.figures import FigureExplained
from projections.projection import Telling, Told


class Explanation(Strict):
    """One explanation, every field of it set; days are London days, both included."""

    borough: str
    event: str
    """The event's id: what the borough takes back."""
    judgement: str
    measure: str
    office: str
    participant: str
    """Whose source sent it; the borough of whose office the hub took it."""
    period_end: str
    period_start: str
    recorded_ms: int
    text: str
    theme: str | None
    through: Literal["hub", "source"]
    """Whether an office gave it to the hub itself, or a system sent it, which can take it back."""


def tell(event: OpenedEvent) -> Told | None:
    """Give what an explanation says; each event is one of its own."""
    facts = event.facts
    if not isinstance(facts, FigureExplained.Facts):
        return None
    by_the_hub = event.attestation is Attestation.HUB
    explanation = Explanation(
        borough=facts.borough,
        event=str(event.event_id),
        judgement=facts.judgement,
        measure=facts.measure,
        office=facts.office,
        participant=facts.borough if by_the_hub else event.header.source.split("/")[2],
        period_end=facts.period_end,
        period_start=facts.period_start,
        recorded_ms=event.recorded_ms,
        text=facts.text,
        theme=facts.theme,
        through="hub" if by_the_hub else "source",
    )
    return Told(f"{facts.borough}|{facts.measure}", explanation)


EXPLANATIONS = Telling("explanations", 3, frozenset({FigureExplained.name}), tell, Explanation)
