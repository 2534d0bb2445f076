"""Replaying a home's ledgers into views that are thrown away: a process for each ledger at a time.

A short replay stays in this process, since another takes two seconds to start.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from adapters.assembly.audit import AuditRoom, Opener, open_audit
from adapters.assembly.folding import VERSIONS, folding_rules
from adapters.assembly.processes import at_work, tell_on, worth_it
from adapters.settled_memory import memory_settled
from adapters.views.ledger_files import LedgerFiles
from domain.errors import HomeNotReady
from services.answering import Answering, Means
from services.audit.asking import Listening, NobodyAsks
from services.audit.replaying import Moment, Progress, at, replay
from services.erasures import InLedgers
from services.querying import Querying
from services.registry import Registry


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
        yield answering(room, moment, again)


def answering(room: AuditRoom, moment: Moment, again: FoldedAgain) -> Replayed:
    """Give who answers from views that were folded as of a moment."""
    later = InLedgers(room.ledgers, room.openings)
    means = Means(lambda: again.store, room.ledgers, VERSIONS, later)
    querying = Querying(Answering(means, again.registry, NobodyAsks()))
    return Replayed(moment, again.store, again.registry, querying)


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
    sizes = [size for size in moment.sizes.values() if size]
    most = min(worth_it(sum(sizes), processes), len(sizes))
    with folding_begun(room, moment) as (scratch, registry):
        if most > 1:
            _fold_apart(room.opener, moment, scratch, most, tell)
        views = scratch.views()
        # What was folded apart is folded already; what was not is folded now.
        rules = folding_rules(room.openings, registry)
        replay(at(room.ledgers, moment), views, rules, tell)
        yield FoldedAgain(Listening(views), registry)


@contextmanager
def folding_begun(room: AuditRoom, moment: Moment) -> Iterator[tuple[Scratch, Registry]]:
    """Give where a home's ledgers are to be folded as of a moment, and what was registered then.

    Raises HomeNotReady for what nothing opens, and where nothing was registered.
    """
    room.refuse_what_is_shut(moment)
    if not moment.registering():
        raise HomeNotReady("nothing was registered by then: the partnership's ledger was empty")
    with tempfile.TemporaryDirectory(prefix="bhr-replay-") as folder:
        yield Scratch(Path(folder), secrets.token_bytes(32)), room.registry(moment)


def _fold_apart(
    opener: Opener, moment: Moment, scratch: Scratch, most: int, tell: Progress
) -> None:
    # The longest first: it decides when all are done.
    longest = sorted(moment.sizes, key=lambda name: -moment.sizes[name])
    with at_work(most, tell) as work:
        running = [work.begin(_fold_one, opener, moment, scratch, name) for name in longest]
        for one in running:
            work.ended(one)


def _fold_one(opener: Opener, moment: Moment, scratch: Scratch, ledger: str) -> None:
    with open_audit(opener.only(ledger)) as room, memory_settled():
        rules = folding_rules(room.openings, room.registry(moment))
        prefix = at(room.ledgers, moment)[ledger]
        replay({ledger: prefix}, scratch.views(), rules, tell_on)
