"""Reading a stretch of a ledger once, from its bytes, with everything that can be checked in it.

A stretch is 65 536 entries, one full tile of the second level, so that stretches can be read by
processes of their own and put together afterwards. Of each only a few kilobytes are kept, and a
megabyte of ids until they are laid down.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from domain.errors import NotOpened
from domain.logged_checkpoint import checkpoint_in
from domain.record import Leaf, decode_leaf, encode_record, recorded_ms_of, sealed_under
from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence, Evident
from services.audit.verifying.peaks import Peaks, of_leaf, perfect
from services.audit.verifying.report import Finding
from services.ports import StoredEntry

WIDTH = 256
STRETCH = WIDTH * WIDTH
BATCH = 512
ID, NO_ID = 16, bytes(16)
FINDINGS_MAX = 200
"""Of one stretch: what is wrong everywhere need not be said of every entry."""


@dataclass(slots=True)
class Numbers:
    """The numbers that a source's entries carry: runs of first, last and where each begins."""

    runs: list[tuple[int, int, int]] = field(default_factory=list)

    def add(self, number: int, position: int) -> None:
        """Add the next entry's number."""
        if self.runs and self.runs[-1][1] + 1 == number:
            first, _, at = self.runs[-1]
            self.runs[-1] = (first, number, at)
        else:
            self.runs.append((number, number, position))


@dataclass(frozen=True, slots=True)
class Noted:
    """A checkpoint that stands in the ledger as an entry."""

    position: int
    size: int
    note: bytes


@dataclass(slots=True)
class Stretch:
    """What one stretch came to."""

    start: int
    end: int
    peaks: tuple[bytes, ...] = ()
    """Of its own entries; one hash where the stretch is full."""
    at_sizes: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    """The peaks of its own entries at each size that was asked for."""
    recorded: dict[int, int] = field(default_factory=dict)
    """Recorded times at the positions around those sizes, and at both ends."""
    numbers: dict[str, Numbers] = field(default_factory=lambda: defaultdict(Numbers))
    noted: list[Noted] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ids: bytearray = field(default_factory=bytearray)
    """Of each entry the 16 bytes of its id; zeros where it could not be read."""
    tiles: int = 0
    cut: bool = False
    """An entry is missing, so it ends before it was to: what comes after is at no known place."""


def scan(evidence: Evidence, start: int, end: int, sizes: Collection[int]) -> Stretch:
    """Read entries from `start` (a multiple of STRETCH) to `end`; says what is wrong in them."""
    return _Scan(evidence, Stretch(start, end), frozenset(sizes)).run()


class _Scan:
    def __init__(self, evidence: Evidence, found: Stretch, sizes: frozenset[int]) -> None:
        self._evidence = evidence
        self._found = found
        self._sizes = sizes
        self._peaks = Peaks()
        self._tile: list[bytes] = []
        self._roots: list[bytes] = []
        self._last_ms: int | None = None

    def run(self) -> Stretch:
        found = self._found
        at = found.start
        for one in self._entries():
            self._entry(at, one)
            at += 1
        if at < found.end:
            self._find(report.LEAVES, at, "entry-missing")
            found.end, found.cut = at, True
        self._edge_tiles()
        found.peaks = tuple(self._peaks.hashes)
        found.numbers = dict(found.numbers)
        return found

    def _entries(self) -> Iterator[Evident]:
        at, end = self._found.start, self._found.end
        while at < end:
            batch = self._evidence.entries(at, min(BATCH, end - at))
            if not batch:
                return
            yield from batch
            at += len(batch)

    def _entry(self, position: int, one: Evident) -> None:
        hashed = of_leaf(one.leaf)
        self._peaks.push(hashed)
        self._tile.append(hashed)
        if len(self._tile) == WIDTH:
            self._full_tile(position // WIDTH)
        if position + 1 in self._sizes:
            self._found.at_sizes[position + 1] = tuple(self._peaks.hashes)
        self._read(position, one)

    def _read(self, position: int, one: Evident) -> None:
        bare = encode_record(one.leaf, ())
        checkpoint = checkpoint_in(bare)
        if checkpoint is not None:
            self._time(position, recorded_ms_of(bare))
            self._found.noted.append(Noted(position, checkpoint.size, checkpoint.note))
            self._found.ids += checkpoint.entry_id.bytes
            if one.row is not None:
                self._row(position, one.row, checkpoint.entry_id)
                if one.row.record != bare:
                    self._find(report.LEAVES, position, "sealed-bytes-differ")
            return
        try:
            leaf, recorded_ms = decode_leaf(one.leaf)
        except NotOpened:
            self._find(report.LEAVES, position, "leaf-malformed")
            self._found.ids += NO_ID
            return
        self._found.ids += leaf.event_id.bytes
        self._time(position, recorded_ms)
        self._number(position, leaf)
        if one.row is not None:
            self._row(position, one.row, leaf.event_id)
            self._sealed(position, one.row, leaf)

    def _row(self, position: int, row: StoredEntry, event_id: uuid.UUID) -> None:
        """Hold a stored row against its leaf: its place, and its id."""
        if row.position != position:
            self._find(report.LEAVES, position, "position-differs")
        if row.event_id != event_id:
            self._find(report.LEAVES, position, "event-id-differs")

    def _sealed(self, position: int, row: StoredEntry, leaf: Leaf) -> None:
        try:
            sealed_under(leaf, row.record)
        except NotOpened:
            self._find(report.LEAVES, position, "sealed-bytes-differ")

    def _time(self, position: int, recorded_ms: int) -> None:
        if self._last_ms is not None and recorded_ms < self._last_ms:
            self._find(report.TIMES, position, "recorded-goes-back")
        self._last_ms = recorded_ms
        wanted = position in self._sizes or position + 1 in self._sizes
        if wanted or position in {self._found.start, self._found.end - 1}:
            self._found.recorded[position] = recorded_ms

    def _number(self, position: int, leaf: Leaf) -> None:
        if leaf.sequence:  # the hub's own have none: their positions show that none is missing
            self._found.numbers[leaf.source].add(leaf.sequence, position)

    def _full_tile(self, number: int) -> None:
        self._hold(0, number, self._tile)
        self._roots.append(perfect(self._tile))
        self._tile = []
        if len(self._roots) == WIDTH:
            self._hold(1, number // WIDTH, self._roots)

    def _edge_tiles(self) -> None:
        """Hold what is not full at the end of the ledger against the tiles that are served."""
        end = self._found.end
        if not self._evidence.partial_tiles or end != self._evidence.size:
            return
        if self._tile:
            self._hold(0, end // WIDTH, self._tile)
        if self._roots and len(self._roots) < WIDTH:
            self._hold(1, end // STRETCH, self._roots)

    def _hold(self, level: int, number: int, hashes: list[bytes]) -> None:
        self._found.tiles += 1
        held = self._evidence.tile(level, number, len(hashes))
        if held is None:
            self._find(report.TILES, _first(level, number), "tile-missing")
        elif held != b"".join(hashes):
            self._find(report.TILES, _differing(level, number, held, hashes), "tile-differs")

    def _find(self, step: int, position: int, code: str) -> None:
        if len(self._found.findings) < FINDINGS_MAX:
            self._found.findings.append(Finding(step, self._evidence.ledger, position, code))


def _first(level: int, number: int) -> int:
    """Give the first position below a tile."""
    return int(number * WIDTH ** (level + 1))


def _differing(level: int, number: int, held: bytes, hashes: list[bytes]) -> int:
    """Give the first position below the first hash in which a tile differs."""
    for at, one in enumerate(hashes):
        if held[at * 32 : at * 32 + 32] != one:
            return _first(level, number) + int(at * WIDTH**level)
    return _first(level, number)
