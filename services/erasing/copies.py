"""What recipients were told to let go of an erasure, and of how much they said what became."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.opened import OpenedEvent
from domain.vocabulary.erasing import ErasureConfirmed, ErasureNotified


@dataclass(frozen=True, slots=True)
class Copies:
    """What a recipient had fetched, and of how much of it it said what became."""

    participant: str
    fetched: int
    confirmed: int


def copies_of(request: str, events: Sequence[OpenedEvent]) -> Iterator[Copies]:
    """Give what each recipient was told to let go, and how much of it it confirmed."""
    told: dict[str, set[tuple[str, int]]] = {}
    confirmed: dict[str, set[tuple[str, int]]] = {}
    for event in events:
        match event.facts:
            case ErasureNotified.Facts(erasure=erasure) if erasure == request:
                parts = {(one.event, one.part) for one in event.facts.copies}
                told.setdefault(event.facts.participant, set()).update(parts)
            case ErasureConfirmed.Facts(because=because) if because == request:
                part = event.facts.event, event.facts.part
                confirmed.setdefault(event.facts.by_participant, set()).add(part)
            case _:
                pass
    for participant, parts in sorted(told.items()):
        yield Copies(participant, len(parts), len(parts & confirmed.get(participant, set())))
