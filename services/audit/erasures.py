"""Every erasure that the ledgers tell of, read from end to end: who asked, who agreed, what went.

A destruction without a request, without the standing approvals of two bodies, or of somebody for
whom nobody asked, is told as such: nobody may quietly delete anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.opened import OpenedEvent
from domain.record import Attestation, Leaf, leaf_of
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import ErasureApproved, LegalHoldLifted, LegalHoldSet
from domain.vocabulary.erasing import ErasureConfirmed, ErasureNotified, ErasureRequested
from services.audit.destructions import Destructions
from services.audit.history import Unopened, batches
from services.audit.replaying import Progress
from services.deciding import Deciding
from services.opening import Opens
from services.projecting import Log


@dataclass(slots=True)
class ErasureSeen:
    """One erasure, or one request for it, as a ledger tells of it."""

    ledger: str
    request: str
    """Empty where keys were destroyed that nobody had asked for."""
    asked: ErasureRequested.Facts | None = None
    subjects: int = 0
    not_before_ms: int = 0
    """By what it names itself, and by what was agreed for every erasure."""
    approvals: dict[str, bool] = field(default_factory=dict)
    """By body: whether its signature stands."""
    positions: list[int] = field(default_factory=list)
    """Of the entries that say that keys are destroyed."""
    destroyed_ms: int | None = None
    keys: int = 0
    lapses: str | None = None
    told: int = 0
    """Copies that recipients were told to let go."""
    confirmed: int = 0

    holds_unknown: bool = False
    """Whether nobody can say any more if a hold stood: the request does not open."""
    faults: tuple[str, ...] = ()
    """What is wrong with what was destroyed, in the order in which it went."""

    def fault(self) -> str | None:
        """Say what is wrong with a destruction; None where nothing is, or nothing is destroyed."""
        return self.faults[0] if self.faults else None


def erasures(
    ledgers: Mapping[str, Log], openings: Mapping[str, Opens], deciding: Deciding, tell: Progress
) -> Iterator[ErasureSeen | Unopened]:
    """Give every request and every destruction, ledger by ledger; and what does not open."""
    deciding.registry.refresh()
    for name, ledger in ledgers.items():
        reading = _Reading(deciding, Destructions(deciding.registry))
        for entries in batches(name, ledger, tell):
            for entry, event in zip(entries, openings[name].events(entries), strict=True):
                if isinstance(event, OpenedEvent):
                    reading.take(event, leaf_of(entry.record))
                else:
                    yield Unopened(name, entry.position)
        yield from reading.seen.values()


@dataclass(slots=True)
class _Reading:
    """One ledger, event by event."""

    deciding: Deciding
    destructions: Destructions
    seen: dict[str, ErasureSeen] = field(default_factory=dict)

    def take(self, event: OpenedEvent, leaf: Leaf) -> None:
        """Take in the next event."""
        facts = event.facts
        self.destructions.take(event, leaf)
        if event.attestation is not Attestation.HUB:
            self._request(event, leaf)
        elif isinstance(facts, ErasureApproved.Facts):
            self._approval(event, facts)
        elif isinstance(facts, LegalHoldSet.Facts | LegalHoldLifted.Facts):
            if self.deciding.stands(facts, event.recorded_ms):
                self.destructions.decide(event, facts)
        elif isinstance(facts, KeyDestroyed.Facts):
            self._destruction(event, facts)
        elif isinstance(facts, ErasureNotified.Facts):
            self._of(event.ledger, facts.erasure).told += len(facts.copies)
        elif isinstance(facts, ErasureConfirmed.Facts) and facts.because in self.seen:
            self.seen[facts.because].confirmed += 1

    def _request(self, event: OpenedEvent, leaf: Leaf) -> None:
        asked = self.destructions.ask(event, leaf)
        if asked is not None and isinstance(event.facts, ErasureRequested.Facts):
            found = self._of(event.ledger, event.header.id)
            found.asked, found.subjects = event.facts, len(event.subjects)
            found.not_before_ms = asked.not_before_ms or event.recorded_ms

    def _approval(self, event: OpenedEvent, facts: ErasureApproved.Facts) -> None:
        found, body = self._of(event.ledger, facts.request), facts.by_participant
        stands = self.deciding.stands(facts, event.recorded_ms)
        found.approvals[body] = stands or found.approvals.get(body, False)
        if stands:
            self.destructions.decide(event, facts)

    def _destruction(self, event: OpenedEvent, facts: KeyDestroyed.Facts) -> None:
        found = self._of(event.ledger, facts.erasure or "")
        unknown = self.destructions.unknown
        found.faults += tuple(self.destructions.faults(event, facts))
        found.holds_unknown |= self.destructions.unknown > unknown
        found.positions.append(event.position)
        found.destroyed_ms = found.destroyed_ms or event.recorded_ms
        found.keys += len(facts.keys)
        found.lapses = max(facts.lapses, found.lapses or "")

    def _of(self, ledger: str, request: str) -> ErasureSeen:
        return self.seen.setdefault(request, ErasureSeen(ledger, request))
