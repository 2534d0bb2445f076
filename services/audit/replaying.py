"""Folding the ledgers again, exactly as far as they had come at a moment.

It is the runner of the live views with the same folds, over ledgers cut off at that moment: nothing
recorded later can be seen, in the registered reference data as little as in the figures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import NotFound, Unavailable
from domain.reference.participants import PARTNERSHIP
from services.folding import FoldingRules
from services.ports import Head, StoredEntry
from services.projecting import Log, Projector
from services.views import ViewStore

STEP = 2_000
"""Entries between two signs of life."""

Progress = Callable[[str, int, int], None]
"""Is told a ledger, how many of its entries are done, and how many there are to do."""


class DatedLog(Log, Protocol):
    """A ledger that knows when it had how many entries."""

    def size_as_of(self, recorded_ms: int) -> int:
        """Give how many entries were recorded at or before a time: always a prefix."""
        ...


@dataclass(frozen=True, slots=True)
class Moment:
    """What is replayed: how many entries of each ledger, and the instant that this was so."""

    recorded_ms: int
    sizes: Mapping[str, int]
    known: int | None = None
    """How many of the partnership's entries say what is registered; those replayed, if not said."""

    def registering(self) -> int:
        """Give how many of the partnership's entries say what is registered."""
        return self.sizes.get(PARTNERSHIP, 0) if self.known is None else self.known

    def now_ms(self) -> int:
        """Be a clock that stands still: what was in force then is in force."""
        return self.recorded_ms


class Prefix:
    """The first entries of a ledger: what it was when it had so many (a `Log`)."""

    def __init__(self, log: Log, size: int) -> None:
        """Cut a ledger off."""
        self._log = log
        self._size = size

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give up to `limit` entries from position `start` on, none beyond the end."""
        wanted = min(limit, self._size - start)
        return self._log.read(start, wanted) if wanted > 0 else []

    def head(self) -> Head:
        """Give the end: the size alone is of that moment."""
        head = self._log.head()
        return Head(self._size, head.recorded_ms, head.fences)


def moment_of(
    ledgers: Mapping[str, DatedLog], recorded_ms: int, given: Mapping[str, int]
) -> Moment:
    """Resolve a recorded time to positions, once; `given` positions count in place of those.

    Raises NotFound for a ledger that is not there, Unavailable for one that is not so long.
    """
    if not given.keys() <= ledgers.keys():
        raise NotFound("ledger")
    sizes = {}
    for name, ledger in ledgers.items():
        sizes[name] = given[name] if name in given else ledger.size_as_of(recorded_ms)
        if sizes[name] > ledger.head().size:
            raise Unavailable(f"so long a ledger {name}")
    return Moment(recorded_ms, sizes)


def at(ledgers: Mapping[str, Log], moment: Moment) -> dict[str, Prefix]:
    """Give the ledgers as they were at a moment."""
    return {name: Prefix(ledgers[name], size) for name, size in moment.sizes.items()}


def replay(
    ledgers: Mapping[str, Prefix], store: ViewStore, rules: FoldingRules, tell: Progress
) -> None:
    """Fold every entry of these ledgers into an empty store of views.

    Raises Unavailable when a ledger cannot be read.
    """
    projector = Projector(ledgers, lambda: store, rules)
    for name, ledger in ledgers.items():
        size = ledger.head().size
        for done in range(0, size, STEP):
            projector.fold_to(name, min(done + STEP, size))
            tell(name, min(done + STEP, size), size)
