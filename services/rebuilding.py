"""Making the views again from position 0, beside the live ones, and putting them in their place.

It is the same runner over the same ledgers, so live and rebuilt may not differ; that they do not is
checked ledger by ledger, at the very position at which the live views were. What differs is named,
and the rebuilt views, which are made from the ledgers alone, are switched to all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.errors import HomeNotReady
from services.folding import FoldingRules
from services.projecting import Log, Projector
from services.views import LedgerDigest, ViewStore


class ViewGenerations(Protocol):
    """The live store of views, and others beside it that may take its place."""

    def live(self) -> ViewStore:
        """Give the store in use; raises HomeNotReady when other projections made it."""
        ...

    def begin(self) -> tuple[str, ViewStore]:
        """Make an empty store beside the live one; gives its name and itself."""
        ...

    def switch(self, name: str) -> None:
        """Put a store in the live one's place, at once for every reader; the others go."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """How one ledger's rebuilt views compare with the live ones.

    `differing` names cells, registers and the rest as `LedgerDigest.parts` does. `equal` is None
    when there was nothing to compare with: no live views, or other projections' ones.
    """

    ledger: str
    position: int
    equal: bool | None
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild made, and how it compares."""

    generation: str
    ledgers: tuple[Compared, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return all(one.equal is not False for one in self.ledgers)


def rebuild(
    ledgers: Mapping[str, Log], rules: FoldingRules, generations: ViewGenerations
) -> Report:
    """Rebuild all views and switch to them. Raises Unavailable when a ledger cannot be read."""
    try:
        live: ViewStore | None = generations.live()
    except HomeNotReady:
        live = None
    name, store = generations.begin()
    projector = Projector(ledgers, lambda: store, rules)
    compared = []
    for ledger, log in ledgers.items():
        before = None if live is None else live.digest(ledger)
        projector.fold_to(ledger, log.head().size if before is None else before.position)
        compared.append(_compare(before, store.digest(ledger)))
    for ledger, log in ledgers.items():  # what came meanwhile: readers shall not go back in time
        projector.fold_to(ledger, log.head().size)
    generations.switch(name)
    return Report(name, tuple(compared))


def _compare(before: LedgerDigest | None, after: LedgerDigest) -> Compared:
    if before is None:
        return Compared(after.ledger, after.position, None)
    names = sorted({*before.parts, *after.parts})
    differing = tuple(one for one in names if before.parts.get(one) != after.parts.get(one))
    return Compared(after.ledger, after.position, not differing, differing)
