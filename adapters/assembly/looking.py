"""Going through the opened entries of every ledger: a process for each at a time, or all in this.

Each opens the ledger and the keys by itself, and gives back what it found. Where there are live
views, what is opened is folded too, into views that are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from adapters.assembly.audit import AuditRoom, Opener, open_audit
from adapters.assembly.evidence import evidence_of
from adapters.assembly.folding import folding_rules
from adapters.assembly.identities import WallClock
from adapters.assembly.openers import Asked, Openers, openers_of
from adapters.assembly.processes import Processes, tell_on
from adapters.assembly.replaying import (
    FoldedAgain,
    Replayed,
    Scratch,
    answering,
    folding_begun,
)
from adapters.identity.trust_file import TrustFile
from adapters.keys import signing
from adapters.settings import HubHome
from adapters.settled_memory import memory_settled
from domain.errors import HubError
from domain.reference.participants import PARTNERSHIP
from services.audit.asking import Listening
from services.audit.replaying import Moment, Prefix, Progress, at, moment_of, replay
from services.audit.verifying.contents import Contents, Means
from services.audit.verifying.looking import Folding, Looked, looked_through
from services.registry import Registry
from services.trust import Belief

_NO_VIEWS = (
    "views open with the hub's keys alone; a stored answer is held against ledgers and openings by"
    " `bhr audit replay --openings FILE --answer FILE`"
)
Looks = Mapping[str, Callable[[], Looked]]
"""Gives what came of each ledger whose entries open."""


@dataclass(frozen=True, slots=True)
class Again:
    """As of when, and where to, ledgers are folded again while they are looked through."""

    moment: Moment
    scratch: Scratch
    trust: Path


@dataclass(frozen=True, slots=True)
class Refolded:
    """A home whose ledgers are folded again; or why they are not, where there is no `again`."""

    why_not: str = ""
    again: Again | None = None
    room: AuditRoom | None = None
    fences: Mapping[str, int] = field(default_factory=dict)
    """How many erasures' fences each ledger counted when this began."""

    def has_erased_since(self) -> bool:
        """Say whether somebody was erased meanwhile: the live views drop them as of every date."""
        return self.room is not None and self.fences != _fences(self.room)

    def replayed(self, tell: Progress) -> Replayed | None:
        """Give who answers from what was folded, once all of it is.

        The live views may have gone on meanwhile; registers keep no past to be compared as of, so
        the ledgers are folded as far as the live views have come by now.
        """
        if self.again is None or self.room is None:
            return None
        room, views = self.room, self.again.scratch.views()
        moment = moment_of(room.ledgers, WallClock().now_ms(), room.reach())
        registry = room.registry(moment)
        replay(at(room.ledgers, moment), views, folding_rules(room.openings, registry), tell)
        return answering(room, moment, FoldedAgain(Listening(views), registry))


@contextmanager
def refolding(asked: Asked) -> Iterator[Refolded]:
    """Begin to fold a home's ledgers again, where its live views can be held against that."""
    home = asked.held.home
    with ExitStack() as closing:
        if home is None or asked.passphrase is None:
            yield Refolded(_NO_VIEWS)
            return
        try:
            opener = Opener(HubHome(home), asked.passphrase, demo=asked.held.demo)
            room = closing.enter_context(open_audit(opener))
            fences = _fences(room)
            moment = moment_of(room.ledgers, WallClock().now_ms(), room.reach())
            scratch, _ = closing.enter_context(folding_begun(room, moment))
        except HubError as fault:
            found = Refolded(f"the ledgers cannot be folded again ({type(fault).__name__})")
        else:
            again = Again(moment, scratch, opener.home.trust)
            found = Refolded("", again, room, fences)
            if room.live is None:
                found = Refolded("there are no live views that open here")
        yield found


def _fences(room: AuditRoom) -> dict[str, int]:
    return {name: ledger.head().fences for name, ledger in room.ledgers.items()}


@dataclass(frozen=True, slots=True)
class Looking:
    """What every ledger is looked through with."""

    asked: Asked
    openers: Openers
    again: Again | None
    tell: Progress

    def begin(self, sizes: Mapping[str, int], work: Processes | None) -> Looks:
        """Begin with all that open, as far as they go; without processes each waits to be asked."""
        opening = {name: size for name, size in sizes.items() if self.openers.opens(name)}
        if work is None:
            return {name: partial(self._here, name, size) for name, size in opening.items()}
        # The longest first: it decides when all are done.
        longest = sorted(opening.items(), key=lambda one: -one[1])
        running = {
            name: work.begin(_apart, self.asked, name, size, self.again) for name, size in longest
        }
        return {name: partial(work.ended, one) for name, one in running.items()}

    def _here(self, name: str, size: int) -> Looked:
        return _looked(self.openers, name, size, self.again, self.tell)


def _apart(asked: Asked, name: str, size: int, again: Again | None) -> Looked:
    needed = tuple(one for one in asked.held.ledgers() if one in {name, PARTNERSHIP})
    with ExitStack() as closing:
        evidence = {one: closing.enter_context(evidence_of(asked.held, one)) for one in needed}
        openers = openers_of(replace(asked, ledgers=needed), evidence, closing)
        closing.enter_context(memory_settled())
        return _looked(openers, name, size, again, tell_on)


def _looked(openers: Openers, name: str, size: int, again: Again | None, tell: Progress) -> Looked:
    means = openers.means(name)
    folding = None if again is None else _folding(openers, name, means, again)
    return looked_through(Contents(name, means), size, tell, folding)


def _folding(openers: Openers, name: str, means: Means, again: Again) -> Folding:
    log, opening = openers.by_key(PARTNERSHIP)
    moment = again.moment
    belief = Belief(TrustFile(again.trust), signing.verify)
    registry = Registry(Prefix(log, moment.registering()), opening, belief, moment)
    rules = folding_rules({name: means.opens}, registry)
    return Folding(means.log, (name, moment.sizes.get(name, 0)), again.scratch.views(), rules)
