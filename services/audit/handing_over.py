"""Making an openings pack: what a warrant covers, opened entry by entry, and recorded as such."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.errors import NotFound, NotOpened
from domain.openings import FORMAT, EntryShut, PackEnd, PackHead, entry_line
from domain.values import Strict, to_text
from domain.vocabulary import hub
from services.audit.history import batches
from services.audit.replaying import Prefix, Progress
from services.audit.warrants import Warrant, warrant_of
from services.deciding import Deciding
from services.folding import fault_code
from services.hub_events import HubEvents
from services.opening import Opening
from services.ports import Ledger, StoredEntry


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be opened: a ledger as of a recorded time, by a warrant's event."""

    ledger: str
    warrant: uuid.UUID
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a pack holds, and the event by which that is recorded."""

    entries: int
    openings: int
    audit: uuid.UUID


class HandingOver:
    """Makes packs, for an operator."""

    def __init__(
        self,
        deciding: Deciding,
        ledgers: Mapping[str, Ledger],
        openings: Mapping[str, Opening],
        hub_events: HubEvents,
    ) -> None:
        """Work over these ledgers."""
        self._deciding = deciding
        self._ledgers = ledgers
        self._openings = openings
        self._hub_events = hub_events

    def make(self, asked: Asked, write: Callable[[bytes], object], tell: Progress) -> HandedOver:
        """Write a pack: its last line, without which it is none, once the opening is recorded.

        Raises NotFound for a ledger or warrant that is not there, NotAuthorised for a warrant that
        does not allow it, and Unavailable where that cannot be recorded.
        """
        ledger, opening = self._ledgers.get(asked.ledger), self._openings.get(asked.ledger)
        if ledger is None or opening is None:
            raise NotFound("ledger")
        warrant = warrant_of(ledger, opening, self._deciding, asked.warrant)
        size = ledger.size_as_of(asked.recorded_ms)
        pack = _Pack(write)
        pack.put(
            PackHead(
                format=FORMAT,
                ledger=asked.ledger,
                of="named" if warrant.subjects else "everybody",
                size=size,
                warrant=warrant.event,
            )
        )
        for entries in batches(asked.ledger, Prefix(ledger, size), tell):
            for entry in entries:
                pack.add(*_line(opening, entry, warrant))
        audit = self._record(warrant, size, pack.openings)
        digest = to_text(pack.digest.digest())
        pack.put(
            PackEnd(audit=str(audit), digest=digest, entries=pack.entries, openings=pack.openings)
        )
        return HandedOver(pack.entries, pack.openings, audit)

    def _record(self, warrant: Warrant, size: int, parts: int) -> uuid.UUID:
        ledger = warrant.facts.ledger
        facts = hub.AuditOpened.Facts(
            auditor=warrant.facts.auditor,
            ledger=ledger,
            parts=parts,
            positions=(hub.LedgerPosition(ledger=ledger, position=size),),
            warrant=warrant.event,
        )
        made = self._hub_events.made(hub.AuditOpened, facts)
        self._hub_events.append(ledger, made)
        return made.event_id


class _Pack:
    """A pack in the making: what was written so far, counted and digested."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self.digest = hashlib.sha256()
        self.entries = 0
        self.openings = 0

    def put(self, line: Strict) -> None:
        """Write a line that is no entry's."""
        self._put(line.canonical() + b"\n")

    def add(self, line: bytes, parts: int) -> None:
        """Write an entry's line, unless it has none."""
        if line:
            self._put(line)
            self.entries += 1
            self.openings += parts

    def _put(self, line: bytes) -> None:
        self.digest.update(line)
        self._write(line)


def _line(opening: Opening, entry: StoredEntry, warrant: Warrant) -> tuple[bytes, int]:
    """Give an entry's line and how many parts it opens; none where the warrant ends."""
    try:
        salted = opening.salted(entry)
    except NotOpened as fault:
        shut = EntryShut(fault=fault_code(fault), position=entry.position)
        return shut.canonical() + b"\n", 0
    if not warrant.covers(salted.event):
        return b"", 0
    withheld = warrant.withheld(salted.event)
    parts = [
        one if isinstance(one, int) or one[0] not in withheld else one[0] for one in salted.parts
    ]
    line = entry_line(entry.position, salted.header, parts)
    return line, sum(not isinstance(one, int) for one in parts)
