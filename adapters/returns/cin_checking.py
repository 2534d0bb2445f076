"""Reads one CIN Census file to its end and says what can be understood and told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Final

from adapters.returns.cin_child import (
    Child,
    Count,
    Fault,
    FaultCode,
    Kind,
    RefusedChild,
    ReturnHeader,
)
from adapters.returns.cin_events import ChildEvents, events_of
from adapters.returns.cin_header import check_header
from adapters.returns.cin_reader import CinReturn, read_cin_census
from adapters.returns.reports import Events, Outcome, Refusal, Report, Row, total
from adapters.returns.reports_findings import Findings, finding_of
from domain.errors import ReturnNotReadable

SCOPE: Final = "cin-census"
"""The name under which what this return told is remembered, the same every year."""

RECORDS_BEGIN: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.REFERRAL: ("referral-received", "unborn-referral-received"),
    Kind.ASSESSMENT: ("assessment-started",),
    Kind.SECTION47: ("section47-started",),
    Kind.CIN_PLAN: ("cin-plan-started",),
    Kind.PLAN: ("protection-plan-started",),
    Kind.REVIEW: ("protection-plan-reviewed",),
}
"""The events that say that a record began: one for each record."""

TOLD_BESIDE: Final = (
    "case-closed",
    "assessment-completed",
    "icpc-held",
    "icpc-not-required",
    "cin-plan-ended",
    "protection-plan-ended",
    "child-died",
)
"""The other events that the return tells."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The return that is wanted: an authority's number, the year to 31 March; None for any."""

    authority: str | None = None
    year: int | None = None


@dataclass(slots=True)
class Tally:
    """What a file tells, by kind of event. `ids` are filled only where somebody asked for them."""

    findings: Findings
    told: Counter[str] = field(default_factory=Counter)
    untold: Counter[str] = field(default_factory=Counter)
    ids: dict[int, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Examined:
    """What one reading of a file came to: no counts where it did not get as far as the children."""

    tally: Tally
    counts: Mapping[Kind, Count] | None
    refusals: tuple[Refusal, ...]

    def report(self, events: Mapping[str, Events] | None = None) -> Report:
        """Give the report, with what became of the events by kind (None: they were not sent)."""
        if events is None:
            events = events_checked(self.tally)
        rows = () if self.counts is None else counted_rows(self.counts, events)
        findings = self.tally.findings
        if self.refusals:
            outcome = Outcome.REFUSED
        else:
            in_part = findings.refused or any(row.refused for row in rows)
            outcome = Outcome.IN_PART if in_part else Outcome.UNDERSTOOD
        return Report(outcome, findings, rows, self.refusals, ids=self.tally.ids)


def check_return(source: BinaryIO, asked: Asked, *, today: date, with_ids: bool = False) -> Report:
    """Read a file and report on it; nothing is published. `source` stays the caller's to close.

    `today` is the London day after which nothing has happened. With `with_ids` the report holds the
    authority's own id of each child that something is found of.
    """
    return examine(source, asked, today=today, with_ids=with_ids).report()


def examine(source: BinaryIO, asked: Asked, *, today: date, with_ids: bool = False) -> Examined:
    """Read a file to its end, as `check_return` does."""
    examining = Examining(asked, today=today, with_ids=with_ids)
    for _ in examining.read(source):
        pass
    return examining.examined()


def is_refused(source: BinaryIO, asked: Asked) -> bool:
    """Say whether `examine` refuses a file, for a fifth of its work: children are not looked into.

    Whether a file is refused hangs on its header and on being readable to its end, with any child.
    """
    try:
        census = read_cin_census(source)
        header = census.header
        if header is not None and _not_the_one(header, asked):
            return True
        census.skim()
    except ReturnNotReadable:
        return True
    return bool(_without_children(census)) or bool(_not_the_one(census.header, asked))


class Examining:
    """One reading of a file: what it tells, child by child, and then what it came to."""

    def __init__(self, asked: Asked, *, today: date, with_ids: bool) -> None:
        """Begin with nothing read."""
        self.tally = Tally(Findings())
        self._asked = asked
        self._today = today
        self._with_ids = with_ids
        self._counts: Mapping[Kind, Count] | None = None
        self._refusals: list[Refusal] = []

    def read(self, source: BinaryIO) -> Iterator[tuple[Child, ChildEvents]]:
        """Give each child that can be told from others, with its events; ends where it is refused.

        What it gave of a file that turns out to be refused is not to be believed.
        """
        try:
            census = read_cin_census(source)
        except ReturnNotReadable as failure:
            self._refusals.append(Refusal(failure.code, failure.line))
            return
        header = census.header
        if header is not None:
            self.tally.findings.add(map(finding_of, header.faults))
            self._refusals += _not_the_one(header, self._asked)
            if self._refusals:
                return
        yield from self._children(census)
        if header is None:
            if census.header is not None:
                self.tally.findings.add(map(finding_of, census.header.faults))
            self._refusals += _not_the_one(census.header, self._asked)
        self._counts = census.counts

    def examined(self) -> Examined:
        """Give what the reading came to, once it has ended."""
        return Examined(self.tally, self._counts, tuple(self._refusals))

    def _children(self, census: CinReturn) -> Iterator[tuple[Child, ChildEvents]]:
        """Read a file as far as it can be read, and say why it is refused as a whole, if it is."""
        try:
            for child in census:
                events = self._take(child)
                if events is not None and isinstance(child, Child):
                    yield child, events
        except ReturnNotReadable as failure:
            self._refusals.append(Refusal(failure.code, failure.line))
        findings = self.tally.findings
        findings.add(map(finding_of, census.faults), left_out=census.faults_left_out)
        self._refusals += _without_children(census)

    def _take(self, child: Child | RefusedChild) -> ChildEvents | None:
        """Note what is found of a child; gives its events."""
        tally, events = self.tally, None
        found = [finding_of(fault) for fault in child.faults]
        if isinstance(child, Child):
            events = events_of(child, today=self._today)
            tally.told.update([told.draft.kind.name for told in events.told])
            tally.untold.update(events.untold)
            found = sorted((*found, *events.findings), key=lambda finding: finding.line)
            if self._with_ids and found:
                tally.ids[child.ordinal] = child.la_child_id
        tally.findings.add(found, left_out=child.faults_left_out)
        return events


def counted_rows(counts: Mapping[Kind, Count], events: Mapping[str, Events]) -> tuple[Row, ...]:
    """Put the counts of records and of events together; `events` are by kind."""
    rows = []
    for kind in Kind:
        count = counts.get(kind, Count())
        begin = RECORDS_BEGIN.get(kind)
        standing_for = total(events.get(name, Events()) for name in begin) if begin else None
        rows.append(Row(kind.value, count.in_file, count.understood, standing_for))
    return (*rows, *(Row(name, events=events.get(name, Events())) for name in TOLD_BESIDE))


def events_checked(tally: Tally) -> dict[str, Events]:
    """Give what checking says of each kind of event."""
    return {
        kind: Events(told=tally.told[kind], refused_here=tally.untold[kind])
        for kind in {*tally.told, *tally.untold}
    }


def _without_children(census: CinReturn) -> list[Refusal]:
    return [_refusal(fault) for fault in census.faults if fault.code is FaultCode.NO_CHILDREN]


def _not_the_one(header: ReturnHeader | None, asked: Asked) -> list[Refusal]:
    """Say how a file differs from the return that was asked for."""
    faults = check_header(header, authority=asked.authority or "", year=asked.year or 0)
    matters = {
        "Collection": True,
        "Header": asked.authority is not None or asked.year is not None,
        "LEA": asked.authority is not None,
        "Year": asked.year is not None,
    }
    return [_refusal(fault) for fault in faults if fault.field and matters[fault.field]]


def _refusal(fault: Fault) -> Refusal:
    return Refusal(fault.code.value, fault.place.line, fault.field)
