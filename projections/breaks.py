"""Days on which what is counted changed: figures before and after them do not compare."""

from __future__ import annotations

from domain.opened import OpenedEvent
from domain.values import Strict
from domain.vocabulary.front_door import ThresholdDocumentAgreed
from projections.projection import Telling, Told


class Break(Strict):
    """The first day of the new way, where it holds, and by which kind of event we know it."""

    boroughs: tuple[str, ...]
    day: str
    kind: str
    reason: str


def tell(event: OpenedEvent) -> Told | None:
    """Give the day from which a threshold document applies."""
    facts = event.facts
    if not isinstance(facts, ThresholdDocumentAgreed.Facts):
        return None
    told = Break(
        boroughs=tuple(facts.boroughs),
        day=facts.effective_from,
        kind=event.kind.name,
        reason=f"Threshold document {facts.document_version} applies from this day.",
    )
    return Told(f"{facts.effective_from}|{facts.document_version}", told)


BREAKS = Telling("breaks", 1, frozenset({ThresholdDocumentAgreed.name}), tell, Break)
