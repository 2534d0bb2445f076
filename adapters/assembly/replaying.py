"""Replaying a home's ledgers into views that are thrown away: a process for each ledger at a time.

A short replay stays in this process, since another takes two seconds to start.
"""

from __future__ import annotations

import multiprocessing
import os
import secrets
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.queues import SimpleQueue
from pathlib import Path

from adapters.assembly.audit import AuditRoom, Opener, open_audit
from adapters.assembly.folding import folding_rules
from adapters.assembly.hub import VERSIONS
from adapters.views.ledger_files import LedgerFiles
from domain.errors import HomeNotReady, HubError
from services.answering import Answering, Means
from services.audit.asking import Listening, NobodyAsks
from services.audit.replaying import Moment, Progress, at, replay
from services.erasures import InLedgers
from services.querying import Querying
from services.registry import Registry

WORTH_A_PROCESS = 20_000
"""Entries from which on a replay is split by ledger."""
# Each process starts afresh: one forked from here would share open files and locks.
_FRESH = multiprocessing.get_context("spawn")
_HEAR_S = 0.2
_told: list[SimpleQueue[tuple[str, int, int]]] = []
"""Where a process of its own tells how far it is."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Where views are folded that are thrown away, and under which key."""

    folder: Path
    key: bytes = field(repr=False)

    def views(self) -> LedgerFiles:
        """Open them."""
        return LedgerFiles(self.folder, versions=VERSIONS, key=self.key)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Views folded anew as of a moment, and who answers from them."""

    moment: Moment
    store: Listening
    registry: Registry
    querying: Querying


@contextmanager
def replayed(
    room: AuditRoom, moment: Moment, tell: Progress, *, processes: int | None = None
) -> Iterator[Replayed]:
    """Fold a home's ledgers as of a moment into views that are thrown away afterwards.

    `processes` is one a core unless it is said. Raises HomeNotReady for what nothing opens.
    """
    with folded_again(room, moment, tell, processes=processes) as again:
        later = InLedgers(room.ledgers, room.openings)
        means = Means(lambda: again.store, room.ledgers, VERSIONS, later)
        querying = Querying(Answering(means, again.registry, NobodyAsks()))
        yield Replayed(moment, again.store, again.registry, querying)


@dataclass(frozen=True, slots=True)
class FoldedAgain:
    """Views folded anew, listening to what they are asked, and what was registered by then."""

    store: Listening
    registry: Registry


@contextmanager
def folded_again(
    room: AuditRoom, moment: Moment, tell: Progress, *, processes: int | None = None
) -> Iterator[FoldedAgain]:
    """Fold a home's ledgers as `replayed` does, for others to ask."""
    room.refuse_what_is_shut(moment)
    if not moment.registering():
        raise HomeNotReady("nothing was registered by then: the partnership's ledger was empty")
    registry = room.registry(moment)
    most = min(processes or os.cpu_count() or 1, sum(1 for one in moment.sizes.values() if one))
    with tempfile.TemporaryDirectory(prefix="bhr-replay-") as folder:
        scratch = Scratch(Path(folder), secrets.token_bytes(32))
        if most > 1 and (processes or sum(moment.sizes.values()) >= WORTH_A_PROCESS):
            _fold_apart(room.opener, moment, scratch, most, tell)
        views = scratch.views()
        # What was folded apart is folded already; what was not is folded now.
        rules = folding_rules(room.openings, registry)
        replay(at(room.ledgers, moment), views, rules, tell)
        yield FoldedAgain(Listening(views), registry)


def _fold_apart(
    opener: Opener, moment: Moment, scratch: Scratch, most: int, tell: Progress
) -> None:
    # The longest first: it decides when all are done.
    longest = sorted(moment.sizes, key=lambda name: -moment.sizes[name])
    told: SimpleQueue[tuple[str, int, int]] = _FRESH.SimpleQueue()
    with ProcessPoolExecutor(most, _FRESH, _tell_by, (told,)) as pool:
        running = {pool.submit(_fold_one, opener, moment, scratch, name) for name in longest}
        waiting = running
        while waiting:
            _, waiting = wait(waiting, timeout=_HEAR_S)
            while not told.empty():
                tell(*told.get())
    for one in running:
        fault = one.result()
        if fault is not None:
            raise HomeNotReady(fault)


def _tell_by(told: SimpleQueue[tuple[str, int, int]]) -> None:
    """Begin a process that tells how far it is."""
    _told.append(told)


def _fold_one(opener: Opener, moment: Moment, scratch: Scratch, ledger: str) -> str | None:
    """Fold one ledger in a process of its own; gives what was wrong as a sentence of ours."""
    try:
        with open_audit(opener.only(ledger)) as room:
            rules = folding_rules(room.openings, room.registry(moment))
            prefix = at(room.ledgers, moment)[ledger]
            (told,) = _told
            replay({ledger: prefix}, scratch.views(), rules, lambda *far: told.put(far))
    except HubError as fault:
        return str(fault)
    return None
