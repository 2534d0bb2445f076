"""The runner: it pulls batches from every ledger, folds them, and commits rows with positions.

There is one runner for the live views and for a rebuild. A nudge is a nudge, a timer is the truth:
whatever is in a ledger is found by reading on from the stored position, never by being told.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.errors import Unavailable
from services.folded import PositionMoved
from services.folding import BatchFold, FoldingRules
from services.ports import Head, StoredEntry
from services.views import FoldedLedger, ParkedStream, ViewStore
from services.watching import Watch, unwatched

TellParked = Callable[[str, Sequence[ParkedStream]], None]
"""Is told of a ledger's parked streams, again and again, and keeps what is new; it may raise
Unavailable."""

BATCH = 500
TIMER_S = 0.5

_log = logging.getLogger(__name__)


class Log(Protocol):
    """What projecting needs of a ledger: to be read from a position on, and how long it is."""

    def read(self, start: int, limit: int) -> Sequence[StoredEntry]:
        """Give up to `limit` entries from position `start` on, in order."""
        ...

    def head(self) -> Head:
        """Give the end of the ledger."""
        ...


class Projector:
    """Folds ledgers into a store of views."""

    def __init__(
        self,
        ledgers: Mapping[str, Log],
        views: Callable[[], ViewStore],
        rules: FoldingRules,
        tell: TellParked | None = None,
    ) -> None:
        """Fold these ledgers; `views` gives the store in use, which a rebuild may replace.

        Parked streams are told to `tell` while it runs: who folds the live views alone has one.
        """
        self.shared_out: Callable[[], Sequence[str]] = lambda: tuple(ledgers)
        """Which of the ledgers are this runner's to fold now, where several share them."""
        self.watch: Watch = unwatched
        self._ledgers = ledgers
        self._views = views
        self._rules = rules
        self._tell = tell
        self._store: ViewStore | None = None
        self._reached: dict[str, int] = {}
        self._to_tell: set[str] = set()
        self._ours: set[str] = set()

    def step(self) -> int:
        """Fold at most one batch of every ledger; gives how many entries that were.

        A batch that another runner folded first counts nothing, and is read again from where that
        one got to. A ledger that cannot be reached holds no other up: raises Unavailable for it
        when nothing else was folded.
        """
        store = self._views()
        ours = self.shared_out()
        self._to_tell |= set(ours) - self._ours
        self._ours = set(ours)
        folded, away = 0, None
        for name in ours:
            try:
                folded += self._batch(name, store, BATCH)
            except Unavailable as fault:
                away = fault
        if away is not None and not folded:
            raise away
        return folded

    def fold_to(self, ledger: str, size: int) -> None:
        """Fold one ledger until exactly `size` of its entries are folded.

        Raises Unavailable when the ledger does not have so many.
        """
        store = self._views()
        while (at := store.position(ledger)) < size:
            self._batch(ledger, store, min(BATCH, size - at))
            if store.position(ledger) == at:
                raise Unavailable("a ledger that holds all that its views have folded")

    def run(self, wait: Callable[[float], bool]) -> None:
        """Fold until told to stop; `wait(seconds)` returns early when nudged, True to stop."""
        while True:
            try:
                folded = self.step()
                self._tell_parked()
            except Unavailable as fault:
                _log.warning("projecting waits: %s", fault)
                folded = 0
            if wait(0 if folded else TIMER_S):
                return

    def _tell_parked(self) -> None:
        """Tell of the streams that are parked where anything may have parked since it was told.

        That is where this runner parked one, where another one folded, in another store, and when
        a ledger becomes this one's: whoever folded it may have ended before it told.
        """
        store = self._views()
        if store is not self._store:
            self._store, self._to_tell = store, set(self._ours)
        if self._tell is not None:
            for name in sorted(self._to_tell & self._ours):
                self._tell(name, store.folded(name).parked)
                self._to_tell.discard(name)

    def _batch(self, name: str, store: ViewStore, most: int) -> int:
        before = store.position(name)
        if before != self._reached.get(name, before):
            self._to_tell.add(name)
        self._reached[name] = before
        entries = self._ledgers[name].read(before, most)
        if not entries:
            return 0
        try:
            read = self._ledgers[name].read
            with self.watch("fold", name, len(entries)):
                batch = BatchFold((name, before), store, self._rules, read).fold(entries)
                store.commit(batch)
        except PositionMoved:
            return 0
        self._reached[name] = batch.after
        if any(one.reason is not None for one in batch.parked):
            self._to_tell.add(name)
        return len(entries)


class Bell:
    """What a runner waits at: rung after a commit, and to stop it."""

    def __init__(self) -> None:
        """Begin unrung."""
        self._rung = threading.Event()
        self._stopped = False

    def ring(self) -> None:
        """Wake the runner, or keep it from going to sleep."""
        self._rung.set()

    def stop(self) -> None:
        """Have the runner return when it next waits."""
        self._stopped = True
        self._rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait until rung, or for so long; True when the runner shall stop."""
        self._rung.wait(seconds)
        self._rung.clear()
        return self._stopped


@dataclass(frozen=True, slots=True)
class LedgerStatus:
    """How far one ledger's views are behind it, and what they leave out."""

    size: int
    """Entries of the ledger, read after the views were."""
    folded: FoldedLedger

    @property
    def lag(self) -> int:
        """Entries not folded yet; below zero, the ledger has lost what its views have seen."""
        return self.size - self.folded.position


def status(ledgers: Mapping[str, Log], store: ViewStore) -> tuple[LedgerStatus, ...]:
    """Give the state of every ledger's views, in the ledgers' order."""
    folded = {name: store.folded(name) for name in ledgers}
    return tuple(LedgerStatus(ledgers[name].head().size, one) for name, one in folded.items())
