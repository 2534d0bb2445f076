"""Folding one batch of a ledger, in memory: what it changes is one `FoldedBatch`.

Everything is taken in order of position. An entry that does not open, breaks the rules of naming,
or makes a projection fail parks its own stream there; later entries of that stream are counted
behind it; all others go on. The same entries after the same entries give the same batch contents,
live or rebuilt, however they are cut into batches.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from domain.envelope import Header
from domain.errors import (
    CommitmentDiffers,
    KeyMissing,
    NotOpened,
    RecordMalformed,
    StoredBytesDiffer,
)
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.openings import FaultCode
from domain.record import Attestation
from domain.values import london_day
from domain.vocabulary.data_quality import RecordWithdrawn
from domain.vocabulary.hub import OWN_SOURCE
from projections.projection import Projections
from projections.restrictions import RESTRICTIONS
from projections.standing import Link, NamedWrongly, Settled, settle
from services.folded import Ended, FoldedBatch, FoldedEvent, Interval, LeftOut, ParkedEntry
from services.forgetting import FoldAnew, Forgetting, ReadEntries
from services.given import Given, given
from services.leaves import days_begun, is_the_hubs, leaf_in_front
from services.ports import StoredEntry
from services.remembering import BatchLinks, BatchStates
from services.views import ViewStore

OpenEntries = Callable[[str, Sequence[StoredEntry]], Sequence[OpenedEvent | NotOpened]]
"""Opens entries of a named ledger, in order; gives the fault in place of what does not open."""

Takes = Callable[[Header], bool]
"""Whether an event's agreement names the purpose of the folds."""

ALWAYS_TAKEN = frozenset({"canary", RecordWithdrawn.name, *RESTRICTIONS})
"""About running the hub, taking back and leaving out: no agreement can have folds pass over it."""

_REASONS: tuple[tuple[type[NotOpened], FaultCode], ...] = (
    (RecordMalformed, "record-malformed"),
    (StoredBytesDiffer, "stored-bytes-differ"),
    (CommitmentDiffers, "commitment-differs"),
    (KeyMissing, "key-missing"),
    (NotOpened, "not-opened"),
)
FAULTS = {reason: kind for kind, reason in _REASONS}
"""Why an entry does not open, by the word that its parking gives as the reason."""

_FOLD_FAULTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a pure function can raise over an event that it was not written for."""


@dataclass(frozen=True, slots=True)
class FoldingRules:
    """How entries are folded, the same for every batch and every ledger."""

    open_entries: OpenEntries
    projections: Projections
    takes: Takes


@dataclass(slots=True)
class _Changes:
    """What the batch has changed so far; dictionaries by position."""

    given: dict[int, Given] = field(default_factory=dict)
    standing: dict[int, Interval] = field(default_factory=dict)
    over: list[Interval] = field(default_factory=list)
    ended: list[Ended] = field(default_factory=list)
    parked: list[ParkedEntry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class BatchFold:
    """Folds the entries that follow a position of one ledger."""

    def __init__(
        self, at: tuple[str, int], store: ViewStore, rules: FoldingRules, read: ReadEntries
    ) -> None:
        """Fold on in a ledger that has so many entries folded, over what the store remembers."""
        ledger, before = self._ledger, self._before = at
        self._store = store
        self._rules = rules
        self._forgetting = Forgetting(ledger, store, read, self._open)
        self._links = BatchLinks(ledger, before, store)
        self._states = BatchStates(ledger, store)
        self._stopped: set[uuid.UUID] = set()
        self._changes = _Changes()

    def fold(self, entries: Sequence[StoredEntry]) -> FoldedBatch:
        """Fold entries at consecutive positions; nothing is written yet.

        Logged checkpoints are counted as folded, and say nothing.
        """
        after = self._before + len(entries)
        entries = [entry for entry in entries if is_event(entry.record)]
        streams = {entry.stream_tag for entry in entries}
        self._stopped = self._store.parked_streams(self._ledger, streams)
        opened = self._opened(entries)
        try:
            again = self._forgetting.again(self._apart)
        except FoldAnew:
            return FoldedBatch(
                self._ledger, self._before, 0, destroyed=self._forgetting.new, anew=True
            )
        events = [event for event in opened.values() if isinstance(event, OpenedEvent)]
        self._links.expect(
            {event.event_id for event in events}, {*filter(None, map(named, events))}
        )
        for entry in entries:
            if entry.stream_tag in self._stopped:
                self._park(entry)
                continue
            event = opened[entry.position]
            if isinstance(event, OpenedEvent):
                self._fold(entry, event)
            else:
                self._park(entry, fault_code(event))
        days = days_begun(entries, opened)
        return replace(self._batch(after), again=again, days=days)

    def _opened(self, entries: Sequence[StoredEntry]) -> dict[int, OpenedEvent | NotOpened]:
        """Open what is not behind a parked entry; gives what is left of each, or why it is shut.

        The hub's own is opened there too: a key is destroyed whatever is parked.
        """
        behind = {one.position for one in entries if one.stream_tag in self._stopped}
        wanted = [one for one in entries if one.position not in behind or is_the_hubs(one)]
        opened = self._open(wanted)
        self._forgetting.learn(opened)
        return {
            entry.position: self._forgetting.left(one) if isinstance(one, OpenedEvent) else one
            for entry, one in zip(wanted, opened, strict=True)
            if entry.position not in behind
        }

    def _open(self, entries: Sequence[StoredEntry]) -> Sequence[OpenedEvent | NotOpened]:
        return self._rules.open_entries(self._ledger, entries)

    def _apart(self, event: OpenedEvent | NotOpened) -> FoldedEvent | str:
        """Give what an event gives, or why it is parked, as far as other events do not decide."""
        if isinstance(event, NotOpened):
            return fault_code(event)
        try:
            found = given(event, self._rules.projections, taken=self._takes(event))
            return FoldedEvent(_link(event), *found)
        except NamedWrongly as fault:
            return fault.code
        except _FOLD_FAULTS:
            return "fold-failed"

    def _takes(self, event: OpenedEvent) -> bool:
        # Of another's source the hub records nothing: somebody wrote that it had.
        own = event.attestation is Attestation.HUB and event.header.source == OWN_SOURCE
        return own or event.kind.name in ALWAYS_TAKEN or self._rules.takes(event.header)

    def _fold(self, entry: StoredEntry, event: OpenedEvent) -> None:
        taken = self._takes(event)
        try:
            found = given(event, self._rules.projections, taken=taken)
            settled = settle(_link(event), self._links)
            states = self._states.evolved(
                (one for one in self._rules.projections.registers if taken or one.purpose is None),
                event,
            )
        except NamedWrongly as fault:
            self._park(entry, fault.code)
        except _FOLD_FAULTS:
            self._park(entry, "fold-failed")
        else:
            self._states.keep(states)
            if not taken:
                self._changes.left_out[event.header.agreement] += 1
            self._settle(settled, found)

    def _settle(self, settled: Settled, found: Given) -> None:
        arrived, *others = settled.links
        self._changes.given[arrived.position] = found
        self._links.keep(arrived, others)
        if settled.ended is not None:
            self._end(settled.ended, arrived.position)
        if settled.begun is not None:
            begun = settled.begun
            self._changes.standing[begun.position] = Interval(
                begun.position, begun.day, arrived.position
            )
        for waiting, code in settled.faulty:
            self._stopped.add(waiting.stream_tag)
            self._changes.parked.append(
                ParkedEntry(
                    waiting.position, waiting.stream_tag, arrived.position, code, waiting.source
                )
            )

    def _end(self, link: Link, until: int) -> None:
        open_here = self._changes.standing.pop(link.position, None)
        if open_here is None:
            self._changes.ended.append(Ended(link.position, until))
        else:
            self._changes.over.append(open_here._replace(until=until))

    def _park(self, entry: StoredEntry, reason: str | None = None) -> None:
        self._stopped.add(entry.stream_tag)
        found = leaf_in_front(entry)
        leaf = None if found is None else found[0]
        self._changes.parked.append(
            ParkedEntry(
                entry.position,
                entry.stream_tag,
                entry.position,
                reason,
                None if leaf is None else leaf.source,
                None if leaf is None else leaf.sequence,
            )
        )

    def _batch(self, after: int) -> FoldedBatch:
        changes = self._changes
        come = changes.given
        links = self._links.latest()
        return FoldedBatch(
            ledger=self._ledger,
            before=self._before,
            after=after,
            events=tuple(
                FoldedEvent(link, *come[link.position]) for link in links if link.position in come
            ),
            changed=tuple(link for link in links if link.position not in come),
            begun=(*changes.over, *changes.standing.values()),
            ended=tuple(changes.ended),
            states=self._states.changed(),
            parked=tuple(changes.parked),
            left_out=tuple(LeftOut(*item) for item in sorted(changes.left_out.items())),
            destroyed=self._forgetting.new,
        )


def fault_code(fault: NotOpened) -> FaultCode:
    """Give the word for why an entry does not open: the reason of its parking."""
    return next(reason for kind, reason in _REASONS if isinstance(fault, kind))


def named(event: OpenedEvent) -> uuid.UUID | None:
    """Give the event that this one corrects or withdraws."""
    return None if event.header.supersedes is None else uuid.UUID(event.header.supersedes)


def _link(event: OpenedEvent) -> Link:
    withdraws = event.kind.name == RecordWithdrawn.name
    if withdraws and event.header.supersedes is None:
        raise NamedWrongly("names-nothing")
    return Link(
        event_id=event.event_id,
        position=event.position,
        source=event.header.source,
        stream_tag=event.stream_tag,
        kind=event.kind.name,
        day=london_day(event.header.time),
        names=named(event),
        root=event.event_id if withdraws or event.header.supersedes is None else None,
    )
