"""Which event of a fact stands: corrections, withdrawals, and those that wait for their target.

Events joined by `supersedes` are one *fact*: the first event is its root, a correction of a
correction lies deeper. Of those not withdrawn the deepest stands, and of equals the later one. A
withdrawal retracts one event for good, and the fact's next best stands again. What names an event
that has not come waits, and takes effect at the position at which that event comes.

Naming is held to rules, and who breaks them is at fault: a correction names an event of its own
source, stream and type; a withdrawal names one of its own source; nothing names itself; and a
withdrawal is final, so nothing corrects or withdraws it (what was withdrawn by mistake is published
again: bodies have been told by then, and must not find it undone). A withdrawal itself stands for
nothing. Of its own events the hub takes back explanations of figures alone, when their borough
asks: what it says of reads, keys and decisions stays.

Everything here is pure: what is remembered of earlier events is looked up through `Links`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple, Protocol

from domain.vocabulary.figures import FigureExplained
from domain.vocabulary.hub import OWN_SOURCE

WITHDRAWAL = "record-withdrawn"


class Link(NamedTuple):
    """What is remembered of one folded event, so that others can correct and withdraw it.

    A tuple, as is what its arrival changes: one is made for each event.
    """

    event_id: uuid.UUID
    position: int
    source: str
    stream_tag: uuid.UUID
    kind: str
    """The catalogue's name, without version: a newer version may correct an older one."""
    day: date
    """The London day on which it happened."""
    names: uuid.UUID | None = None
    """The event that it corrects or withdraws."""
    root: uuid.UUID | None = None
    """The first event of its fact, which may be itself; None while it waits."""
    depth: int = 0
    withdrawn: bool = False

    @property
    def withdraws(self) -> bool:
        """Whether it is a withdrawal."""
        return self.kind == WITHDRAWAL


class Links(Protocol):
    """Looks up what is remembered of the events of one ledger."""

    def find(self, event_id: uuid.UUID) -> Link | None:
        """Give the event with this id, if it has come."""
        ...

    def naming(self, event_id: uuid.UUID) -> Sequence[Link]:
        """Give the events that name this one."""
        ...

    def best(self, root: uuid.UUID, *, without: uuid.UUID | None = None) -> Link | None:
        """Give who stands for the fact with this first event; `without` one, who would then."""
        ...


class Settled(NamedTuple):
    """What the arrival of one event changes."""

    links: tuple[Link, ...]
    """The arrived event first, then others whose link changed."""
    ended: Link | None = None
    """The event that stands no longer."""
    begun: Link | None = None
    """The event that stands from now on."""
    faulty: tuple[tuple[Link, str], ...] = ()
    """Events that had waited for this one and may not name it, with reason codes."""


class NamedWrongly(Exception):
    """The arrived event names one that it may not name; `code` is a constant."""

    def __init__(self, code: str) -> None:
        """Keep the reason code."""
        super().__init__(code)
        self.code = code


def naming_fault(link: Link, target: Link) -> str | None:
    """Say what is wrong with an event that names this target, if anything is."""
    if link.event_id == target.event_id:
        return "names-itself"
    if target.withdraws:
        return "names-a-withdrawal"
    if link.source != target.source:
        return "names-another-source"
    if link.withdraws:
        of_the_hub = link.source == OWN_SOURCE and target.kind != FigureExplained.name
        return "names-what-stays" if of_the_hub else None
    if link.stream_tag != target.stream_tag:
        return "names-another-stream"
    return None if link.kind == target.kind else "names-another-type"


def settle(arrived: Link, links: Links) -> Settled:
    """Say what changes when this event arrives, which is its own root unless it corrects another.

    Raises NamedWrongly when it names an event that it may not name: then nothing changes.
    """
    waiting_for_it = links.naming(arrived.event_id)
    if arrived.names is None and not waiting_for_it:  # as nearly all are
        return Settled((arrived,), begun=arrived)
    target = _target(arrived, links)
    if target is not None and target.root is not None and not arrived.withdraws:
        arrived = arrived._replace(root=target.root, depth=target.depth + 1)
    faulty: list[tuple[Link, str]] = []
    for waiting in waiting_for_it:
        code = naming_fault(waiting, arrived)
        if code is not None:
            faulty.append((waiting, code))
        elif waiting.withdraws:
            arrived = arrived._replace(withdrawn=True)
    joined = [arrived, *_attached(arrived, links)] if arrived.root is not None else [arrived]
    if arrived.withdraws and target is not None:
        changed = (*joined, target._replace(withdrawn=True))
        ended, begun = _retracted(target, links)
    else:
        changed = tuple(joined)
        ended, begun = _joined(joined, links)
    return Settled(changed, ended, begun, tuple(faulty))


def _target(arrived: Link, links: Links) -> Link | None:
    if arrived.names is None:
        return None
    target = arrived if arrived.names == arrived.event_id else links.find(arrived.names)
    code = naming_fault(arrived, target) if target is not None else None
    if code is not None:
        raise NamedWrongly(code)
    return target


def _attached(root: Link, links: Links) -> Iterator[Link]:
    """Give the corrections that had waited for this event, and those that had waited for them."""
    above = [root]
    while above:
        target = above.pop()
        for link in links.naming(target.event_id):
            if not link.withdraws and naming_fault(link, target) is None:
                joined = link._replace(root=target.root, depth=target.depth + 1)
                above.append(joined)
                yield joined


def _retracted(target: Link, links: Links) -> tuple[Link | None, Link | None]:
    """Say who stands no longer, and who does instead, once this event is withdrawn."""
    before = links.best(target.root) if target.root is not None else None
    if target.root is None or before is None or before.event_id != target.event_id:
        return None, None
    return before, links.best(target.root, without=target.event_id)


def _joined(joined: Sequence[Link], links: Links) -> tuple[Link | None, Link | None]:
    """Say who stands no longer, and who does instead, once these events belong to a fact."""
    arrived = joined[0]
    if arrived.root is None or arrived.withdraws:
        return None, None
    before = links.best(arrived.root) if arrived.event_id != arrived.root else None
    after = max(filter(None, (before, *standing(joined))), key=rank, default=None)
    return (None, None) if after == before else (before, after)


def standing(links: Iterable[Link]) -> Iterator[Link]:
    """Leave out those that were withdrawn."""
    return (link for link in links if not link.withdrawn)


def rank(link: Link) -> tuple[int, int]:
    """Give what decides who stands: the deepest, and of equals the later one."""
    return link.depth, link.position
