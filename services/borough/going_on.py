"""Going on after a borough's store was lost: behind the highest number that the hub has of it.

An older copy of the store, or a new one, would give out numbers that were given out, and seal under
sessions whose parts it has not counted. The hub knows which numbers it was told, and nothing else
of what the lost store knew: who has which pseudonym, and what stands, is not in any answer of its.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from domain.canonical import strict_json
from domain.errors import Unavailable
from services.borough.problems import answered
from services.client_ports import SessionTable
from services.hub_door import HubDoor


class NumberTable(Protocol):
    """The count of one source, which no two stores may go on with."""

    def next(self) -> int:
        """Give the number that would be taken next."""
        ...

    def begin_anew(self, after: int) -> None:
        """Count on behind a number, as another store: the one that is lost is refused from now."""
        ...


class CountingStore(Protocol):
    """As much of a borough's store as its count needs."""

    @property
    def numbers(self) -> NumberTable:
        """Give the count."""
        ...

    @property
    def sessions(self) -> SessionTable:
        """Give the sealing sessions."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the store; commits at the end, rolls back when an exception leaves."""
        ...


@dataclass(frozen=True, slots=True)
class WentOn:
    """How a store goes on, and which numbers the hub has that it knows nothing of."""

    next: int
    first_unknown: int
    last_unknown: int

    @property
    def unknown(self) -> int:
        """Count the numbers that were used by the store that is lost."""
        return max(0, self.last_unknown - self.first_unknown + 1)


def go_on(store: CountingStore, door: HubDoor, source: str) -> WentOn:
    """Ask the hub, and count on behind the highest number of either.

    Raises NotAuthorised, NotFound for a hub without such a door, Unavailable; nothing is changed
    then.
    """
    highest = _highest(answered(door.get("/v1/numbers"), "numbers of a source"), source)
    with store.transaction():
        known = store.numbers.next()
        after = max(known - 1, highest)
        store.sessions.close_all()
        store.numbers.begin_anew(after)
    return WentOn(after + 1, known, highest)


def _highest(body: bytes, source: str) -> int:
    try:
        told = strict_json(body)
    except ValueError:
        told = None
    if not isinstance(told, Mapping) or told.get("source") != source:
        raise Unavailable("the hub (it told of another source, or nothing that can be read)")
    highest = told.get("highest")
    if not isinstance(highest, int) or isinstance(highest, bool) or highest < 0:
        raise Unavailable("the hub (it told no number)")
    return highest
