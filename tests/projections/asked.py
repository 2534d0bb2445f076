"""A store of views asked in few words, for tests of projections."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from projections.projection import Way
from services.views import Counted, Period, Question, ViewStore


@dataclass(frozen=True, slots=True)
class Asked:
    """A store of views to be asked in few words."""

    store: ViewStore

    def cells(self, ledger: str, *cells: str) -> Mapping[str, tuple[int, int, int]]:
        """Give events, episodes and children of these cells, each by itself; zeros left out."""
        return {
            row.group: _numbers(row) for row in self._count({one: {one} for one in cells}, ledger)
        }

    def together(self, ledger: str, *cells: str, way: Way | None = None) -> tuple[int, int, int]:
        """Give distinct events, episodes and children over all of these cells."""
        rows = self._count({"all": set(cells)}, ledger, way=way)
        return _numbers(rows[0]) if rows else (0, 0, 0)

    def periods(
        self, ledger: str, cell: str, period: Period, way: Way | None = None
    ) -> Mapping[str, int]:
        """Give the children of a cell by period."""
        rows = self._count({"all": {cell}}, ledger, period, way)
        return {row.period: row.children for row in rows}

    def _count(
        self,
        groups: Mapping[str, Collection[str]],
        ledger: str,
        period: Period = "whole",
        way: Way | None = None,
    ) -> Sequence[Counted]:
        question = Question(
            groups={name: frozenset(cells) for name, cells in groups.items()},
            period=period,
            ledgers=(ledger,),
        )
        return self.store.count(question, way).rows


def _numbers(row: Counted) -> tuple[int, int, int]:
    return row.events, row.episodes, row.children
