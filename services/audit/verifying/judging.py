"""Putting stretches together, in order, and holding the whole against checkpoints and witnesses.

The root at every size that anybody signed is worked out from the leaves themselves, so consistency
needs no proof from anybody: two signed sizes are consistent when both roots are those of prefixes
of these very entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median_high, median_low

from domain.checkpoint import read_checkpoint
from domain.errors import NotProven
from domain.signed_note import read_note
from services.audit.verifying import report
from services.audit.verifying.evidence import Evidence
from services.audit.verifying.peaks import Peaks, root_of
from services.audit.verifying.report import Checked, Finding
from services.audit.verifying.scanning import STRETCH, Noted, Stretch
from services.audit.verifying.upper_tiles import UpperTiles

SKEW_MS = 5 * 60 * 1000
"""How far a witness's clock may be from the hub's: as far as appending lets it be."""
_STRETCH_HEIGHT = 16


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint whose text was read and whose signatures were looked at.

    `cosigned` has each witness's times in ms, ascending. `faults` are codes of what is wrong.
    """

    size: int
    root: bytes
    cosigned: dict[str, tuple[int, ...]] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    quorum: bool = False
    until_ms: int | None = None
    """Until when who signed it signed for the log, where all of them were replaced for good."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of a source that no entry carries, and where the next one after them stands."""

    first: int
    last: int
    position: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a witness says it saw last; None where it could not be asked."""

    witness: str
    signed: Seen | None


class Whole:
    """One ledger, put together from its stretches."""

    def __init__(self, evidence: Evidence) -> None:
        """Begin before the first stretch."""
        self._evidence = evidence
        self._ledger = evidence.ledger
        self._peaks = Peaks()
        self._upper = UpperTiles(evidence)
        self._roots: dict[int, bytes] = {0: root_of(())}
        self._recorded: dict[int, int] = {}
        self._numbers: dict[str, list[tuple[int, int, int]]] = {}
        self._tiles = 0
        self._last_ms: int | None = None
        self.noted: list[Noted] = []
        self.findings: list[Finding] = []
        self.size = 0

    def add(self, stretch: Stretch) -> None:
        """Add the next stretch; raises ValueError for any other."""
        if stretch.start != self.size:
            raise ValueError("stretches come in order")
        for size, further in stretch.at_sizes.items():
            self._roots[size] = self._peaks.root(further)
        self._grow(stretch)
        self._follow_on(stretch)
        self._recorded |= stretch.recorded
        for source, numbers in stretch.numbers.items():
            self._numbers.setdefault(source, []).extend(numbers.runs)
        self.noted += stretch.noted
        self.findings += stretch.findings
        self._tiles += stretch.tiles

    def _grow(self, stretch: Stretch) -> None:
        if stretch.end - stretch.start == STRETCH:
            (root,) = stretch.peaks
            self._peaks.push(root, _STRETCH_HEIGHT)
            self.findings += self._upper.push(root)
        else:
            self._roots[stretch.end] = self._peaks.root(stretch.peaks)
        self.size = stretch.end
        self._roots.setdefault(self.size, self._peaks.root())
        if self.size == self._evidence.size:
            self.findings += self._upper.end()

    def _follow_on(self, stretch: Stretch) -> None:
        if stretch.start == stretch.end:
            return
        first = stretch.recorded.get(stretch.start)
        if self._last_ms is not None and first is not None and first < self._last_ms:
            self._find(report.TIMES, stretch.start, "recorded-goes-back")
        self._last_ms = stretch.recorded.get(stretch.end - 1, self._last_ms)

    def root_at(self, size: int) -> bytes | None:
        """Give the root at a size that was asked for; None beyond the end."""
        return self._roots.get(size)

    def gaps(self) -> dict[str, list[Gap]]:
        """Give the numbers that no entry carries, of each source: from 1 to its greatest."""
        found = {source: list(_gaps(runs)) for source, runs in self._numbers.items()}
        return {source: gaps for source, gaps in found.items() if gaps}

    def carried_twice(self) -> int:
        """Count the stretches of numbers that begin with one that another entry carries."""
        return sum(_overlaps(runs) for runs in self._numbers.values())

    def sources(self) -> list[str]:
        """Give every source whose entries carry numbers."""
        return sorted(self._numbers)

    def checked(self) -> Iterator[Checked]:
        """Say how much was looked at in the steps that need the entries alone."""
        yield Checked(report.LEAVES, self._ledger, self.size)
        yield Checked(report.TILES, self._ledger, self._tiles + self._upper.looked_at)

    def judge(self, signed: Sequence[Seen], unsigned: str = "") -> Iterator[Checked]:
        """Hold the ledger against every kept checkpoint, ascending in size.

        `unsigned` says why no signature was looked at, where none was.
        """
        if not signed:
            # Of an empty ledger there is nothing to be signed.
            why = "no checkpoint was made yet" if self.size else ""
            for step in (report.ROOT, report.SIGNATURES, report.QUORUM, report.KEPT, report.TIMES):
                yield Checked(step, self._ledger, 0, why)
            return
        self._same_root(report.ROOT, signed[-1])
        for one in signed[:-1]:
            self._same_root(report.KEPT, one)
        for one in signed:
            self._report(report.SIGNATURES, one.size, one.faults)
            # A note has no time of its own that a thief of the key could not choose; what it covers
            # has one.
            if one.until_ms is not None and self._recorded.get(one.size - 1, 0) > one.until_ms:
                self._find(report.SIGNATURES, one.size - 1, "signed-by-a-finished-key-alone")
        yield Checked(report.ROOT, self._ledger, 1)
        yield Checked(report.KEPT, self._ledger, len(signed) - 1)
        yield Checked(report.SIGNATURES, self._ledger, len(signed), unsigned)
        yield from self._quorum(signed)

    def _quorum(self, signed: Sequence[Seen]) -> Iterator[Checked]:
        reached = [one for one in signed if one.quorum and one.cosigned]
        if not any(one.cosigned for one in signed):
            why = "unwitnessed: no policy, or no witness has cosigned"
            yield Checked(report.QUORUM, self._ledger, 0, why)
            yield Checked(report.TIMES, self._ledger, 0, why)
            return
        if not reached:
            self._find(report.QUORUM, signed[-1].size - 1, "quorum-missing")
        yield Checked(report.QUORUM, self._ledger, len(signed))
        newest = max((one.size for one in reached), default=signed[-1].size)
        if newest < signed[-1].size:
            why = f"not checked beyond size {newest}: no checkpoint since has a quorum"
            yield Checked(report.QUORUM, self._ledger, 0, why)
        for one in reached:
            self._between(one)
        yield Checked(report.TIMES, self._ledger, len(reached))

    def _same_root(self, step: int, one: Seen) -> None:
        if one.size > self.size:
            self._find(step, self.size, "shorter-than-signed")
        elif self.root_at(one.size) != one.root:
            self._find(step, one.size - 1, "root-differs")

    def _between(self, one: Seen) -> None:
        """Hold the last entry that a checkpoint covers and the first that it does not to its time.

        What it covers existed by the time that the middle witness first saw it; what it does not
        cover came after the time that the middle witness last saw no more.
        """
        first_seen = median_high([times[0] for times in one.cosigned.values()])
        last_seen = median_low([times[-1] for times in one.cosigned.values()])
        covered, next_one = self._recorded.get(one.size - 1), self._recorded.get(one.size)
        if covered is not None and covered > first_seen + SKEW_MS:
            self._find(report.TIMES, one.size - 1, "recorded-after-it-was-seen")
        if next_one is not None and next_one < last_seen - SKEW_MS:
            self._find(report.TIMES, one.size, "recorded-before-it-can-have-come")

    def entries_noted(self, kept: Iterable[Seen]) -> None:
        """Hold the checkpoints that stand as entries against those that are kept."""
        known = {one.size: one.root for one in kept}
        for noted in self.noted:
            if noted.size > noted.position:
                self._find(report.KEPT, noted.position, "checkpoint-entry-of-the-future")
            elif noted.size not in known:
                self._find(report.KEPT, noted.position, "checkpoint-entry-not-kept")
            elif (noted.size, known[noted.size]) != _said(noted):
                self._find(report.KEPT, noted.position, "checkpoint-entry-differs")

    def witnessed(self, claims: Sequence[Claim]) -> Iterator[Checked]:
        """Hold the ledger against what each witness says it saw last."""
        if not claims:
            why = "no witness is named" if self.size else ""
            yield Checked(report.WITNESSES, self._ledger, 0, why)
        for claim in claims:
            one = claim.signed
            if one is None:
                # Of an empty ledger there is nothing that a witness could have seen.
                why = f"{claim.witness} did not answer, or saw nothing of it" if self.size else ""
                yield Checked(report.WITNESSES, self._ledger, 0, why)
                continue
            self._report(report.WITNESSES, one.size, one.faults)
            if not one.faults and claim.witness not in one.cosigned:
                # Whoever else signed it: a note that it did not cosign is not what it saw.
                self._find(report.WITNESSES, one.size - 1, "not-cosigned-by-that-witness")
            if one.size > self.size:
                self._find(report.WITNESSES, self.size, "witness-saw-more")
            elif self.root_at(one.size) != one.root:
                self._find(report.WITNESSES, one.size - 1, "witness-saw-another-tree")
            yield Checked(report.WITNESSES, self._ledger, 1)

    def _report(self, step: int, size: int, codes: Iterable[str]) -> None:
        for code in codes:
            self._find(step, size - 1, code)

    def _find(self, step: int, position: int, code: str) -> None:
        self.findings.append(Finding(step, self._ledger, position, code))


def _said(noted: Noted) -> tuple[int, bytes] | None:
    """Give size and root that a logged checkpoint states; None where it cannot be read."""
    try:
        stated = read_checkpoint(read_note(noted.note).text)
    except NotProven:
        return None
    return stated.size, stated.root


def _gaps(runs: Sequence[tuple[int, int, int]]) -> Iterator[Gap]:
    expected = 1
    for first, last, position in sorted(runs):
        if first > expected:
            yield Gap(expected, first - 1, position)
        expected = max(expected, last + 1)


def _overlaps(runs: Sequence[tuple[int, int, int]]) -> int:
    found, reached = 0, 0
    for first, last, _ in sorted(runs):
        found += first <= reached
        reached = max(reached, last)
    return found
