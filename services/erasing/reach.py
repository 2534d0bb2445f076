"""How far an erasure reaches in its ledger: streams that tell of nobody else, and fetched parts.

Read by keyrings, from the first entry to the last; whoever carries out reads on from there until
nothing came in between, so a stream is judged by all that it holds when its key goes. A stream goes
when every subject that it tells of is erased, now or before, and all of it is by sources of the one
controller: nobody may erase what another said. A stream of requests alone stays, since it is the
reason; so does that of erasing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.errors import NotOpened
from domain.statement import PartClass
from domain.vocabulary.erasing import CopyOfPart, ErasureRequested
from domain.vocabulary.operation import PartFetched
from services.custody import KeyName
from services.erasing.book import BATCH, ErasureBook, Ring, Tell
from services.erasing.requests import Request


@dataclass(frozen=True, slots=True)
class StreamKey:
    """A stream whose key is to go, and the request that it goes with."""

    request: str
    key: bytes
    name: KeyName


@dataclass(slots=True)
class Reach:
    """What some requests of one ledger reach. `controls` says who answers for a source's data."""

    book: ErasureBook
    requests: Sequence[Request]
    controls: Callable[[str], frozenset[str]]
    size: int = 0
    foreign: set[str] = field(default_factory=set)
    """Requests of which a subject is told of by another controller's source."""
    _streams: dict[uuid.UUID, dict[str, None]] = field(default_factory=dict)
    """Every request that a stream tells of, since one of them may be refused yet."""
    _parts: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    """The requests that each restricted part is about, by event and number."""
    _fetched: dict[tuple[str, str], dict[tuple[str, int], None]] = field(default_factory=dict)
    """By request and recipient."""

    def read_to(self, size: int, tell: Tell) -> None:
        """Read on to a size of the ledger."""
        whose: dict[bytes, list[Request]] = {}
        for one in self.requests:
            for key in one.key_ids():
                whose.setdefault(key, []).append(one)
        while self.size < size:
            entries = self.book.ledger.read(self.size, min(BATCH, size - self.size))
            for entry in entries:
                ring = self.book.ring(entry)
                if ring is not None:
                    self._take(ring, whose)
            self.size += len(entries)
            tell(self.book.ledger.name, self.size, size)

    def _take(self, ring: Ring, whose: Mapping[bytes, Sequence[Request]]) -> None:
        if ring.header.kind_name() == PartFetched.name:
            self._take_fetch(ring)
        for number, part_class, key in ring.parts:
            requests = whose.get(key, ())
            for request in requests:
                if request.controller not in self.controls(ring.header.source):
                    self.foreign.add(request.event)
                self._streams.setdefault(ring.entry.stream_tag, {})[request.event] = None
            if requests and part_class is PartClass.RESTRICTED:
                self._parts[ring.header.id, number] = tuple(one.event for one in requests)

    def _take_fetch(self, ring: Ring) -> None:
        try:
            facts = self.book.opening.event(ring.entry).facts
        except NotOpened:
            return
        if isinstance(facts, PartFetched.Facts):
            for request in self._parts.get((facts.event, facts.part), ()):
                fetched = self._fetched.setdefault((request, facts.participant), {})
                fetched.setdefault((facts.event, facts.part))

    def streams(self, requests: Sequence[Request], erased: frozenset[bytes]) -> Iterator[StreamKey]:
        """Give the streams whose keys go with these requests, once such keys are gone.

        A stream that tells of the subjects of several goes with each of them.
        """
        by_request = {one.event: one for one in requests}
        for tag, events in self._streams.items():
            mine = [by_request[one] for one in events if one in by_request]
            if not mine:
                continue
            rings = [
                ring
                for ring in map(self.book.ring, self.book.ledger.stream(tag))
                if ring is not None
            ]
            for request in mine:
                found = self._goes(rings, request, erased)
                if found is not None:
                    yield found

    def _goes(
        self, rings: Sequence[Ring], request: Request, erased: frozenset[bytes]
    ) -> StreamKey | None:
        kinds = {ring.header.kind_name() for ring in rings}
        subjects = frozenset(key for ring in rings for key in ring.subjects())
        its_own = all(request.controller in self.controls(one.header.source) for one in rings)
        keys = {ring.stream() for ring in rings}
        key = next(iter(keys)) if len(keys) == 1 else None
        if kinds == {ErasureRequested.name} or not subjects <= erased:
            return None
        if not its_own or key is None or key in erased:
            return None
        stream = rings[0].header.subject
        return StreamKey(request.event, key, KeyName(request.ledger, "stream", stream))

    def copies(self, request: Request) -> Iterator[tuple[str, list[CopyOfPart]]]:
        """Give what each recipient beside the controller had fetched of a request's subjects."""
        for (event, participant), parts in sorted(self._fetched.items()):
            if event == request.event and participant != request.controller:
                copies = [CopyOfPart(event=one, part=number) for one, number in parts]
                yield participant, copies
