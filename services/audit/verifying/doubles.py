"""Whether an event stands twice in a ledger, however far apart, and whatever its database allows.

An id is one event's for ever: it is what makes a resent event the same, and what a receipt, a
correction or an erasure names. A ledger's own file has a constraint; a served hub and an exported
folder have none, and who may write the file can take it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from services.audit.verifying import report
from services.audit.verifying.report import Finding
from services.audit.verifying.scanning import ID, NO_ID, Stretch

Placed = tuple[bytes, int]
"""An entry's id, and its position."""


class Ids(Protocol):
    """Holds the ids of a ledger of any length in no more memory than those of a short one."""

    def add(self, placed: Iterable[Placed]) -> None:
        """Take in some; positions ascend."""
        ...

    def doubled(self, most: int) -> Iterator[int]:
        """Give the positions whose id stands at an earlier one too, ascending, at most so many."""
        ...


def ids_of(stretch: Stretch) -> Iterator[Placed]:
    """Give the ids of a stretch; what could not be read has none."""
    for at in range(stretch.end - stretch.start):
        found = bytes(stretch.ids[at * ID : at * ID + ID])
        if found != NO_ID:
            yield found, stretch.start + at


def doubled(ledger: str, ids: Ids, most: int) -> Iterator[Finding]:
    """Find every entry whose id an earlier one has."""
    for position in ids.doubled(most):
        yield Finding(report.LEAVES, ledger, position, "event-id-doubled")
