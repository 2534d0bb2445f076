"""What replaying costs an event beside opening it barely, and what memory a long one takes."""

from __future__ import annotations

import multiprocessing
import os
import secrets
import time
from contextlib import ExitStack
from pathlib import Path

from adapters.assembly.audit import Opener, open_audit
from adapters.assembly.folding import VERSIONS, folding_rules
from adapters.assembly.replaying import replayed
from adapters.settings import HubHome, hub_home
from adapters.views.ledger_files import LedgerFiles
from domain.reference.participants import PARTNERSHIP
from services.audit.replaying import Moment
from services.projecting import Projector
from tests.benchmarks.long_ledger import long_ledger
from tests.benchmarks.measuring import Line
from tests.benchmarks.stage import BOROUGH
from tests.memory import peak_kib

SHORT = 10_000
"""Beside which the memory of a long replay is put."""
LONG = 100_000
"""Entries of a long replay; a million take ten minutes: `--long 1000000`."""
REPLAY, MEMORY = "replay", "replay memory"
REPLAYS = {
    REPLAY: "a ledger that is opened for reading alone is read, opened, checked and folded again "
    "into views that are thrown away.",
    MEMORY: "kilobytes (not µs) that a process has held at most when it has replayed so many "
    "entries of a ledger with a stream and a child for every three.",
}
_FRESH = multiprocessing.get_context("spawn")


class Replaying:
    """A replay that goes on round after round, beside the hub that records."""

    def __init__(self, home: HubHome, passphrase: str, folder: Path) -> None:
        """Open the home, and views beside it; nothing is folded yet."""
        self._closing = ExitStack()
        room = self._closing.enter_context(open_audit(Opener(home, passphrase, demo=True)))
        registered = room.ledgers[PARTNERSHIP].head()
        moment = Moment(registered.recorded_ms, {PARTNERSHIP: registered.size})
        rules = folding_rules(room.openings, room.registry(moment))
        folder.mkdir()
        views = LedgerFiles(folder, versions=VERSIONS, key=secrets.token_bytes(32))
        self._projector = Projector(room.ledgers, lambda: views, rules)

    def fold_to(self, ledger: str, size: int) -> None:
        """Replay one ledger up to a size."""
        self._projector.fold_to(ledger, size)

    def close(self) -> None:
        """Close the home."""
        self._closing.close()


def memory_lines(folder: Path, size: int) -> tuple[Line, ...]:
    """Put the memory of a long replay beside that of a short one, of a ledger made for it."""
    passphrase = long_ledger(folder, size)
    held = [_apart(hub_home(), passphrase, BOROUGH, many) for many in (size, SHORT)]
    what, floor = (f"{MEMORY}, {many}" for many in (size, SHORT))
    return (Line(what, held[0], floor, held[1], round(held[0] / held[1], 3)),)


def _apart(home: HubHome, passphrase: str, ledger: str, size: int) -> float:
    """Replay in a process of its own; gives the kilobytes that it held at most."""
    with _FRESH.Pool(1) as pool:
        return pool.apply(_held, (home, passphrase, ledger, size))


def _held(home: HubHome, passphrase: str, ledger: str, size: int) -> float:
    with open_audit(Opener(home, passphrase, demo=True)) as room:
        head = room.ledgers[PARTNERSHIP].head()
        moment = Moment(time.time_ns() // 1_000_000, {PARTNERSHIP: head.size, ledger: size})
        with replayed(room, moment, lambda *_: None, processes=1) as found:
            folded = found.store.folded(ledger)
            if (folded.position, folded.parked, folded.left_out) != (size, (), ()):
                raise SystemExit("the long ledger was not folded as a whole")
            return float(peak_kib(os.getpid()))
