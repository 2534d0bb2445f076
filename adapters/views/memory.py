"""What was counted before, kept for as long as no row that it was counted from has changed.

A figure reads the rows of some months. `touched` has the position as of which a month's rows last
changed; the latest of those is the figure's *version*. Rows only ever change with a batch, and a
batch marks every month that it changes: so a figure of the same version is the same figure, as of
any position from that one on. An erasure changes rows of any month at the positions that they
always had: so nothing is remembered across one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from adapters.views.asking import AskedLedger
from adapters.views.forgetting import forgotten
from adapters.views.periods import Span
from adapters.views.tables import Tables
from projections.projection import Way
from services.views import Cut

MOST_FIGURES = 50_000
"""A few hundred bytes each; beyond so many, what was not asked for longest is forgotten."""

Figure: TypeAlias = tuple[tuple[str, int, int, int], ...]
"""Value cut by, events, episodes, children; in order of value."""
Asked: TypeAlias = tuple[int, tuple[int, ...], frozenset[str], Way | None, Cut | None]
"""A ledger's number, whom it leaves out, a set of cells, the way of counting and the cut."""


@dataclass(slots=True)
class Touched:
    """As of which position each month of one ledger last changed."""

    position: int
    months: dict[int, int]
    _found: dict[tuple[int, int], int] = field(default_factory=dict)

    def version(self, first: int, last: int) -> int:
        """Give the version of what reads these months, both included."""
        if (first, last) not in self._found:
            inside = (at for month, at in self.months.items() if first <= month <= last)
            self._found[first, last] = max(inside, default=0)
        return self._found[first, last]


class CountMemory:
    """Figures of one file of views; for one thread at a time."""

    def __init__(self, most: int = MOST_FIGURES) -> None:
        """Begin with nothing remembered; keep `most` figures."""
        self._most = most
        self._kept = 0
        self._figures: OrderedDict[Asked, dict[tuple[int, Span], tuple[int, Figure]]] = (
            OrderedDict()
        )
        self._touched: dict[int, Touched] = {}
        self._forgotten = 0
        self._unstored: dict[tuple[Asked, int, Span], tuple[int, Figure]] = {}

    def touched(self, tables: Tables, ledger: AskedLedger) -> Touched:
        """Give what is touched in a ledger as the running transaction sees it."""
        self._forget(forgotten(tables))
        known = self._touched.get(ledger.number)
        if known is None or known.position != ledger.folded:
            rows = tables.execute(
                "SELECT month, position FROM touched WHERE ledger = ?", [ledger.number]
            )
            known = self._touched[ledger.number] = Touched(ledger.folded, dict(rows.fetchall()))
        return known

    def knows(self, asked: Asked) -> bool:
        """Say whether anything is remembered of a question, be it that nothing was stored."""
        return asked in self._figures

    def recall(self, asked: Asked, stored: Mapping[tuple[int, Span], tuple[int, Figure]]) -> None:
        """Remember what was stored of a question."""
        self._figures[asked] = dict(stored)
        self._kept += len(stored)
        self._bound()

    def find(self, asked: Asked, reads: int, span: Span, version: int) -> Figure | None:
        """Give a figure of this version, if it was kept; `reads` is the first month it reads."""
        kept = self._figures.get(asked)
        found = None if kept is None else kept.get((reads, span))
        return found[1] if found is not None and found[0] == version else None

    def keep(self, asked: Asked, reads: int, span: Span, found: tuple[int, Figure]) -> None:
        """Keep a figure with its version, and forget the oldest questions when there are many."""
        kept = self._figures.setdefault(asked, {})
        if asked[-1] is None:  # what is cut shows what is said of children, and is stored nowhere
            self._unstored[asked, reads, span] = found
        self._figures.move_to_end(asked)
        self._kept += (reads, span) not in kept
        kept[reads, span] = found
        self._bound()

    @property
    def unstored(self) -> int:
        """Say how many figures were kept and not stored."""
        return len(self._unstored)

    def take_unstored(self) -> tuple[int, Mapping[tuple[Asked, int, Span], tuple[int, Figure]]]:
        """Give those, once, and how often something had been forgotten when they were counted."""
        taken, self._unstored = self._unstored, {}
        return self._forgotten, taken

    def _bound(self) -> None:
        while self._kept > self._most:
            _, oldest = self._figures.popitem(last=False)
            self._kept -= len(oldest)

    def _forget(self, times: int) -> None:
        if times != self._forgotten:
            self._forgotten = times
            self._figures.clear()
            self._touched.clear()
            self._unstored.clear()
            self._kept = 0
