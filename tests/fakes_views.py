"""The store of views in memory, as plain as its promises: lists that are looked through."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from domain.errors import Unavailable
from projections.projection import Traits, Way
from projections.standing import Link, rank
from services.folded import FoldedBatch, FoldedEvent, LeftOut, PositionMoved
from services.last_told import LastTold
from services.views import (
    Counts,
    FoldedLedger,
    LedgerDigest,
    Moved,
    ParkedSource,
    ParkedStream,
    Question,
    RegisterRow,
    Shared,
    SharedCounts,
    ToldRow,
)
from tests.fakes_views_between import Span, moved, shared
from tests.fakes_views_counting import Chosen, LiveRow, counted
from tests.fakes_views_ledger import StoredLedger


class FakeViews:
    """`services.views.ViewStore` in memory."""

    def __init__(self) -> None:
        """Begin with nothing folded."""
        self._ledgers: dict[str, StoredLedger] = {}

    def _of(self, ledger: str) -> StoredLedger:
        return self._ledgers.get(ledger, StoredLedger())

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded."""
        return self._of(ledger).position

    def links(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give those of these events that are folded."""
        return [link for link in self._links(ledger) if link.event_id in event_ids]

    def naming(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give the folded events that name one of these."""
        return [link for link in self._links(ledger) if link.names in event_ids]

    def best(self, ledger: str, root: uuid.UUID, without: Collection[uuid.UUID]) -> Link | None:
        """Give who stands for a fact."""
        fact = [link for link in self._links(ledger) if link.root == root and not link.withdrawn]
        return max((link for link in fact if link.event_id not in without), key=rank, default=None)

    def parked_streams(self, ledger: str, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Give those of these streams that are parked."""
        return {entry.stream_tag for entry in self._of(ledger).parked} & set(streams)

    def states(self, ledger: str, register: str, keys: Collection[str]) -> dict[str, bytes]:
        """Give the states of those of these keys that have one."""
        states = self._of(ledger).states
        return {key: states[register, key] for key in keys if (register, key) in states}

    def commit(self, batch: FoldedBatch) -> None:
        """Write a batch."""
        stored = self._of(batch.ledger)
        if stored.position != batch.before:
            raise PositionMoved
        if batch.anew:
            gone = {*stored.destroyed, *batch.destroyed}
            self._ledgers[batch.ledger] = StoredLedger(destroyed=gone, again_to=batch.before)
            return
        self._ledgers[batch.ledger] = stored
        stored.position = batch.after
        stored.destroyed |= {*batch.destroyed}
        stored.days = {**dict(batch.days), **stored.days}
        for folded in batch.again:
            link = stored.events[folded.link.event_id].link
            stored.events[folded.link.event_id] = folded._replace(link=link)
        stored.events |= {folded.link.event_id: folded for folded in batch.events}
        for link in batch.changed:
            folded = stored.events[link.event_id]
            stored.events[link.event_id] = folded._replace(link=link)
        until = {one.position: one.until for one in batch.ended}
        stored.intervals = [
            one._replace(until=until.get(one.position)) if one.until is None else one
            for one in stored.intervals
        ]
        stored.intervals += batch.begun
        stored.states |= {(one.register, one.key): one.state for one in batch.states}
        stored.parked += batch.parked
        stored.left_out.update({one.agreement: one.entries for one in batch.left_out})

    def destroyed(self, ledger: str, keys: Collection[bytes]) -> set[bytes]:
        """Give those of these keys that are known to be destroyed."""
        return self._of(ledger).destroyed & set(keys)

    def under(self, ledger: str, keys: Collection[bytes]) -> list[int]:
        """Give the positions of folded events that give anything, and have a part under these."""
        events = self._of(ledger).events.values()
        return sorted(one.link.position for one in events if {*one.keys} & {*keys})

    def parked_for(self, ledger: str) -> list[tuple[int, str]]:
        """Give position and reason of every entry that is parked for a reason, in order."""
        parked = self._of(ledger).parked
        return sorted((one.position, one.reason) for one in parked if one.reason is not None)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question."""
        positions = self._positions(question.ledgers, question.as_of)
        rows = [
            one
            for name, size in positions.items()
            for group, cells in question.groups.items()
            for one in counted(name, group, Chosen(question, cells, self._live(name, size)), way)
        ]
        rows.sort(key=lambda row: (row.ledger, row.group, row.period, row.value))
        return Counts(tuple(rows), positions)

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position."""
        return [
            ToldRow(ledger, folded.link.position, told.key, told.body.canonical())
            for ledger, size in sorted(self._positions(ledgers, as_of).items())
            for folded in self._standing(ledger, size)
            for name, told in folded.told
            if name == telling
        ]

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands of a telling in one ledger, the newest first."""
        rows = self.told(asked.telling, [asked.ledger], {asked.ledger: asked.size})
        return [row for row in reversed(rows) if row.position < asked.before][: asked.most]

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`."""
        after = self._positions(question.ledgers, question.as_of)
        earlier = self._positions(question.ledgers, {name: before.get(name, 0) for name in after})
        found: list[Moved] = []
        for name, size in after.items():
            if earlier[name] > size:
                raise ValueError("before lies after")
            events = {one.link.position: one for one in self._of(name).events.values()}
            hidden = self._of(name).restricted(earlier[name]), self._of(name).restricted(size)
            span = Span(name, events, self._of(name).intervals, earlier[name], size, hidden)
            found += moved(span, question)
        return sorted(found)

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know."""
        positions = self._positions(question.ledgers, question.as_of)
        standing = {name: self._standing(name, size) for name, size in positions.items()}
        pairs, linkable = shared(question, standing)
        return SharedCounts(pairs, linkable, positions)

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states."""
        return sorted(
            (
                RegisterRow(ledger, key, state)
                for ledger, stored in self._ledgers.items()
                for (register, key), state in stored.states.items()
                if register == name
            ),
            key=lambda row: (row.ledger, row.key),
        )

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with the states of registers as of that position."""
        stored = self._of(ledger)
        waiting = [
            link
            for link in self._links(ledger)
            if link.names is not None and link.names not in stored.events
        ]
        streams = Counter(entry.stream_tag for entry in stored.parked)
        in_order = sorted(stored.states.items())
        parked: dict[uuid.UUID, ParkedStream] = {}
        for entry in sorted(stored.parked, key=lambda entry: (entry.since, entry.position)):
            if entry.reason is not None and entry.stream_tag not in parked:
                parked[entry.stream_tag] = ParkedStream(
                    entry.stream_tag, entry.position, entry.reason, streams[entry.stream_tag]
                )
        return FoldedLedger(
            ledger,
            stored.position,
            len(waiting),
            tuple(parked.values()),
            tuple(LeftOut(*item) for item in sorted(stored.left_out.items())),
            tuple(self._sources(ledger)),
            {
                register: {key: state for (of, key), state in in_order if of == register}
                for register in registers
            },
        )

    def _sources(self, ledger: str) -> list[ParkedSource]:
        parked = self._of(ledger).parked
        found = []
        for source in sorted({entry.source for entry in parked if entry.source is not None}):
            entries = [entry for entry in parked if entry.source == source]
            numbers = sorted(entry.sequence for entry in entries if entry.sequence is not None)
            found.append(ParkedSource(source, len(entries), tuple(_runs(numbers))))
        return found

    def digest(self, ledger: str, size: int | None = None) -> LedgerDigest:
        """Digest one ledger's views; here all that keeps its past is one part, the rest another."""
        stored = self._of(ledger)
        at = stored.position if size is None else size
        if at > stored.position:
            raise Unavailable("the view at that position")
        parts = {"with its past": stored.with_past(at)}
        if size is None:
            parts["as it is"] = stored.as_it_is()
        spelled = {name: hashlib.sha256(repr(one).encode()) for name, one in parts.items()}
        return LedgerDigest(ledger, at, {name: one.digest() for name, one in spelled.items()})

    def _links(self, ledger: str) -> Iterator[Link]:
        return (folded.link for folded in self._of(ledger).events.values())

    def _positions(
        self, ledgers: Collection[str], as_of: Mapping[str, int] | None
    ) -> dict[str, int]:
        if any(self._of(name).position < self._of(name).again_to for name in ledgers):
            raise Unavailable("the view, until it is made anew after an erasure")
        asked = as_of or {}
        positions = {name: asked.get(name, self.position(name)) for name in ledgers}
        if any(size > self.position(name) for name, size in positions.items()):
            raise Unavailable("the view at that position")
        return positions

    def _standing(self, ledger: str, size: int) -> list[FoldedEvent]:
        """Give the events that stand as of a position, in order, without whom views leave out."""
        return self._of(ledger).seen(size)

    def _live(self, ledger: str, size: int) -> list[LiveRow]:
        return [
            LiveRow(
                folded.link.position,
                folded.link.day,
                contribution,
                folded.traits.get(contribution.subject, Traits()),
            )
            for folded in self._standing(ledger, size)
            for contribution in folded.contributions
        ]


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Give ascending numbers as ranges without holes."""
    starts = [
        one for one, before in zip(numbers, [None, *numbers], strict=False) if before != one - 1
    ]
    ends = [one for one, after in pairwise([*numbers, -1]) if after != one + 1]
    yield from zip(starts, ends, strict=True)
