"""Going through a ledger's entries opened: they are judged, and folded where views are compared.

Whoever folds a ledger has to open all of it in order, and opening is most of the work; so what was
opened to be judged is folded as well, batch by batch, by the runner of the live views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from domain.errors import HubError, NotOpened
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from services.audit.replaying import Prefix, Progress
from services.audit.verifying import report
from services.audit.verifying.contents import Contents
from services.audit.verifying.judging import Gap
from services.audit.verifying.report import Checked, Finding
from services.folding import FoldingRules
from services.opening import Opening, Ringed
from services.ports import Head, StoredEntry
from services.projecting import BATCH, Log, Projector
from services.views import ViewStore


@dataclass(frozen=True, slots=True)
class Looked:
    """What one ledger's entries came to: little, however long it is."""

    checked: tuple[Checked, ...]
    findings: tuple[Finding, ...] = ()
    filled: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Numbers that refusals say were theirs, by source."""
    not_folded: str = ""
    """Why views could not be folded on, where they could not."""


class ReadOnce:
    """A ledger (a `Log`, and it `Opens`) whose last batch is kept for who asks for it again."""

    def __init__(self, log: Log, opening: Opening) -> None:
        """Keep nothing yet."""
        self._log = log
        self._opening = opening
        self._read: Sequence[StoredEntry] = ()
        self._opened: dict[int, tuple[StoredEntry, Ringed | NotOpened]] = {}

    def head(self) -> Head:
        """Give the end of the ledger."""
        return self._log.head()

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give up to `limit` entries from position `start` on; what comes next is kept."""
        first = self._read[0].position if self._read else 0
        if first <= start < first + len(self._read):
            return self._read[start - first : start - first + limit]
        found = self._log.read(start, limit)
        if start >= first + len(self._read):
            self._read = found
        return found

    def ringed(self, entries: Sequence[StoredEntry]) -> list[Ringed | NotOpened]:
        """Open entries of the batch, and keep what they open to."""
        found = self._opening.ringed(entries)
        self._opened = {one.position: (one, f) for one, f in zip(entries, found, strict=True)}
        return found

    def event(self, entry: StoredEntry) -> OpenedEvent:
        """Open one entry; raises one of the NotOpened family."""
        return self._opening.event(entry)

    def events(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        """Give what entries open to: those of the batch as they were opened, others anew."""
        kept = [self._opened.get(one.position) for one in entries]
        found: list[OpenedEvent | NotOpened] = []
        for entry, one in zip(entries, kept, strict=True):
            if one is None or one[0] is not entry:
                return self._opening.events(entries)
            found.append(one[1] if isinstance(one[1], NotOpened) else one[1][0])
        return found


class Folding:
    """The views of one ledger, folded along with a reading of it."""

    def __init__(
        self, log: Log, upto: tuple[str, int], views: ViewStore, rules: FoldingRules
    ) -> None:
        """Fold the first entries of a ledger, so many, and none beyond."""
        self._ledger, self._size = upto
        self._projector = Projector({self._ledger: Prefix(log, self._size)}, lambda: views, rules)
        self.fault = ""

    def fold_to(self, size: int) -> None:
        """Fold on up to a size; notes why that cannot be done, and then folds no more."""
        if not self.fault:
            try:
                self._projector.fold_to(self._ledger, min(size, self._size))
            except HubError as fault:
                self.fault = type(fault).__name__

    def end(self) -> None:
        """Fold what is to be folded and was not."""
        self.fold_to(self._size)


def looked_through(
    contents: Contents, size: int, tell: Progress, folding: Folding | None = None
) -> Looked:
    """Judge the first entries of a ledger, so many, opened; and fold them."""
    read, at = contents.means.log.read, 0
    while rows := read(at, min(BATCH, size - at)) if at < size else []:
        contents.take([row for row in rows if is_event(row.record)])
        at += len(rows)
        if folding is not None:
            folding.fold_to(at)
        tell(f"{contents.ledger}, opened", at, size)
    if folding is not None:
        folding.end()
    filled = {source: frozenset(numbers) for source, numbers in contents.filled.items()}
    fault = "" if folding is None else folding.fault
    return Looked(tuple(contents.checked()), tuple(contents.found()), filled, fault)


def unexplained(
    ledger: str, gaps: Mapping[str, Sequence[Gap]], filled: Mapping[str, frozenset[int]]
) -> list[Finding]:
    """Find the gaps in sources' numbers that no refusal fills."""
    return [
        Finding(report.GAPS, ledger, gap.position, "gap-unexplained")
        for source, mine in gaps.items()
        for gap in mine
        if not all(
            number in filled.get(source, frozenset()) for number in range(gap.first, gap.last + 1)
        )
    ]
