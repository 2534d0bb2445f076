"""What the store of views in memory keeps of one ledger, and what of it stands."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from services.folded import FoldedEvent, Interval, ParkedEntry
from tests.fakes_views_between import stands_as_of


@dataclass(slots=True)
class StoredLedger:
    """All that is stored of one ledger."""

    position: int = 0
    events: dict[uuid.UUID, FoldedEvent] = field(default_factory=dict)
    intervals: list[Interval] = field(default_factory=list)
    states: dict[tuple[str, str], bytes] = field(default_factory=dict)
    parked: list[ParkedEntry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    destroyed: set[bytes] = field(default_factory=set)
    again_to: int = 0
    days: dict[date, int] = field(default_factory=dict)

    def seen(self, size: int) -> list[FoldedEvent]:
        """Give the events that stand as of a position, in order, without whom views leave out."""
        hidden = self.restricted(size)
        return [
            folded._replace(
                contributions=tuple(
                    one for one in folded.contributions if one.subject not in hidden
                ),
                tokens={who: given for who, given in folded.tokens.items() if who not in hidden},
            )
            for folded in self._stands(size)
        ]

    def restricted(self, size: int) -> frozenset[str]:
        """Give whom the views leave out as of a position."""
        today = max((day for day, at in self.days.items() if at < size), default=date.min)
        said = [(one.link, one.restriction) for one in self._stands(size)]
        lifted = {
            self.events[restriction.lifts].link.root
            for _, restriction in said
            if restriction and restriction.lifts in self.events
        }
        return frozenset(
            subject
            for link, restriction in said
            if restriction and link.root not in lifted
            if restriction.until is None or restriction.until >= today
            for subject in restriction.subjects
        )

    def _stands(self, size: int) -> list[FoldedEvent]:
        standing = {one.position for one in self.intervals if stands_as_of(one, size)}
        found = [folded for folded in self.events.values() if folded.link.position in standing]
        return sorted(found, key=lambda folded: folded.link.position)

    def with_past(self, size: int) -> list[list[str]]:
        """Give what says itself since when it held, as of a position, to be digested."""
        events = [one for one in self.events.values() if one.link.position < size]
        intervals = [one for one in self.intervals if one.since < size]
        ended = [one.until is not None and one.until < size for one in intervals]
        return [
            sorted(repr((one.link.position, one.link.day, *one[1:])) for one in events),
            sorted(
                repr(one if over else one._replace(until=None))
                for one, over in zip(intervals, ended, strict=True)
            ),
            sorted(repr(one) for one in self.days.items() if one[1] < size),
        ]

    def as_it_is(self) -> list[list[str]]:
        """Give what is as of the last position alone, to be digested."""
        return [
            sorted(repr(one.link) for one in self.events.values()),
            sorted(map(repr, self.states.items())),
            sorted(map(repr, self.parked)),
            sorted(map(repr, self.left_out.items())),
            sorted(map(repr, self.destroyed)),
        ]
