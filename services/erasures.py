"""How many erasures were carried out after the positions that an answer was made from.

What was erased is in no figure at all, also as of dates at which it was: an answer that is given
again may differ from what it was, and says by how many erasures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from projections.erasures import ERASURES
from services.leaves import is_the_hubs
from services.opening import Opens
from services.projecting import Log
from services.views import ViewReader

_AT_ONCE = 500


Erasures = Callable[[Mapping[str, int]], set[str]]
"""Names the erasures that were carried out at or after these positions."""


def in_views(store: ViewReader, positions: Mapping[str, int]) -> set[str]:
    """Name the erasures of some ledgers that views have folded, from these positions on."""
    told = store.told(ERASURES.name, sorted(positions))
    return {row.key for row in told if row.position >= positions[row.ledger]}


class InLedgers:
    """Looks for erasures in what ledgers hold beyond the positions, where views go no further.

    An entry that nothing opens here says nothing.
    """

    def __init__(self, ledgers: Mapping[str, Log], openings: Mapping[str, Opens]) -> None:
        """Look into these; one that nothing opens is left out."""
        self._ledgers = ledgers
        self._openings = openings

    def __call__(self, positions: Mapping[str, int]) -> set[str]:
        """Name the erasures that were carried out at or after these positions."""
        return {
            told.key
            for name, position in positions.items()
            if name in self._openings and self._ledgers[name].head().fences
            for event in self._the_hubs(name, position)
            if (told := ERASURES.tell(event)) is not None
        }

    def _the_hubs(self, name: str, start: int) -> Iterator[OpenedEvent]:
        while entries := self._ledgers[name].read(start, _AT_ONCE):
            start += len(entries)
            hubs = [one for one in entries if is_event(one.record) and is_the_hubs(one)]
            for event in self._openings[name].events(hubs):
                if isinstance(event, OpenedEvent):
                    yield event
