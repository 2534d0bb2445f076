"""The numbers that sources' entries carry, met one after another: which of them was met before.

A source counts its events, so a number that two of them carry was given out by two stores: an older
copy of the source's store was put back, and what it had told since may have been told again.
"""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field

from domain.record import Leaf


@dataclass(slots=True)
class _Ranges:
    """Numbers as ranges that do not touch: the first of each, and the last beside it."""

    firsts: list[int] = field(default_factory=list)
    lasts: list[int] = field(default_factory=list)

    def add(self, number: int) -> bool:
        """Add a number; says whether it was there."""
        at = bisect.bisect_right(self.firsts, number)
        if at and number <= self.lasts[at - 1]:
            return True
        before = bool(at) and self.lasts[at - 1] + 1 == number
        behind = at < len(self.firsts) and self.firsts[at] == number + 1
        if before and behind:
            self.lasts[at - 1] = self.lasts[at]
            del self.firsts[at], self.lasts[at]
        elif before:
            self.lasts[at - 1] = number
        elif behind:
            self.firsts[at] = number
        else:
            self.firsts.insert(at, number)
            self.lasts.insert(at, number)
        return False


@dataclass(slots=True)
class NumbersCarried:
    """Of every source of one ledger. It grows by gaps alone."""

    _met: dict[str, _Ranges] = field(default_factory=dict)

    def carried_before(self, leaf: Leaf) -> bool:
        """Take the next leaf; says whether its number was met. What is not numbered carries 0."""
        if not leaf.sequence:
            return False
        return self._met.setdefault(leaf.source, _Ranges()).add(leaf.sequence)
