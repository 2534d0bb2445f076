"""What must not be told again: the fences, held against what a source says.

A draft about a person who was erased is left out where it happened before the erasure, and where it
had been published by then. Of several persons those alone are left out whom it was erased of; the
others are told without them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from domain.values import london_day
from services.borough.drafting import Draft, Tagging
from services.borough.pseudonyms import spelled
from services.client_ports import Published
from services.erasing_ports import Fence, by_person

FIRST_DAY = "1990-01-01"
"""Nothing is told of what happened before it."""


class Fenced:
    """Judges drafts and rows of one source by the fences that it heeds."""

    def __init__(self, tagging: Tagging, fences: Collection[Fence]) -> None:
        """Heed these fences."""
        self._tagging = tagging
        self._fences = by_person(fences)

    def past(self, person: str, time: str, fact: bytes) -> bool:
        """Say whether a fact is of a person's erased past."""
        found = self._fences.get(self._tagging.fence(person), ())
        return any(day_of(time) < one.since or fact in one.facts for one in found)

    def row(self, row: Published) -> bool:
        """Say whether a published row is of the erased past of anyone whom it tells of."""
        return any(self.past(one, row.time, row.fact) for one in (row.person, *row.beside))

    def told(self, draft: Draft) -> Draft | None:
        """Give what is left to be told of a draft: all of it, some of its persons, or nothing."""
        if not self._fences:
            return draft
        persons = [one.person for one in draft.subjects] or [""]
        try:
            fact = self._tagging.fact(draft.kind.name, spelled(draft.key))
            erased = {one for one in persons if self.past(one, draft.time, fact)}
        except ValueError:
            return draft  # it does not hold together: tagging says how
        if not erased:
            return draft
        left = tuple(one for one in draft.subjects if one.person not in erased)
        if not left or not draft.kind.takes_subjects(len(left)):
            return None
        return replace(draft, subjects=left)


def day_of(time: str) -> str:
    """Give the London day of an instant."""
    return london_day(time).isoformat()
