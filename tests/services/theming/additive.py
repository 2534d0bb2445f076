"""Views that hold how many events there were, cell by cell and month by month, and add them up.

Enough where every event is of another child and episode, and no event has two of the cells asked
for together: thousands of events cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from projections.projection import Way
from services.periods import Kind, Window, label, month_of, window_with
from services.views import Counted, Counts, Question, ToldRow

Told = tuple[str, str, int]
"""Ledger, cell, month."""


@dataclass
class AdditiveViews:
    """What `services.theming` asks of a store."""

    numbers: Counter[Told] = field(default_factory=Counter)

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Add up; nothing looks back at earlier events."""
        rows = [] if way else sorted(self._rows(question))
        return Counts(tuple(rows), dict.fromkeys(question.ledgers, 0))

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give nothing: nobody reports or explains."""
        return []

    def _rows(self, question: Question) -> Iterator[Counted]:
        assert question.period != "whole"
        kind: Kind = question.period
        last = month_of(question.occurred_to) if question.occurred_to else self._last()
        for ledger in question.ledgers:
            for group, cells in question.groups.items():
                found: Counter[Window] = Counter()
                for (who, cell, month), number in self.numbers.items():
                    if who == ledger and cell in cells and month <= last:
                        ends = range(month, min(month + 12, last + 1))
                        for end in ends if kind == "rolling-12" else (month,):
                            found[window_with(kind, end)] += number
                for window, number in found.items():
                    if number:
                        named = label(kind, window)
                        yield Counted(ledger, group, named, number, number, number)

    def _last(self) -> int:
        return max((month for _, _, month in self.numbers), default=0)
