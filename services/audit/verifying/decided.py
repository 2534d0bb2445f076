"""Whether what was decided was decided by bodies: every signature, and two approvals an erasure.

The hub's operator can append any event. What it cannot make is a body's signature; so a decision
without one is a finding, and so is a key that was destroyed without the approvals of two bodies, of
which one is the controller; sooner than was asked for and agreed; or of somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from domain.erasure import DAY_MS
from domain.errors import HubError, NotAuthorised
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import instant_of
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import DecidedFacts, ErasureApproved
from domain.vocabulary.erasing import ErasureRequested
from services.audit.verifying import report
from services.audit.verifying.report import Checked, Finding
from services.deciding import Deciding

BODIES = 2
"""Of different bodies: nobody erases alone."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request for erasure, and the keys of whom it is about where its keyring was read."""

    event: OpenedEvent
    facts: ErasureRequested.Facts
    keys: frozenset[str] | None


@dataclass(slots=True)
class Decided:
    """The decisions of one ledger, in order of position."""

    ledger: str
    deciding: Deciding | None
    """None where nothing says whose keys are believed."""
    findings: list[Finding] = field(default_factory=list)
    looked_at: int = 0
    _approved: dict[str, set[str]] = field(default_factory=dict)
    _asked: dict[str, _Asked] = field(default_factory=dict)

    def take(self, event: OpenedEvent, keys: Callable[[], frozenset[str]] | None = None) -> None:
        """Look at the next event; `keys` gives the key ids of whom it is about."""
        facts = event.facts
        if isinstance(facts, DecidedFacts):
            self.looked_at += 1
            self._decision(event, facts)
        elif isinstance(facts, ErasureRequested.Facts):
            self._asked[event.header.id] = _Asked(event, facts, keys and keys())
        elif isinstance(facts, KeyDestroyed.Facts) and event.attestation is Attestation.HUB:
            self.looked_at += 1
            if self.deciding is not None:
                self._destruction(event, facts, self.deciding)

    def checked(self) -> Iterator[Checked]:
        """Say how much was looked at, or why none of it was checked."""
        unsaid = "" if self.deciding else "the partnership's ledger, which names keys, is sealed"
        yield Checked(report.DECISIONS, self.ledger, self.looked_at, unsaid)

    def _decision(self, event: OpenedEvent, facts: DecidedFacts) -> None:
        if self.deciding is None:
            return
        try:
            decision = self.deciding.checked(facts, event.recorded_ms)
        except NotAuthorised as refused:
            self._find(event, refused.reason)
            return
        except HubError:
            self._find(event, "decision-cannot-be-checked")
            return
        if isinstance(facts, ErasureApproved.Facts):
            self._approved.setdefault(facts.request, set()).add(decision.body)

    def _destruction(
        self, event: OpenedEvent, facts: KeyDestroyed.Facts, deciding: Deciding
    ) -> None:
        asked = self._asked.get(facts.erasure or "")
        approved = self._approved.get(facts.erasure or "", set())
        if len(approved) < BODIES or (asked and asked.facts.by_participant not in approved):
            self._find(event, "destroyed-without-two-approvals")
        if asked is None:
            return  # nobody can have approved it, and that was found
        of_others = asked.keys is not None and not asked.keys.issuperset(facts.keys)
        if facts.key_class == "subject" and of_others:
            self._find(event, "destroyed-beyond-the-request")
        deciding.registry.refresh()
        agreement = deciding.registry.agreement_text(asked.event.header.agreement)
        waited_ms = event.recorded_ms - asked.event.recorded_ms
        named_ms = instant_of(asked.facts.waiting_until).timestamp() * 1000
        if agreement is None:
            self._find(event, "destroyed-under-no-agreement")
        elif event.recorded_ms < named_ms or waited_ms < agreement.erasure_waiting_days * DAY_MS:
            self._find(event, "destroyed-too-early")

    def _find(self, event: OpenedEvent, code: str) -> None:
        self.findings.append(Finding(report.DECISIONS, self.ledger, event.position, code))
