"""One ledger as erasing reads it: its stream of erasing, and entries by their keyrings alone.

Of whom a part is about the header's keyring says enough: one key id is one subject's, and that of
the facts is the stream's. So nothing of an event has to be opened to know which keys open it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain.envelope import Header
from domain.erasure import erasures_stream
from domain.errors import NotOpened
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.statement import PartClass
from services.custody import KeyCustody
from services.destroyed_keys import DestroyedKeys
from services.opening import Opening, stream_tag
from services.ports import Ledger, StoredEntry

BATCH = 500
Tell = Callable[[str, int, int], object]
"""Told of a ledger: how many of how many entries were read."""


@dataclass(frozen=True, slots=True)
class Ring:
    """What an entry's header tells: its kind, and the key id of each part by number and class."""

    entry: StoredEntry
    header: Header
    attestation: Attestation
    parts: tuple[tuple[int, PartClass, bytes], ...]

    def subjects(self) -> frozenset[bytes]:
        """Give the keys of its subjects."""
        return frozenset(key for _, kind, key in self.parts if kind is not PartClass.FACTS)

    def stream(self) -> bytes | None:
        """Give the key of its stream."""
        return next((key for _, kind, key in self.parts if kind is PartClass.FACTS), None)


@dataclass(frozen=True, slots=True)
class ErasureBook:
    """One ledger with what opens its entries and says which keys are gone."""

    ledger: Ledger
    opening: Opening
    destroyed: DestroyedKeys

    def ring(self, entry: StoredEntry) -> Ring | None:
        """Give the keys of an entry; None for a checkpoint, or where the header does not open."""
        if not is_event(entry.record):
            return None
        try:
            record, opened, header, _ = self.opening.header(entry)
        except NotOpened:
            return None
        parts = tuple(
            (part.number, part.part_class, ring.key_id)
            for part, ring in zip(record.leaf.parts, opened.ring, strict=True)
        )
        return Ring(entry, header, record.leaf.attestation, parts)

    def of_stream(self, custody: KeyCustody, stream: str) -> list[Ring]:
        """Give every entry of a stream whose header opens."""
        entries = self.ledger.stream(stream_tag(custody, self.ledger.name, stream))
        return [ring for ring in map(self.ring, entries) if ring is not None]

    def told(self, custody: KeyCustody) -> Iterator[OpenedEvent]:
        """Give the hub's own events about erasing, in order.

        What a source published into that stream is left out: it decides nothing.
        """
        tag = stream_tag(custody, self.ledger.name, erasures_stream(self.ledger.name))
        entries = [one for one in self.ledger.stream(tag) if is_event(one.record)]
        for event in self.opening.events(entries):
            if isinstance(event, OpenedEvent) and event.attestation is Attestation.HUB:
                yield event
