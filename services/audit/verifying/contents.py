"""What the entries of one ledger say once they are opened, and whether that holds together.

Opening checks every commitment. Beside that: each event's statement is put together anew and held
against what its publisher signed; a part that is not there has a `key-destroyed` that names its
key; a number that no entry carries has a refusal that fills it, and none is carried twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.errors import KeyMissing, NotOpened
from domain.opened import OpenedEvent
from domain.record import Attestation, Leaf, Record, leaf_of
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed, SealingSessionOpened
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.hub import SubmissionRefused
from services.audit.verifying import report
from services.audit.verifying.decided import Decided
from services.audit.verifying.numbers import NumbersCarried
from services.audit.verifying.report import Checked, Finding
from services.audit.verifying.statements import Submissions, restated
from services.audit.verifying.vouched import Vouched
from services.deciding import Deciding
from services.opening import Opens, Ringed
from services.ports import StoredEntry
from services.projecting import Log
from services.sealing import OpenedHeader
from services.sessions import session_recipients

FINDINGS_MAX = 1_000
OpenRinged = Callable[[Sequence[StoredEntry]], Sequence[Ringed | NotOpened]]
"""Opens entries, each with what travels in its header beside what it says."""


@dataclass(frozen=True, slots=True)
class Means:
    """How entries are read and opened; without `ringed` no statement is held to anything."""

    log: Log
    """Where entries are read from: what opens them may have to be read along."""
    opens: Opens
    ringed: OpenRinged | None = None
    submissions: Submissions | None = None
    deciding: Deciding | None = None
    """Whose signatures on decisions are believed; None where nobody is known."""
    renew: Callable[[], None] | None = None
    """Reads on in what explains missing parts; None where nothing can come to it."""
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
    _sessions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _persons: set[bytes] = field(default_factory=set)
    """The keys of persons' parts that are not there."""
    _of_streams: dict[bytes, int] = field(default_factory=dict)
    """The keys that were destroyed as streams' own, by where that is said."""
    _decided: Decided = field(init=False)
    _vouched: Vouched = field(init=False)
    _numbers: NumbersCarried = field(default_factory=NumbersCarried)

    def __post_init__(self) -> None:
        """Look at decisions too, and at who vouches for what."""
        self._decided = Decided(self.ledger, self.means.deciding)
        self._vouched = Vouched(self.ledger, self.means.deciding)

    def found(self) -> list[Finding]:
        """Give everything that was found."""
        # A stream's key is in no request: so no person's key may go as if it were one.
        hidden = sorted(at for key, at in self._of_streams.items() if key in self._persons)
        code = "persons-key-destroyed-as-a-streams"
        more = [Finding(report.DECISIONS, self.ledger, at, code) for at in dict.fromkeys(hidden)]
        return [*self.findings, *self._decided.findings, *more]

    def take(self, entries: Sequence[StoredEntry]) -> None:
        """Open and check a batch."""
        for entry, found in zip(entries, self._opened(entries), strict=True):
            if isinstance(found, KeyMissing):
                self._find(report.MISSING, entry.position, "part-missing-unexplained")
            elif isinstance(found, NotOpened):
                self._find(report.OPENINGS, entry.position, _code(found))
            elif isinstance(found, OpenedEvent):
                self._event(found, leaf_of(entry.record))
            else:
                self._event(found[0], found[1].leaf)
                self._statement(*found)
                self._note_absent(found[0], found[2])

    def _opened(self, entries: Sequence[StoredEntry]) -> Sequence[Ringed | OpenedEvent | NotOpened]:
        """Open a batch; what lacks a key once more, when what explains that was read again.

        Somebody may have been erased since this began: the key is gone, and is said to be.
        """
        open_them: Callable[[Sequence[StoredEntry]], Sequence[Ringed | OpenedEvent | NotOpened]] = (
            self.means.ringed or self.means.opens.events
        )
        found = open_them(entries)
        if self.means.renew is None or not any(isinstance(one, KeyMissing) for one in found):
            return found
        self.means.renew()
        return open_them(entries)

    def checked(self) -> Iterator[Checked]:
        """Say how much was looked at."""
        yield Checked(report.OPENINGS, self.ledger, self.opened)
        if self.means.ringed is None:
            yield Checked(report.OPENINGS, self.ledger, 0, self.means.why_not)
        yield from self._vouched.checked()
        yield Checked(report.MISSING, self.ledger, self.absent)
        yield from self._decided.checked()

    def _event(self, event: OpenedEvent, leaf: Leaf) -> None:
        self.opened += 1
        self._decided.take(event, leaf)
        fault = self._vouched.fault(event)
        if fault is not None:
            self._find(report.OPENINGS, event.position, fault)
        if self._numbers.carried_before(leaf) and event.kind is not RecordWithdrawn:
            # A withdrawal may stand under the number of what it withdraws: an outbox was made anew.
            self._find(report.GAPS, event.position, "number-carried-twice")
        self.absent += sum(one.pseudonym is None for one in event.subjects)
        self.absent += event.facts is None
        if event.facts is None and any(one.pseudonym is not None for one in event.subjects):
            # A case goes with the last of whom it tells: what is left of them must open.
            self._find(report.MISSING, event.position, "case-destroyed-before-its-persons")
        facts = event.facts
        if isinstance(facts, SealingSessionOpened.Facts):
            self._sessions.setdefault(facts.session, session_recipients(facts))
        if event.attestation is Attestation.HUB:
            self._own(event)

    def _note_absent(self, event: OpenedEvent, opened: OpenedHeader) -> None:
        absent = {one.number for one in event.subjects if one.pseudonym is None}
        self._persons.update(one.key_id for one in opened.ring if one.number in absent)

    def _own(self, event: OpenedEvent) -> None:
        facts = event.facts
        if isinstance(facts, KeyDestroyed.Facts) and facts.key_class == "stream":
            self._of_streams.update((to_bytes(key), event.position) for key in facts.keys)
        if isinstance(facts, SubmissionRefused.Facts) and facts.sequence is not None:
            self.filled.setdefault(facts.source, set()).add(int(facts.sequence))

    def _statement(self, event: OpenedEvent, record: Record, opened: OpenedHeader) -> None:
        submissions = self.means.submissions
        if submissions is None or event.attestation is not Attestation.SIGNED:
            return
        recipients = self._sessions.get(event.header.sealingsession or "", ())
        digest = restated(record.leaf, opened.ring, recipients)
        self.stated += 1
        fault = submissions.fault_of(record.leaf, digest, event.recorded_ms)
        if fault is not None:
            self._find(report.OPENINGS, event.position, fault)

    def _find(self, step: int, position: int, code: str) -> None:
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(step, self.ledger, position, code))


def _code(fault: NotOpened) -> str:
    """Spell the class of a fault in our own way: NotOpened is `not-opened`."""
    name = type(fault).__name__
    return "".join(f"-{one.lower()}" if one.isupper() else one for one in name).lstrip("-")
