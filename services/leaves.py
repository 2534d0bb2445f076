"""What the leaf in front of a stored record says, whatever the rest of the record is worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from domain.errors import NotOpened, RecordMalformed
from domain.opened import OpenedEvent
from domain.record import Attestation, Leaf, decode_leaf
from domain.values import recorded_day
from services.ports import StoredEntry


def leaf_in_front(entry: StoredEntry) -> tuple[Leaf, int] | None:
    """Give the leaf and its recorded time; None where it cannot be read."""
    length = int.from_bytes(entry.record[:2], "big")
    try:
        return decode_leaf(entry.record[2 : 2 + length])
    except RecordMalformed:
        return None


def is_the_hubs(entry: StoredEntry) -> bool:
    """Say whether the hub itself wrote an entry."""
    found = leaf_in_front(entry)
    return found is not None and found[0].attestation is Attestation.HUB


def days_begun(
    entries: Iterable[StoredEntry], opened: Mapping[int, OpenedEvent | NotOpened]
) -> tuple[tuple[date, int], ...]:
    """Give each London day on which some entries were recorded, with the position of its first."""
    days: dict[date, int] = {}
    for entry in entries:
        event = opened.get(entry.position)
        if isinstance(event, OpenedEvent):
            days.setdefault(recorded_day(event.recorded_ms), entry.position)
        elif (found := leaf_in_front(entry)) is not None:
            days.setdefault(recorded_day(found[1]), entry.position)
    return tuple(days.items())
