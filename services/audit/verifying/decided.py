"""Whether what was decided was decided by bodies: every signature, and two approvals an erasure.

The hub's operator can append any event. What it cannot make is a body's signature; so a decision
without one is a finding, and so is a key that was destroyed without the approvals of two bodies,
of which one is the controller; sooner than was asked for and agreed; of somebody else; or while a
legal hold stood.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.errors import HubError, NotAuthorised
from domain.opened import OpenedEvent
from domain.record import Attestation, Leaf
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import DecidedFacts
from services.audit.destructions import Destructions
from services.audit.verifying import report
from services.audit.verifying.report import Checked, Finding
from services.deciding import Deciding


@dataclass(slots=True)
class Decided:
    """The decisions of one ledger, in order of position."""

    ledger: str
    deciding: Deciding | None
    """None where nothing says whose keys are believed."""
    findings: list[Finding] = field(default_factory=list)
    looked_at: int = 0
    _destructions: Destructions | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Look at destructions where it is known whose keys are believed."""
        if self.deciding is not None:
            self._destructions = Destructions(self.deciding.registry)

    def take(self, event: OpenedEvent, leaf: Leaf) -> None:
        """Look at the next event, and at the leaf that it was opened from."""
        facts = event.facts
        if self._destructions is not None:
            self._destructions.take(event, leaf)
        if isinstance(facts, DecidedFacts):
            self.looked_at += 1
            self._decision(event, facts)
        elif isinstance(facts, KeyDestroyed.Facts) and event.attestation is Attestation.HUB:
            self.looked_at += 1
            if self._destructions is not None:
                for code in self._destructions.faults(event, facts):
                    self._find(event, code)
        elif self._destructions is not None:
            self._destructions.ask(event, leaf)

    def checked(self) -> Iterator[Checked]:
        """Say how much was looked at, or why none of it was checked."""
        unsaid = "" if self.deciding else "the partnership's ledger, which names keys, is sealed"
        yield Checked(report.DECISIONS, self.ledger, self.looked_at, unsaid)
        if self._destructions is not None and self._destructions.unknown:
            many = self._destructions.unknown
            why = f"whether holds stood against {many} destructions: their requests do not open"
            yield Checked(report.DECISIONS, self.ledger, 0, why)

    def _decision(self, event: OpenedEvent, facts: DecidedFacts) -> None:
        if self.deciding is None:
            return
        try:
            self.deciding.checked(facts, event.recorded_ms)
        except NotAuthorised as refused:
            self._find(event, refused.reason)
        except HubError:
            self._find(event, "decision-cannot-be-checked")
        else:
            if self._destructions is not None:
                self._destructions.decide(event, facts)

    def _find(self, event: OpenedEvent, code: str) -> None:
        self.findings.append(Finding(report.DECISIONS, self.ledger, event.position, code))
