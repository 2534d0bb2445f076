"""What a restored key store cannot open: entries whose keys were made after the copy was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from domain.errors import KeyMissing, NotOpened
from domain.logged_checkpoint import is_event
from services.custody import KeyCustody
from services.opening import Opening
from services.ports import Ledger, StoredEntry

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Unopened:
    """How many entries have something that does not open, and the first of them."""

    entries: int
    first: int | None = None


def unopened(
    ledger: Ledger, opening: Opening, custody: KeyCustody, destroyed: Collection[bytes]
) -> Unopened:
    """Look through a ledger for keys that are neither here nor destroyed."""
    many, first, at = 0, None, 0
    while entries := ledger.read(at, _AT_ONCE):
        for entry in entries:
            if is_event(entry.record) and _lacks(entry, opening, custody, destroyed):
                many += 1
                first = entry.position if first is None else first
        at = entries[-1].position + 1
    return Unopened(many, first)


def _lacks(
    entry: StoredEntry, opening: Opening, custody: KeyCustody, destroyed: Collection[bytes]
) -> bool:
    try:
        _, opened, _, _ = opening.header(entry)
    except KeyMissing:
        return True
    except NotOpened:
        return False  # damaged: that is for `bhr audit verify` to say
    wanted = {ring.key_id for ring in opened.ring} - set(destroyed)
    return len(custody.held(list(wanted))) != len(wanted)
