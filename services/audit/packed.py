"""A ledger's entries with what an openings pack says of each: an auditor's way in without keys.

Nothing of the pack is believed. Its outside is surveyed first, to the last byte: first line, last
line, digest, counts, ascending positions. Then each opening is held against the leaf of its entry.
A row's stream column is no part of the leaf: in its place stands a digest of the stream's pseudonym
in the header, so that a column that was altered moves nothing. Only what follows an entry that
does not open is known by its column, as its stream is parked by it.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain.errors import NotOpened, OpeningsRefused, RecordMalformed
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.openings import (
    EntryLine,
    EntryShut,
    NotAPack,
    PackHead,
    check,
    end_of,
    entry_of,
    head_of,
    position_of,
)
from domain.record import Attestation, Leaf, bare_record, decode_record, key_tag
from domain.stored import StoredModels
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from services.audit.replaying import DatedLog
from services.event_reading import EventReader
from services.folding import FAULTS
from services.ports import Head, StoredEntry

_AT_ONCE = 500
_SAYS_DESTROYED = KeyDestroyed.type_name().encode()
ReadLines = Callable[[], Iterator[bytes]]
"""Reads a pack's lines from the first one on, each with its LF."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A pack that is whole: its first line, and the positions that it has lines for."""

    head: PackHead
    lines: ReadLines
    runs: tuple[tuple[int, int], ...]
    """From each first position to the one after the last, ascending."""

    def gaps(self, size: int) -> Iterator[tuple[int, int]]:
        """Give the runs of entries below a size that are not opened whole."""
        at = 0
        for start, end in self.runs if self.head.of == "everybody" else ():
            if at < min(start, size):
                yield at, min(start, size)
            at = end
        if at < size:
            yield at, size


def of_ledger(lines: ReadLines) -> str:
    """Give the ledger that a pack says it is of; raises OpeningsRefused."""
    try:
        return head_of(next(lines(), b"")).ledger
    except NotAPack as fault:
        raise OpeningsRefused("a ledger", fault.code) from None


def survey(lines: ReadLines) -> Survey:
    """Read a pack from end to end; raises OpeningsRefused for what is not a whole one."""
    ledger = "a ledger"
    try:
        found = lines()
        first = next(found, b"")
        head = head_of(first)
        ledger = head.ledger
        return Survey(head, lines, _runs(head, first, found))
    except NotAPack as fault:
        raise OpeningsRefused(ledger, fault.code) from None


def _runs(head: PackHead, first: bytes, lines: Iterator[bytes]) -> tuple[tuple[int, int], ...]:
    digest = hashlib.sha256(first)
    runs: list[list[int]] = []
    entries, last = 0, b""
    for line, following in pairwise(_and_then_nothing(lines)):
        if following is None:
            last = line or b""
            break
        digest.update(line or b"")
        entries += 1
        _extend(head, runs, position_of(line or b""))
    end = end_of(last)
    if not hmac.compare_digest(digest.digest(), to_bytes(end.digest)):
        raise NotAPack("digest-differs")
    if end.entries != entries:
        raise NotAPack("count-differs")
    return tuple((start, until) for start, until in runs)


def _extend(head: PackHead, runs: list[list[int]], position: int) -> None:
    if runs and position < runs[-1][1]:
        raise OpeningsRefused(head.ledger, "doubled-or-out-of-order", position)
    if position >= head.size:
        raise OpeningsRefused(head.ledger, "beyond-its-size", position)
    if runs and position == runs[-1][1]:
        runs[-1][1] += 1
    else:
        runs.append([position, position + 1])


def _and_then_nothing(lines: Iterator[bytes]) -> Iterator[bytes | None]:
    yield from lines
    yield None


class PackedLedger:
    """A ledger that is read together with its pack (a `DatedLog`, and it `Opens` what it gave)."""

    def __init__(
        self, ledger: DatedLog, pack: Survey, models: StoredModels, *, sealed: bool = True
    ) -> None:
        """Read both from their beginnings; nothing is read yet.

        Without what is `sealed` there are leaves alone, which is all that openings are held to.
        """
        self._sealed = sealed
        self._ledger = ledger
        self._pack = pack
        self._name = pack.head.ledger
        self._reader = EventReader(self._name, models)
        self._lines: Iterator[EntryLine] = iter(())
        self._waiting: EntryLine | None = None
        self._passed = -1
        self._opened: dict[int, OpenedEvent | NotOpened] = {}
        self._shut: set[uuid.UUID] = set()
        self._destroyed: frozenset[bytes] | None = None
        """Read once a part is missing, and not before: most packs have none."""

    def head(self) -> Head:
        """Give the end of the ledger."""
        return self._ledger.head()

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time."""
        return self._ledger.size_as_of(recorded_ms)

    @property
    def packed(self) -> int:
        """Give how many entries there were when the pack was made."""
        return self._pack.head.size

    def shut(self, size: int) -> int:
        """Count the events below a size that nothing opens whole; checkpoints need no opening."""
        return sum(
            is_event(entry.record)
            for start, end in self._pack.gaps(size)
            for at in range(start, end, _AT_ONCE)
            for entry in self._ledger.read(at, min(_AT_ONCE, end - at))
        )

    def read(self, start: int, limit: int) -> list[StoredEntry]:
        """Give entries, each in the stream that its header names, and keep what they open to.

        Raises OpeningsRefused for an opening that is not its entry's.
        """
        self._opened = {}
        return [self._taken(entry) for entry in self._ledger.read(start, limit)]

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Give what an entry of the last reading opened to; raises one of the NotOpened family."""
        found = self._opened[entry.position]
        if isinstance(found, NotOpened):
            raise found
        return found

    def events(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        """Give what entries of the last reading opened to, or why they did not."""
        return [self._opened[entry.position] for entry in entries]

    def _taken(self, entry: StoredEntry) -> StoredEntry:
        found: OpenedEvent | NotOpened
        if not is_event(entry.record):
            self._opened[entry.position] = RecordMalformed("a checkpoint is no event")
            return entry
        try:
            found = self._open(entry, self._line(entry.position))
            entry = replace(entry, stream_tag=found.stream_tag)
        except NotOpened as fault:
            self._shut.add(entry.stream_tag)
            found = fault
        except NotAPack as fault:
            raise OpeningsRefused(self._name, fault.code, entry.position) from None
        self._opened[entry.position] = found
        return entry

    def _open(self, entry: StoredEntry, line: EntryLine | None) -> OpenedEvent:
        record = decode_record(entry.record) if self._sealed else bare_record(entry.record)
        if record.leaf.event_id != entry.event_id:
            raise RecordMalformed("row: its event id is not the leaf's")
        if line is None:
            raise NotOpened("an entry without an opening")
        if isinstance(line, EntryShut):
            raise FAULTS[line.fault]("an entry that its operator could not open")
        header_bytes, parts = check(record.leaf, line)
        gone = {number for number, raw in parts.items() if raw is None}
        if gone and not gone <= self._explained(record.leaf):
            # It would fold as if it had been erased, and nothing says that it was: it was left out.
            raise NotAPack("part-withheld")
        header, kind = self._reader.header(record, header_bytes)
        if entry.stream_tag not in self._shut:
            entry = replace(entry, stream_tag=_stream_tag(self._name, header.subject))
        return self._reader.event(entry, record, (header, kind), parts)

    def _explained(self, leaf: Leaf) -> set[int]:
        """Give the parts of an entry whose keys the ledger itself says were destroyed."""
        if self._destroyed is None:
            self._destroyed = frozenset(self._destroyed_keys())
        return {
            part.number
            for part in leaf.parts
            if any(
                key_tag(key, leaf.event_id, part.number) == part.key_tag for key in self._destroyed
            )
        }

    def _destroyed_keys(self) -> Iterator[bytes]:
        """Read what the hub recorded of destroyed keys, each held against its own leaf."""
        for line in self._from_the_first():
            if isinstance(line, EntryShut) or _SAYS_DESTROYED not in to_bytes(line.header.bytes):
                continue
            for entry in self._ledger.read(line.position, 1):
                record = bare_record(entry.record)
                header_bytes, parts = check(record.leaf, line)
                header, kind = self._reader.header(record, header_bytes)
                event = self._reader.event(entry, record, (header, kind), parts)
                facts = event.facts
                if event.attestation is Attestation.HUB and isinstance(facts, KeyDestroyed.Facts):
                    yield from map(to_bytes, facts.keys)

    def _line(self, position: int) -> EntryLine | None:
        """Go forward to a position's line, or begin again; None where there is none."""
        if position <= self._passed:
            self._waiting, self._passed = None, -1
        if self._passed < 0:
            self._lines = self._from_the_first()
            self._waiting = next(self._lines, None)
        while self._waiting is not None and self._waiting.position < position:
            self._waiting = next(self._lines, None)
        self._passed = position
        found = self._waiting
        return found if found is not None and found.position == position else None

    def _from_the_first(self) -> Iterator[EntryLine]:
        lines = self._pack.lines()
        next(lines, None)
        # The last line is no entry's: a survey has read it.
        for line, following in pairwise(_and_then_nothing(lines)):
            if following is None or line is None:
                return
            yield entry_of(line)


def _stream_tag(ledger: str, stream: str) -> uuid.UUID:
    digest = hashlib.sha256(f"bhr-openings-stream/v1\n{ledger}\n{stream}".encode()).digest()
    return uuid.UUID(bytes=digest[:16])
