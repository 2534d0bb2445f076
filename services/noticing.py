"""What is known of one ledger for the notices of `notices.py`: folded from headers, in memory.

Of whom a part is about the header's keyring says enough: one key id is one subject's. So nothing of
an event is opened but the facts of those few kinds that tell what was opened, fetched or destroyed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from domain.errors import NotOpened
from domain.opened import OpenedEvent
from domain.statement import PartClass
from domain.values import to_bytes
from domain.vocabulary import hub
from domain.vocabulary.data_quality import RecordWithdrawn, RestrictionLifted, RestrictionPlaced
from services.opening import Headed, Opening
from services.ports import StoredEntry
from services.sessions import session_recipients

What = Literal["erased", "restricted", "withdrawn"]
Confirmed = tuple[str, str, int, str]
"""A confirmation: because of what, of which event and part, by whom."""
_OPENED = frozenset(
    {
        hub.ErasureConfirmed.name,
        hub.KeyDestroyed.name,
        hub.PartFetched.name,
        hub.SealingSessionOpened.name,
        RestrictionLifted.name,
        RestrictionPlaced.name,
    }
)
"""Kinds whose facts are read."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What happened, by the event that says so."""

    what: What
    because: str
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class Addressed:
    """An event whose restricted parts others than its controller can open."""

    source: str
    recipients: frozenset[str]
    parts: tuple[tuple[int, bytes], ...]
    """Number and key id of each restricted part."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction: by whom, of whom by their keys, until which day, and which one it corrects."""

    cause: Cause
    source: str
    keys: frozenset[bytes]
    until: str | None
    corrects: str | None


Said = tuple[str, str]
"""An event, and the source that said something of it."""


@dataclass(slots=True)
class Known:
    """What is known of one ledger so far."""

    size: int = 0
    sessions: dict[str, frozenset[str]] = field(default_factory=dict)
    addressed: dict[str, Addressed] = field(default_factory=dict)
    withdrawn: dict[Said, Cause] = field(default_factory=dict)
    destroyed: dict[bytes, Cause] = field(default_factory=dict)
    restricted: dict[str, Restriction] = field(default_factory=dict)
    lifted: dict[Said, str] = field(default_factory=dict)
    """What each lift lifts."""
    fetched: set[tuple[str, int, str]] = field(default_factory=set)
    confirmed: set[Confirmed] = field(default_factory=set)

    def causes(self, said: Said, key: bytes, today: str) -> Iterator[Cause]:
        """Give what there is to be told of one part of an event of a source."""
        if said in self.withdrawn:
            yield self.withdrawn[said]
        if key in self.destroyed:
            yield self.destroyed[key]
        for one in self.restricted.values():
            over = one.until is not None and one.until < today
            if key in one.keys and not over and self._stands(one):
                yield one.cause

    def _stands(self, one: Restriction) -> bool:
        """Say whether a restriction was neither taken back nor corrected nor lifted."""
        named = {self._first(placed) for lift, placed in self.lifted.items() if self._holds(lift)}
        corrected = any(
            other.corrects == one.cause.because and self._holds((other.cause.because, other.source))
            for other in self.restricted.values()
        )
        own = one.cause.because
        return self._holds((own, one.source)) and not corrected and self._first(own) not in named

    def _holds(self, said: Said) -> bool:
        return said not in self.withdrawn

    def _first(self, event: str) -> str:
        """Give the restriction that one corrects, or that it corrects in its turn; or itself."""
        seen = {event}
        while (found := self.restricted.get(event)) and found.corrects not in {None, *seen}:
            event = found.corrects or event
            seen.add(event)
        return event

    def take(self, entry: StoredEntry, opening: Opening) -> None:
        """Take one event; one that does not open tells nothing."""
        try:
            headed = opening.header(entry)
            name = headed[3].name
            if name in _OPENED:
                self._take(opening.event(entry), headed)
            elif name == RecordWithdrawn.name:
                self._take_back(headed)
            else:
                self._address(headed)
        except NotOpened:
            return

    def _address(self, headed: Headed) -> None:
        record, _, header, _ = headed
        recipients = self.sessions.get(header.sealingsession or "")
        parts = tuple(
            (number, key)
            for number, part_class, key in _ring(headed)
            if part_class is PartClass.RESTRICTED
        )
        if recipients is not None and parts:
            self.addressed[header.id] = Addressed(record.leaf.source, recipients, parts)

    def _take_back(self, headed: Headed) -> None:
        """Note a withdrawal, which is of its own source's events alone, come or yet to come."""
        record, _, header, _ = headed
        cause = Cause("withdrawn", header.id, record.recorded_ms)
        self.withdrawn.setdefault((header.supersedes or "", record.leaf.source), cause)

    def _take(self, event: OpenedEvent, headed: Headed) -> None:
        at, facts = event.recorded_ms, event.facts
        match facts:
            case hub.SealingSessionOpened.Facts():
                recipients = frozenset(session_recipients(facts))
                if len(recipients) > 1:
                    self.sessions.setdefault(facts.session, recipients)
            case hub.PartFetched.Facts():
                self.fetched.add((facts.event, facts.part, facts.participant))
            case hub.KeyDestroyed.Facts():
                cause = Cause("erased", facts.erasure or event.header.id, at)
                self.destroyed |= {to_bytes(key): cause for key in facts.keys}
            case hub.ErasureConfirmed.Facts():
                self.confirmed.add((facts.because, facts.event, facts.part, facts.by_participant))
            case RestrictionPlaced.Facts():
                keys = frozenset(key for _, kind, key in _ring(headed) if kind is PartClass.SHARED)
                cause = Cause("restricted", event.header.id, at)
                source, corrects = event.header.source, event.header.supersedes
                placed = Restriction(cause, source, keys, facts.until, corrects)
                self.restricted[cause.because] = placed
            case RestrictionLifted.Facts():
                self.lifted[event.header.id, event.header.source] = facts.placed
            case _:
                return


def _ring(headed: Headed) -> Iterator[tuple[int, PartClass, bytes]]:
    """Give number, class and key id of each part."""
    record, opened, _, _ = headed
    for part, ring in zip(record.leaf.parts, opened.ring, strict=True):
        yield part.number, part.part_class, ring.key_id
