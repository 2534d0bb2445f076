"""Every erasure that the ledgers tell of, read from end to end: who asked, who agreed, what went.

A destruction without a request, or without the standing approvals of two bodies, is told as such:
nobody may quietly delete anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from domain.erasure import not_before_ms
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import ErasureApproved
from domain.vocabulary.erasing import ErasureConfirmed, ErasureNotified, ErasureRequested
from services.audit.history import Unopened, batches
from services.audit.replaying import Progress
from services.deciding import Deciding
from services.opening import Opens
from services.projecting import Log

APPROVERS = 2


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

    def fault(self) -> str | None:
        """Say what is wrong with a destruction; None where nothing is, or nothing is destroyed."""
        if self.destroyed_ms is None:
            return None
        if self.asked is None:
            return "destroyed-without-request"
        bodies = {body for body, stands in self.approvals.items() if stands}
        if len(bodies) < APPROVERS or self.asked.by_participant not in bodies:
            return "destroyed-without-two-approvals"
        return "destroyed-too-early" if self.destroyed_ms < self.not_before_ms else None


def erasures(
    ledgers: Mapping[str, Log], openings: Mapping[str, Opens], deciding: Deciding, tell: Progress
) -> Iterator[ErasureSeen | Unopened]:
    """Give every request and every destruction, ledger by ledger; and what does not open."""
    deciding.registry.refresh()
    for name, ledger in ledgers.items():
        seen: dict[str, ErasureSeen] = {}
        for entries in batches(name, ledger, tell):
            for entry, event in zip(entries, openings[name].events(entries), strict=True):
                if isinstance(event, OpenedEvent):
                    _take(seen, event, deciding)
                else:
                    yield Unopened(name, entry.position)
        yield from seen.values()


def _take(seen: dict[str, ErasureSeen], event: OpenedEvent, deciding: Deciding) -> None:
    facts = event.facts
    if isinstance(facts, ErasureRequested.Facts):
        found = _of(seen, event.ledger, event.header.id)
        found.asked, found.subjects = facts, len(event.subjects)
        agreement = deciding.registry.agreement_text(event.header.agreement)
        days = 0 if agreement is None else agreement.erasure_waiting_days
        found.not_before_ms = not_before_ms(facts.waiting_until, event.recorded_ms, days)
    elif event.attestation is not Attestation.HUB:
        return
    elif isinstance(facts, ErasureApproved.Facts):
        found = _of(seen, event.ledger, facts.request)
        stands = deciding.stands(facts, event.recorded_ms)
        found.approvals[facts.by_participant] = stands or found.approvals.get(
            facts.by_participant, False
        )
    elif isinstance(facts, KeyDestroyed.Facts):
        found = _of(seen, event.ledger, facts.erasure or "")
        found.positions.append(event.position)
        found.destroyed_ms = found.destroyed_ms or event.recorded_ms
        found.keys += len(facts.keys)
        found.lapses = max(facts.lapses, found.lapses or "")
    elif isinstance(facts, ErasureNotified.Facts):
        _of(seen, event.ledger, facts.erasure).told += len(facts.copies)
    elif isinstance(facts, ErasureConfirmed.Facts) and facts.because in seen:
        seen[facts.because].confirmed += 1


def _of(seen: dict[str, ErasureSeen], ledger: str, request: str) -> ErasureSeen:
    return seen.setdefault(request, ErasureSeen(ledger, request))
