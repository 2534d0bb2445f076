"""Making the views again from position 0, beside the live ones, and putting them in their place.

It is the same runner over the same ledgers, so live and rebuilt may not differ; that they do not is
checked ledger by ledger, at the very position at which the live views were. What differs is named,
and the rebuilt views, which are made from the ledgers alone, are switched to all the same.

Re-driving what is parked is a rebuild too: what a stream would have changed reaches into facts,
registers and positions that came after it, and only the same runner over the same entries gives
what a rebuild would. A dry run makes the views, says what would become of each stream, and throws
them away.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import HomeNotReady
from services.folding import FoldingRules
from services.projecting import Log, Projector
from services.views import LedgerDigest, ParkedStream, ViewStore


class ViewGenerations(Protocol):
    """The live store of views, and others beside it that may take its place."""

    def live(self) -> ViewStore:
        """Give the store in use; raises HomeNotReady when other projections made it."""
        ...

    def begin(self) -> tuple[str, ViewStore]:
        """Make an empty store beside the live one; gives its name and itself."""
        ...

    def beside(self, name: str) -> ViewStore:
        """Give a store that was begun, perhaps by another process; raises HomeNotReady."""
        ...

    def switch(self, name: str) -> None:
        """Put a store in the live one's place, at once for every reader; the others go."""
        ...

    def discard(self, name: str) -> None:
        """Remove a store that did not take the live one's place."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    """How one ledger's rebuilt views compare with the live ones.

    `differing` names cells, registers and the rest as `LedgerDigest.parts` does. `equal` is None
    when there was nothing to compare with: no live views, or other projections' ones. `before` and
    `after` are the streams that were parked in the live views, and are in the rebuilt ones.
    """

    ledger: str
    position: int
    equal: bool | None
    differing: tuple[str, ...] = ()
    before: tuple[ParkedStream, ...] = ()
    after: tuple[ParkedStream, ...] = ()

    def parked_again(self, stream: ParkedStream) -> ParkedStream | None:
        """Give how a stream that was parked is parked in the rebuilt views, if it is."""
        return next((one for one in self.after if one.stream_tag == stream.stream_tag), None)


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild made, and how it compares."""

    generation: str
    ledgers: tuple[Compared, ...]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return all(one.equal is not False for one in self.ledgers)


RunEach = Callable[[str, Sequence[str]], Iterable[Compared]]
"""Runs `rebuild_ledger` of a generation for each of these ledgers, perhaps several at once."""


def rebuild(
    ledgers: Sequence[str], generations: ViewGenerations, run_each: RunEach, *, keep: bool = True
) -> Report:
    """Rebuild all views, and switch to them where they are to be kept.

    Raises Unavailable when a ledger cannot be read; then the live views stay as they are.
    """
    name, _ = generations.begin()
    kept = False
    try:
        compared = sorted(run_each(name, ledgers), key=lambda one: one.ledger)
        if keep:
            generations.switch(name)
            kept = True
    finally:
        if not kept:
            generations.discard(name)
    return Report(name, tuple(compared))


def rebuild_ledger(
    ledger: str, log: Log, rules: FoldingRules, generations: ViewGenerations, name: str
) -> Compared:
    """Fold one ledger into a generation that was begun, and compare it with the live one.

    What is destroyed is absent here from the first entry on, and there from where its destruction
    was folded: so where a ledger says so, the live views are folded to its end first, and compared
    again when it has said so meanwhile.
    """
    live: ViewStore | None = None
    with contextlib.suppress(HomeNotReady):
        live = generations.live()
    store = generations.beside(name)
    projector = Projector({ledger: log}, lambda: store, rules)
    while True:
        head = log.head()
        if live is not None and head.fences:
            Projector({ledger: log}, lambda: live, rules).fold_to(ledger, head.size)
        before = None if live is None else live.digest(ledger)
        parked = () if live is None else live.folded(ledger).parked
        projector.fold_to(ledger, head.size if before is None else before.position)
        after = store.digest(ledger)
        if log.head().fences == head.fences:
            break
    # What came meanwhile: readers shall not go back in time.
    projector.fold_to(ledger, log.head().size)
    found = _compare(before, after)
    return Compared(
        ledger,
        after.position,
        None if before is None else not found,
        found,
        parked,
        store.folded(ledger).parked,
    )


def _compare(before: LedgerDigest | None, after: LedgerDigest) -> tuple[str, ...]:
    if before is None:
        return ()
    names = sorted({*before.parts, *after.parts})
    return tuple(one for one in names if before.parts.get(one) != after.parts.get(one))
