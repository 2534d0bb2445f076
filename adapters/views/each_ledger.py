"""One generation of views: each ledger's apart, all under one key.

Nothing needs an order across ledgers, so projectors and rebuilds of two never wait for each other.
A ledger that is new gets its views when it is first asked for; where they were made and are gone
that is refused, since nothing may pretend to be empty.
"""

from __future__ import annotations

import threading
import uuid
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from adapters.views.sharing import paired
from adapters.views.stored import StoredViews
from domain.errors import HomeNotReady
from projections.projection import Way
from projections.standing import Link
from services.folded import FoldedBatch
from services.last_told import LastTold
from services.views import (
    Counts,
    FoldedLedger,
    LedgerDigest,
    Moved,
    Question,
    RegisterRow,
    Shared,
    SharedCounts,
    ToldRow,
)


class EachLedger(ABC):
    """`services.views.ViewStore` over a store for each ledger.

    In the generation's folder a file `<ledger>.made` says that the ledger's views were made.
    """

    def __init__(self, folder: Path, *, versions: str, key: bytes) -> None:
        """Open a generation's folder; `key` is 32 bytes and names subjects and episodes in it.

        Raises HomeNotReady when other projections made the views of one of its ledgers.
        """
        self._folder = folder
        self._versions = versions
        self._key = key
        self._lock = threading.Lock()
        self._open: dict[str, StoredViews] = {}
        for ledger in self._made():
            self._of(ledger)

    @abstractmethod
    def _stands(self, ledger: str) -> bool:
        """Say whether there are views of a ledger."""

    @abstractmethod
    def _make(self, ledger: str) -> None:
        """Make a ledger's views, empty, in one step; what another made meanwhile stays."""

    @abstractmethod
    def _store(self, ledger: str) -> StoredViews:
        """Open a ledger's views; raises HomeNotReady when other projections made them."""

    def _made(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.made"))

    def _of(self, ledger: str) -> StoredViews:
        with self._lock:
            if ledger not in self._open:
                self._open[ledger] = self._opened(ledger)
            return self._open[ledger]

    def _opened(self, ledger: str) -> StoredViews:
        made = self._folder / f"{ledger}.made"
        if not self._stands(ledger):
            if made.exists():
                raise HomeNotReady(f"the views of {ledger} are gone; run `bhr views rebuild`")
            self._make(ledger)
        made.touch(mode=0o600)
        return self._store(ledger)

    def position(self, ledger: str) -> int:
        """Give how many entries of a ledger are folded; 0 for one never met."""
        return self._of(ledger).position(ledger)

    def links(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give those of these events that are folded, in any order."""
        return self._of(ledger).links(ledger, event_ids)

    def naming(self, ledger: str, event_ids: Collection[uuid.UUID]) -> list[Link]:
        """Give the folded events that name one of these, in any order."""
        return self._of(ledger).naming(ledger, event_ids)

    def best(self, ledger: str, root: uuid.UUID, without: Collection[uuid.UUID]) -> Link | None:
        """Give who stands for a fact, by `standing.rank`, these and the withdrawn left out."""
        return self._of(ledger).best(ledger, root, without)

    def parked_streams(self, ledger: str, streams: Collection[uuid.UUID]) -> set[uuid.UUID]:
        """Give those of these streams that are parked."""
        return self._of(ledger).parked_streams(ledger, streams)

    def states(self, ledger: str, register: str, keys: Collection[str]) -> dict[str, bytes]:
        """Give the states of those of these keys that have one."""
        return self._of(ledger).states(ledger, register, keys)

    def commit(self, batch: FoldedBatch) -> None:
        """Write a batch; raises PositionMoved when its `before` is not the stored position."""
        self._of(batch.ledger).commit(batch)

    def destroyed(self, ledger: str, keys: Collection[bytes]) -> set[bytes]:
        """Give those of these keys that are known to be destroyed."""
        return self._of(ledger).destroyed(ledger, keys)

    def under(self, ledger: str, keys: Collection[bytes]) -> list[int]:
        """Give the positions of folded events that give anything, and have a part under these."""
        return self._of(ledger).under(ledger, keys)

    def parked_for(self, ledger: str) -> list[tuple[int, str]]:
        """Give position and reason of every entry that is parked for a reason, in order."""
        return self._of(ledger).parked_for(ledger)

    def folded(self, ledger: str, *registers: str) -> FoldedLedger:
        """Give how far a ledger is folded, with the states of registers as of that position."""
        return self._of(ledger).folded(ledger, *registers)

    def digest(self, ledger: str, size: int | None = None) -> LedgerDigest:
        """Digest one ledger's views, or what of them keeps its past, as of so many entries."""
        return self._of(ledger).digest(ledger, size)

    def told(
        self, telling: str, ledgers: Sequence[str], as_of: Mapping[str, int] | None = None
    ) -> list[ToldRow]:
        """Give what stands of a telling, in order of ledger and position."""
        return [
            row
            for ledger in sorted(ledgers)
            for row in self._of(ledger).told(telling, [ledger], as_of)
        ]

    def last_told(self, asked: LastTold) -> list[ToldRow]:
        """Give the last that stands of a telling in one ledger, the newest first."""
        return self._of(asked.ledger).last_told(asked)

    def moved(self, question: Question, before: Mapping[str, int]) -> list[Moved]:
        """Say which events each group gained and lost since `before`, in order; no cut."""
        return [
            row
            for ledger in sorted(question.ledgers)
            for row in self._of(ledger).moved(replace(question, ledgers=(ledger,)), before)
        ]

    def shared(self, question: Shared) -> SharedCounts:
        """Count the children whom two ledgers know; Unavailable for positions not folded yet."""
        return paired(
            [
                one
                for ledger in sorted(question.ledgers)
                for one in self._of(ledger).known(replace(question, ledgers=(ledger,)))
            ]
        )

    def register(self, name: str) -> list[RegisterRow]:
        """Give a register's states, in order of ledger and key."""
        return [row for ledger in self._made() for row in self._of(ledger).register(name)]

    def count(self, question: Question, way: Way | None = None) -> Counts:
        """Count what is live as of the question; Unavailable for positions not folded yet."""
        each = [
            self._of(ledger).count(replace(question, ledgers=(ledger,)), way)
            for ledger in sorted(question.ledgers)
        ]
        return Counts(
            tuple(row for counts in each for row in counts.rows),
            {ledger: at for counts in each for ledger, at in counts.positions.items()},
        )
