"""One ledger through all the steps that concern it alone, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from services.audit.replaying import Progress
from services.audit.verifying import report
from services.audit.verifying.doubles import Ids, doubled, ids_of
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.judging import Claim, Seen, Whole
from services.audit.verifying.looking import Looked, unexplained
from services.audit.verifying.noting import NoteReader
from services.audit.verifying.report import Checked, Finding
from services.audit.verifying.scanning import FINDINGS_MAX, STRETCH, Stretch

ScanAll = Callable[[Sequence[int]], Iterator[Stretch]]
"""Reads every stretch of the ledger, in order, with the peaks at these sizes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One ledger and what there is to verify it with."""

    evidence: Evidence
    notes: NoteReader
    claims: Sequence[Claim]
    scan_all: ScanAll
    look: Callable[[], Looked] | None
    """Goes through its entries opened; None where nothing opens them."""
    ids: Ids
    """Empty: it is given the ids of this ledger."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What one ledger came to."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...]
    size: int
    newest_quorum: int
    """The largest size that enough witnesses saw; what came since is only the hub's word."""
    not_folded: str = ""
    """Why its views could not be folded again, where that was tried."""


def verified(subject: Subject, tell: Progress) -> Verified:
    """Verify one ledger; raises Unavailable where its bytes cannot be read on."""
    evidence = subject.evidence
    found = sorted((subject.notes.seen(raw) for raw in evidence.checkpoints()), key=_by_size)
    signed = [one for one in found if one.size >= 0]
    whole = Whole(evidence)
    for stretch in subject.scan_all(_sizes(signed, subject.claims)):
        whole.add(stretch)
        subject.ids.add(ids_of(stretch))
        tell(evidence.ledger, whole.size, evidence.size)
        if stretch.cut:
            break
    checked = [
        *whole.checked(),
        *whole.judge(signed, subject.notes.why_not),
        *whole.witnessed(subject.claims),
    ]
    if subject.notes.why_not_finished:
        checked.append(
            Checked(report.SIGNATURES, evidence.ledger, 0, subject.notes.why_not_finished)
        )
    whole.entries_noted(signed)
    findings = [*whole.findings, *_unreadable(evidence.ledger, found)]
    findings += doubled(evidence.ledger, subject.ids, FINDINGS_MAX)
    looked = _looked(subject, whole)
    checked += looked.checked
    findings += looked.findings
    reached = max((one.size for one in signed if one.quorum and one.cosigned), default=0)
    return Verified(tuple(checked), tuple(findings), whole.size, reached, looked.not_folded)


def _by_size(one: Seen) -> int:
    return one.size


def _sizes(signed: Sequence[Seen], claims: Sequence[Claim]) -> list[int]:
    claimed = {one.signed.size for one in claims if one.signed is not None}
    return sorted({one.size for one in signed} | claimed)


def _unreadable(ledger: str, found: Sequence[Seen]) -> Iterator[Finding]:
    for one in found:
        if one.size < 0:
            yield from (Finding(report.SIGNATURES, ledger, -1, code) for code in one.faults)


def _looked(subject: Subject, whole: Whole) -> Looked:
    """Give what the entries say that are opened; what that needs keys for says so."""
    ledger, gaps = subject.evidence.ledger, whole.gaps()
    sources = len(whole.sources())
    if subject.look is None:
        why = "nothing here opens entries: give keys or openings"
        steps = (report.OPENINGS, report.MISSING, report.DECISIONS)
        shut = [Checked(step, ledger, 0, why) for step in steps]
        many = sum(len(mine) for mine in gaps.values())
        many += whole.carried_twice()
        why = f"{many} gaps or doubles, and what would explain them is sealed" if many else ""
        return Looked((*shut, Checked(report.GAPS, ledger, sources, why)))
    looked = subject.look()
    return replace(
        looked,
        checked=(*looked.checked, Checked(report.GAPS, ledger, sources)),
        findings=(*looked.findings, *unexplained(ledger, gaps, looked.filled)),
    )


def spans(size: int) -> Iterator[tuple[int, int]]:
    """Give the stretches of a ledger, in order, as they are asked for: a size is only claimed."""
    for start in range(0, size, STRETCH):
        yield start, min(start + STRETCH, size)
