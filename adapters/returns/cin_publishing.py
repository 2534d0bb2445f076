"""The whole job on one CIN Census file: check it, publish what it tells, and say what became of it.

A file is read twice. The first reading tells whether it is the return that was asked for and can be
read to its end: one that breaks off would make every child behind the break look gone. For that it
need not look into the children. Only then does the second reading do so, and put their events into
the outbox, a stretch of children at a time, from where they are sent meanwhile; beginning again
after a failure does no harm.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import BinaryIO, Self

from adapters.returns.cin_checking import (
    SCOPE,
    Asked,
    Examined,
    Examining,
    check_return,
    events_checked,
    is_refused,
)
from adapters.returns.cin_child import Place
from adapters.returns.cin_in_file import in_file
from adapters.returns.cin_publishing_gone import CensusYear, GoneFacts
from adapters.returns.reports import Delivery, Events, Outcome, Report
from adapters.returns.reports_findings import Finding, Findings
from domain.errors import Fault, HubError, ReturnNotReadable
from services.borough.client import BoroughClient, Status
from services.borough.drafting import Draft
from services.borough.queueing import Queued, Watch
from services.borough.reconciling import Returning
from services.borough.sending import Sent, together

_LOOK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """The return that is to be published: the authority's number and the year to 31 March."""

    authority: str
    year: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """How many events were taken back, and how many submissions wait to be sent."""

    events: int
    waiting: int


def publish_return(
    source: BinaryIO, wanted: Wanted, client: BoroughClient, *, today: date, with_ids: bool = False
) -> Report:
    """Publish what a file tells, unless the file is refused; `source` must be able to seek.

    `today` is the London day after which nothing has happened. Raises what the client raises; what
    is in the outbox by then stays there, and is sent the next time.
    """
    asked = Asked(wanted.authority, wanted.year)
    if is_refused(source, asked):
        source.seek(0)
        return check_return(source, asked, today=today, with_ids=with_ids)
    source.seek(0)
    year = CensusYear(wanted.year)
    gone = GoneFacts(year, keep=with_ids)
    load = _Load(Examining(asked, today=today, with_ids=with_ids))
    try:
        before = client.status()
        watch = Watch(refused=load.refused, queued=load.queued)
        returning = Returning(SCOPE, year.holds, gone)
        with _SendingMeanwhile(client) as meanwhile:
            queued = client.publish(load.drafts(source), returning, watch=watch)
        gone.settle()
        examined = load.examined()
        told = client.publish(in_file(examined.counts or {}, wanted.authority, wanted.year))
        queued.submissions += told.submissions
        sent = together(meanwhile.sent, client.send())
        refused = _refused_by_hub(before, client.status())
    except BaseException:
        load.close()
        raise
    return _reported(examined, _Results(queued, sent, gone, refused))


class _SendingMeanwhile:
    """Sends what is queued already while more is being queued: the hub need not wait for a file.

    What goes wrong here goes wrong again, and is raised, when the rest is sent.
    """

    def __init__(self, client: BoroughClient) -> None:
        """Send for a client."""
        self.sent = Sent()
        self._client = client
        self._queued = threading.Event()
        self._thread = threading.Thread(target=self._send, name="sending", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._queued.set()
        self._thread.join()

    def _send(self) -> None:
        with contextlib.suppress(HubError):
            while not self._queued.wait(_LOOK_AGAIN_S):
                self.sent = together(self.sent, self._client.send())


def withdraw_submissions(submissions: Sequence[uuid.UUID], client: BoroughClient) -> Withdrawn:
    """Take back every event of some submissions, as those of a wrong file; raises NotFound."""
    events = sum(client.withdraw(submission, "wrong-file") for submission in submissions)
    return Withdrawn(events, client.send().left)


def withdraw_file(
    source: BinaryIO, wanted: Wanted, client: BoroughClient, *, today: date
) -> Withdrawn:
    """Take back whatever a wrong file told that still stands as it told it.

    Read as `publish_return` reads it; raises ReturnNotReadable for a file that is refused.
    """
    asked = Asked(wanted.authority, wanted.year)
    if is_refused(source, asked):
        source.seek(0)
        report = check_return(source, asked, today=today)
        report.close()
        raise ReturnNotReadable(report.refusals[0].code, report.refusals[0].line)
    source.seek(0)
    examining = Examining(asked, today=today, with_ids=False)
    try:
        drafts = (told.draft for _, events in examining.read(source) for told in events.told)
        events = client.withdraw_told(drafts, "wrong-file")
    finally:
        examining.tally.findings.close()
    return Withdrawn(events, client.send().left)


@dataclass(frozen=True, slots=True)
class _Underway:
    """A draft that the client has not dealt with yet, and where it came from."""

    child: int
    place: Place
    kind: str


class _Load:
    """The drafts of one file on their way into the outbox; only a stretch is held at a time."""

    def __init__(self, examining: Examining) -> None:
        self._examining = examining
        self._refused = Findings()
        self._underway: deque[_Underway] = deque()
        self._done = 0

    def drafts(self, source: BinaryIO) -> Iterator[Draft]:
        """Give what the file tells, child by child.

        Raises ReturnNotReadable when it is not the file any more that was found to be in order: no
        draft is missing from it without that, or its fact would look gone.
        """
        for child, events in self._examining.read(source):
            for told in events.told:
                kind = told.draft.kind.name
                self._underway.append(_Underway(child.ordinal, told.place, kind))
                yield told.draft
        for refusal in self._examining.examined().refusals:
            raise ReturnNotReadable(refusal.code, refusal.line)

    def examined(self) -> Examined:
        """Give what the reading came to; what the client would not take is found last."""
        examined = self._examining.examined()
        examined.tally.findings.add(self._refused)
        self._refused.close()
        return examined

    def close(self) -> None:
        """Let go of what was found, since nobody will be told."""
        self._refused.close()
        self._examining.tally.findings.close()

    def refused(self, number: int, faults: tuple[Fault, ...]) -> None:
        """Report a draft that the client would not take."""
        one = self._underway[number - self._done]
        self._refused.add(
            Finding(
                child=one.child,
                line=one.place.line,
                place=one.place.path,
                code=fault.code,
                severity="refused",
                refuses=one.kind,
            )
            for fault in faults
        )

    def queued(self, count: int) -> None:
        """Let go of the drafts that were dealt with."""
        while self._done < count:
            self._underway.popleft()
            self._done += 1


@dataclass(frozen=True, slots=True)
class _Results:
    queued: Queued
    sent: Sent
    gone: GoneFacts
    refused: Mapping[str, int]


def _refused_by_hub(before: Status, after: Status) -> Counter[str]:
    """Count by kind what the hub refused between two moments."""
    refused: Counter[str] = Counter()
    for status, sign in ((after, 1), (before, -1)):
        for (scope, kind, state), count in status.counts.items():
            if (scope, state) == (SCOPE, "refused"):
                refused[kind] += sign * count
    return refused


def _reported(examined: Examined, results: _Results) -> Report:
    events = events_checked(examined.tally)
    kinds = {*events, *results.gone.due, *results.gone.past}
    kinds |= {kind for kind, _ in results.queued.counts}
    report = examined.report(
        {kind: _events(kind, events.get(kind, Events()), results) for kind in kinds}
    )
    sent = results.sent
    outcome = report.outcome
    if sent.left:
        outcome = Outcome.WAITING
    elif sent.refused or report.findings.refused:
        outcome = Outcome.IN_PART
    due, past = results.gone.children()
    delivery = Delivery(
        submissions=tuple(str(each) for each in results.queued.submissions),
        recorded=sent.recorded,
        refused=sent.refused,
        fenced=sent.fenced,
        waiting=sent.left,
        children_gone_due=due,
        children_gone_past=past,
        hub_codes=dict(sent.codes),
    )
    return replace(report, outcome=outcome, delivery=delivery, gone=results.gone.kept())


def _events(kind: str, checked: Events, results: _Results) -> Events:
    """Put together what became of the events of one kind."""
    counts, gone = results.queued.counts, results.gone
    stood = sum(counts[kind, change] for change in ("unchanged", "corrected", "rekeyed"))
    return Events(
        told=checked.told,
        refused_here=checked.refused_here + counts[kind, "refused"] + counts[kind, "repeated"],
        new=counts[kind, "new"],
        unchanged=counts[kind, "unchanged"],
        corrected=counts[kind, "corrected"],
        rekeyed=counts[kind, "rekeyed"],
        erased=counts[kind, "erased"],
        refused_by_hub=results.refused.get(kind, 0),
        last_load=stood + gone.due[kind] + gone.past[kind],
        gone_due=gone.due[kind],
        gone_past=gone.past[kind],
    )
