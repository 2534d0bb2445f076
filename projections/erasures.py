"""Which erasures were carried out: what stood on their keys is in no figure, as of any date."""

from __future__ import annotations

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import Strict
from domain.vocabulary.custody import KeyDestroyed
from projections.projection import Telling, Told


class Erased(Strict):
    """Keys that were destroyed together, every field set."""

    keys: int
    """How many."""
    key_class: str
    lapses: str
    """The last day that a backup may hold them."""
    recorded_ms: int


def tell(event: OpenedEvent) -> Told | None:
    """Give what the hub says of destroyed keys, under the erasure that it belongs to."""
    facts = event.facts
    if event.attestation is not Attestation.HUB or not isinstance(facts, KeyDestroyed.Facts):
        return None
    erased = Erased(
        keys=len(facts.keys),
        key_class=facts.key_class,
        lapses=facts.lapses,
        recorded_ms=event.recorded_ms,
    )
    return Told(facts.erasure or event.header.id, erased)


ERASURES = Telling("erasures", 1, frozenset({KeyDestroyed.name}), tell, Erased, purpose=None)
