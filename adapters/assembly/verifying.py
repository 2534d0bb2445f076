"""Verifying a hub from its home, from a served hub, or from an exported folder.

What is damaged must come out as a finding, so nothing here opens a ledger in the way of the hub:
entries come as evidence, and what opens them is put beside it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from adapters.assembly.audit import AuditRoom
from adapters.assembly.evidence import evidence_of, scanning
from adapters.assembly.looking import Looking, Refolded, refolding
from adapters.assembly.openers import Asked, Openers, lines_in, openers_of
from adapters.assembly.processes import Processes, at_work, worth_it
from adapters.assembly.witnesses import asked_witnesses, policy_of
from adapters.keys import signing
from adapters.keys.checkpoint_key import ALGORITHMS
from adapters.ledger.ids_on_disk import IdsOnDisk
from adapters.pack_folder import PackFolder
from adapters.settled_memory import memory_settled
from domain.errors import HubError, Unavailable
from domain.reference.participants import PARTNERSHIP
from domain.tlog_policy import Policy
from services.audit.asking import answers
from services.audit.comparing import Comparison, whole_against_live
from services.audit.replaying import Progress
from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.judging import Claim
from services.audit.verifying.ledgers import Subject, Verified, verified
from services.audit.verifying.noting import NoteReader
from services.audit.verifying.promised import Promises
from services.audit.verifying.referenced import FOLDER
from services.audit.verifying.report import Checked, Finding, Report
from services.querying import FACTORS

_GONE_ON = "its live views went on while this was verified: registers and links are not compared"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The report, and what each ledger came to."""

    report: Report
    ledgers: Mapping[str, Verified]


def verify(asked: Asked, tell: Progress) -> Outcome:
    """Verify every ledger; what is wrong is in the report.

    Raises HomeNotReady, NotOpened, NotProven, OpeningsRefused or Unavailable where there is nothing
    to be verified, or what was given to verify it with is no good.
    """
    policy = None if asked.policy is None else policy_of(asked.policy)
    found: dict[str, Verified] = {}
    with ExitStack() as closing:
        # First: what was folded by now stands in what is read from here on.
        again = closing.enter_context(refolding(asked))
        evidence = {
            name: closing.enter_context(evidence_of(asked.held, name))
            for name in asked.held.ledgers()
        }
        openers = openers_of(asked, evidence, closing)
        asks = _claims(asked, policy, closing)
        sizes = {name: one.size for name, one in evidence.items()}
        work = _processes(asked, sizes, tell, closing)
        looks = Looking(asked, openers, again.again, tell).begin(sizes, work)
        for name, one in evidence.items():
            notes = NoteReader(name, policy, ALGORITHMS, openers.finished_log_keys)
            scan_all, claims = scanning(work, asked.held, one), tuple(asks(notes))
            with contextlib.closing(IdsOnDisk()) as ids:
                subject = Subject(one, notes, claims, scan_all, looks.get(name), ids)
                found[name] = verified(subject, tell)
        beside, amiss = _beside(asked, evidence, openers)
        whole, differing = _views(again, found, tell)
    checked = [step for one in found.values() for step in one.checked]
    findings = [finding for one in found.values() for finding in one.findings]
    return Outcome(
        report.report([*checked, *beside, *whole], [*findings, *amiss, *differing]), found
    )


def _beside(
    asked: Asked, evidence: Mapping[str, Evidence], openers: Openers
) -> tuple[list[Checked], list[Finding]]:
    """Hold what lies beside the ledgers: what publishers were promised, and a pack's documents."""
    checked, findings = list[Checked](), list[Finding]()
    if asked.held.folder is not None:
        names = PackFolder(asked.held.folder).names(f"{PARTNERSHIP}/{FOLDER}")
        checked, findings = openers.hold_shown(names)
    if asked.acknowledgements:
        promises = Promises(evidence, openers.hub_key, signing.verify)
        for file in asked.acknowledgements:
            promises.take(lines_in(file))
        checked += promises.checked()
        findings += promises.findings
    return checked, findings


def _processes(
    asked: Asked, sizes: Mapping[str, int], tell: Progress, closing: ExitStack
) -> Processes | None:
    """Give processes to work in, one a core unless it is said; None where that is not worth it."""
    most = worth_it(sum(sizes.values()), asked.processes)
    if most == 1:
        closing.enter_context(memory_settled())
        return None
    return closing.enter_context(at_work(most, tell))


Asks = Callable[[NoteReader], Iterator[Claim]]


def _claims(asked: Asked, policy: Policy | None, closing: ExitStack) -> Asks:
    """Give what asks every witness of the policy after one log."""
    if policy is None or not policy.witnesses:
        return lambda _: iter(())
    if asked.held.folder is not None:
        return partial(_claims_of_pack, PackFolder(asked.held.folder), tuple(policy.witnesses))
    if not asked.witnesses:
        return lambda _: (Claim(name, None) for name in policy.witnesses)
    witnesses = closing.enter_context(asked_witnesses(policy))

    def claims(notes: NoteReader) -> Iterator[Claim]:
        origin = notes.origin
        for one in witnesses if origin else ():
            try:
                latest = one.witness.latest(origin)
            except Unavailable:
                latest = None
            yield Claim(one.name, None if latest is None else notes.seen(latest))

    return claims


def _claims_of_pack(pack: PackFolder, names: Sequence[str], notes: NoteReader) -> Iterator[Claim]:
    """Give what a pack says that each witness said: that is signed, and needs no witness."""
    for name in names if notes.origin else ():
        raw = pack.fetch(f"{notes.ledger}/witnesses/{name}")
        yield Claim(name, None if raw is None else notes.seen(raw))


def _views(
    again: Refolded, found: Mapping[str, Verified], tell: Progress
) -> tuple[list[Checked], list[Finding]]:
    """Hold the live views against what was folded again, where both can be had."""
    unfolded = sorted({one.not_folded for one in found.values()} - {""})
    if again.room is None or unfolded:
        why = f"the ledgers cannot be folded again ({', '.join(unfolded)})"
        return [_unchecked(why if unfolded else again.why_not)], []
    try:
        comparison = _compared(again, again.room, tell)
    except HubError as fault:
        return [_unchecked(f"the ledgers cannot be folded again ({type(fault).__name__})")], []
    if comparison.why_not is not None:
        return [_unchecked(comparison.why_not)], []
    if again.has_erased_since():
        return [_unchecked("somebody was erased while this was verified: verify again")], []
    ledgers = sorted({one.ledger for one in comparison.differing})
    findings = [Finding(report.VIEWS, name, -1, "views-differ") for name in ledgers]
    checked = [Checked(report.VIEWS, "views", comparison.compared + comparison.parts)]
    checked += [Checked(report.VIEWS, name, 0, _GONE_ON) for name in comparison.gone_on]
    return checked, findings


def _compared(again: Refolded, room: AuditRoom, tell: Progress) -> Comparison:
    replayed = again.replayed(tell)
    if replayed is None:
        return Comparison(why_not=again.why_not)
    codes = [FACTORS, *(one.code for one in replayed.registry.mapping()[0].themes)]
    answers(replayed.querying, codes)
    return whole_against_live(replayed.store, room.live, replayed.moment.sizes)


def _unchecked(why: str) -> Checked:
    return Checked(report.VIEWS, "views", 0, why)
