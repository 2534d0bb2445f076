"""What the entries of one ledger say once they are opened, and whether that holds together.

Opening checks every commitment. Beside that: each event's statement is put together anew and held
against what its publisher signed; a part that is not there has a `key-destroyed` that names its
key; and a number that no entry carries has a refusal that fills it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.errors import KeyMissing, NotOpened
from domain.opened import OpenedEvent
from domain.record import Attestation, Record
from domain.vocabulary.custody import KeyDestroyed, SealingSessionOpened
from domain.vocabulary.hub import SubmissionRefused
from services.audit.verifying import report
from services.audit.verifying.decided import Decided
from services.audit.verifying.judging import Gap
from services.audit.verifying.report import Checked, Finding
from services.audit.verifying.statements import Submissions, restated
from services.deciding import Deciding
from services.opening import Opens
from services.ports import StoredEntry
from services.projecting import Log
from services.sealing import OpenedHeader
from services.sessions import session_recipients

FINDINGS_MAX = 1_000
Ring = Callable[[StoredEntry], tuple[Record, OpenedHeader]]
"""Opens an entry's header again, for what travels in it beside what it says."""


@dataclass(frozen=True, slots=True)
class Means:
    """How entries are opened; without `ring` and `submissions` no statement is held to anything."""

    opens: Opens
    log: Log | None = None
    """Where entries are read from, where what opens them has to be read along."""
    ring: Ring | None = None
    submissions: Submissions | None = None
    deciding: Deciding | None = None
    """Whose signatures on decisions are believed; None where nobody is known."""
    why_not: str = "statements travel in sealed headers, and there is no key"


@dataclass(slots=True)
class Contents:
    """One ledger's entries, batch by batch in order."""

    ledger: str
    means: Means
    findings: list[Finding] = field(default_factory=list)
    filled: dict[str, set[int]] = field(default_factory=dict)
    """Numbers that refusals say were theirs, by source."""
    opened: int = 0
    stated: int = 0
    absent: int = 0
    """Parts that are explained by a destroyed key."""
    destroyed: list[bytes] = field(default_factory=list)
    _sessions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _decided: Decided = field(init=False)

    def __post_init__(self) -> None:
        """Look at decisions too."""
        self._decided = Decided(self.ledger, self.means.deciding)

    def found(self) -> list[Finding]:
        """Give everything that was found."""
        return [*self.findings, *self._decided.findings]

    def take(self, entries: Sequence[StoredEntry]) -> None:
        """Open and check a batch."""
        for entry, event in zip(entries, self.means.opens.events(entries), strict=True):
            if isinstance(event, OpenedEvent):
                self._event(entry, event)
            elif isinstance(event, KeyMissing):
                self._find(report.MISSING, entry.position, "part-missing-unexplained")
            else:
                self._find(report.OPENINGS, entry.position, _code(event))

    def checked(self) -> Iterator[Checked]:
        """Say how much was looked at."""
        yield Checked(report.OPENINGS, self.ledger, self.opened)
        if self.means.ring is None:
            yield Checked(report.OPENINGS, self.ledger, 0, self.means.why_not)
        yield Checked(report.MISSING, self.ledger, self.absent)
        yield from self._decided.checked()

    def explain(self, gaps: Mapping[str, Sequence[Gap]]) -> None:
        """Find the gaps in sources' numbers that no refusal fills."""
        for source, mine in gaps.items():
            filled = self.filled.get(source, set())
            for gap in mine:
                if not all(number in filled for number in range(gap.first, gap.last + 1)):
                    self._find(report.GAPS, gap.position, "gap-unexplained")

    def _event(self, entry: StoredEntry, event: OpenedEvent) -> None:
        self.opened += 1
        self._decided.take(event)
        self.absent += sum(one.pseudonym is None for one in event.subjects)
        self.absent += event.facts is None
        facts = event.facts
        if isinstance(facts, SealingSessionOpened.Facts):
            self._sessions.setdefault(facts.session, session_recipients(facts))
        if event.attestation is Attestation.HUB:
            self._own(event)
        elif event.attestation is Attestation.SIGNED:
            self._statement(entry, event)

    def _own(self, event: OpenedEvent) -> None:
        facts = event.facts
        if isinstance(facts, SubmissionRefused.Facts) and facts.sequence is not None:
            self.filled.setdefault(facts.source, set()).add(int(facts.sequence))
        elif isinstance(facts, KeyDestroyed.Facts):
            self.destroyed += [key.encode() for key in facts.keys]

    def _statement(self, entry: StoredEntry, event: OpenedEvent) -> None:
        ring, submissions = self.means.ring, self.means.submissions
        if ring is None or submissions is None:
            return
        record, opened = ring(entry)
        recipients = self._sessions.get(event.header.sealingsession or "", ())
        digest = restated(record.leaf, opened.ring, recipients)
        self.stated += 1
        fault = submissions.fault_of(record.leaf, digest)
        if fault is not None:
            self._find(report.OPENINGS, entry.position, fault)

    def _find(self, step: int, position: int, code: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(step, self.ledger, position, code))


def _code(fault: NotOpened) -> str:
    """Spell the class of a fault in our own way: NotOpened is `not-opened`."""
    name = type(fault).__name__
    return "".join(f"-{one.lower()}" if one.isupper() else one for one in name).lstrip("-")
