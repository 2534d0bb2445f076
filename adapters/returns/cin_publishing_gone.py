"""What stood after the last load and is no longer in the return: counted, never deleted.

A return holds what happened in its year, and the cases, plans and assessments that were still open
when the year began. So a fact of the year itself that is gone is *due*, and so is one of before
that was begun and never ended. All else was over, and is gone as one expects.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final

from adapters.returns.reports import GoneEpisode
from domain.values import london_day
from services.borough.reconciling import Gone, Held

_BEGINNINGS: Final = frozenset(
    {
        "referral-received",
        "unborn-referral-received",
        "assessment-started",
        "cin-plan-started",
        "protection-plan-started",
    }
)
_ENDS: Final = frozenset(
    {"case-closed", "assessment-completed", "cin-plan-ended", "protection-plan-ended"}
)
_NEED_NO_END: Final = "turned-away"
"""The streams of referrals from which nothing followed."""


@dataclass(frozen=True, slots=True)
class CensusYear:
    """The year to 31 March that a return is of."""

    year: int

    def holds(self, held: Held) -> bool:
        """Say whether a fact happened in this year, so that the return has to hold it.

        A fact of before the year may still be asked for, as part of an open case; that is not known
        of one fact alone, so it is never taken for one whose key has changed.
        """
        first, last = date(self.year - 1, 4, 1), date(self.year, 3, 31)
        return first <= london_day(held.time) <= last

    def is_before(self, held: Held) -> bool:
        """Say whether a fact happened before this year."""
        return london_day(held.time) < date(self.year - 1, 4, 1)


class GoneFacts:
    """Takes what is gone, fact by fact in any order; ask when all was told."""

    def __init__(self, year: CensusYear, *, keep: bool) -> None:
        """With `keep`, children and days are kept to be shown, else they are only counted."""
        self.due: Counter[str] = Counter()
        self.past: Counter[str] = Counter()
        self._year = year
        self._keep = keep
        self._kept: list[GoneEpisode] = []
        self._begun: dict[tuple[str, ...], Gone] = {}
        self._ended: set[tuple[str, ...]] = set()
        self._children: dict[str, bool] = {}

    def __call__(self, gone: Gone) -> None:
        """Take one fact."""
        held = gone.held
        if gone.person_gone:
            self._children.setdefault(held.person, False)
        if gone.in_period:
            self._is_due(gone)
            return
        self.past[held.kind] += 1
        if not self._year.is_before(held):
            return
        if held.kind in _ENDS:
            self._ended.add(held.stream)
        elif held.kind in _BEGINNINGS and held.stream[0] != _NEED_NO_END:
            self._begun[held.stream] = gone

    def settle(self) -> None:
        """Count as due what was begun before the year, and never ended."""
        for stream, gone in self._begun.items():
            if stream not in self._ended:
                self.past[gone.held.kind] -= 1
                self._is_due(gone)
        self._begun.clear()

    def children(self) -> tuple[int, int]:
        """Count the children of whom nothing is in the return: those due, and the others."""
        due = sum(self._children.values())
        return due, len(self._children) - due

    def kept(self) -> tuple[GoneEpisode, ...]:
        """Give what is due and gone, by child."""
        return tuple(sorted(self._kept, key=lambda one: (one.child, one.day, one.kind)))

    def _is_due(self, gone: Gone) -> None:
        held = gone.held
        self.due[held.kind] += 1
        if gone.person_gone:
            self._children[held.person] = True
        if self._keep:
            day = london_day(held.time).isoformat()
            self._kept.append(GoneEpisode(held.kind, held.person, day))
