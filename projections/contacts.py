"""Contacts with the front door: where the funnel of the thresholds theme begins.

- `contact`, and `contact:<outcome>` where it is known
- `contact:family-view-asked` where it is said whether the family's view was recorded, and
  `contact:family-view-recorded` where it was
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.opened import OpenedEvent
from domain.vocabulary.front_door import ContactReceived
from domain.vocabulary.parts import SharedPart
from projections.people import children, family_view
from projections.projection import Contribution, Counting


def contribute(event: OpenedEvent) -> Iterator[Contribution]:
    """Give the cells of a contact, for each child."""
    facts = event.facts
    if not isinstance(facts, ContactReceived.Facts):
        return
    cells = ["contact", *family_view("contact", facts)]
    if facts.outcome is not None:
        cells.append(f"contact:{facts.outcome}")
    for child, _ in children(event, SharedPart):
        for cell in cells:
            yield Contribution(cell, child)


CONTACTS = Counting("contacts", 1, frozenset({ContactReceived.name}), contribute)
