"""What a batch is folded over: the store's memory, with the batch's own changes laid over it.

Asked for in bulk before the batch is folded, and one by one only where corrections lead further.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from domain.opened import OpenedEvent
from domain.values import Spelling
from projections.projection import Register, RegisterState
from projections.standing import Link, rank
from services.folded import State
from services.views import ViewStore

Found = list[tuple[str, str, RegisterState]]
"""Register, key and state."""


class BatchLinks:
    """Looks up links of one ledger (`standing.Links`), those that the batch changed first."""

    def __init__(self, ledger: str, before: int, store: ViewStore) -> None:
        """Begin with nothing changed, at the position where the batch begins."""
        self._ledger = ledger
        self._before = before
        self._store = store
        self._changed: dict[uuid.UUID, Link] = {}
        self._known: dict[uuid.UUID, Link | None] = {}
        self._namers: dict[uuid.UUID, list[Link]] = {}
        self._naming_here: defaultdict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
        self._facts_here: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)

    def expect(self, arriving: Collection[uuid.UUID], targets: Collection[uuid.UUID]) -> None:
        """Ask at once who waits for the events that arrive, and for those that they name."""
        self._namers = {event_id: [] for event_id in arriving}
        for link in self._store.naming(self._ledger, arriving):
            if link.names is not None:
                self._namers[link.names].append(link)
        self._known = dict.fromkeys(targets)
        for link in self._store.links(self._ledger, targets) if targets else ():
            self._known[link.event_id] = link

    def find(self, event_id: uuid.UUID) -> Link | None:
        """Give the event with this id, if it has come."""
        if event_id in self._changed:
            return self._changed[event_id]
        if event_id not in self._known:
            self._known[event_id] = next(iter(self._store.links(self._ledger, [event_id])), None)
        return self._known[event_id]

    def naming(self, event_id: uuid.UUID) -> Sequence[Link]:
        """Give the events that name this one."""
        stored = self._namers.get(event_id)
        if stored is None:
            stored = self._namers[event_id] = self._store.naming(self._ledger, [event_id])
        here = self._naming_here.get(event_id, ())
        if not stored and not here:
            return ()
        return [
            *(self._changed.get(link.event_id, link) for link in stored),
            *(self._changed[one] for one in here),
        ]

    def best(self, root: uuid.UUID, *, without: uuid.UUID | None = None) -> Link | None:
        """Give who stands for a fact; `without` one, who would then."""
        first = self._changed.get(root)
        here = [self._changed[one] for one in self._facts_here.get(root, ())]
        here += [first] if first is not None else []
        candidates = [link for link in here if not link.withdrawn and link.event_id != without]
        if first is None or first.position < self._before:
            leave_out = {link.event_id for link in here} | ({without} if without else set())
            stored = self._store.best(self._ledger, root, leave_out)
            candidates += [stored] if stored is not None else []
        return max(candidates, key=rank, default=None)

    def keep(self, arrived: Link, others: Iterable[Link]) -> None:
        """Remember what an event changed."""
        if arrived.names is not None:
            self._naming_here[arrived.names].append(arrived.event_id)
        for link in (arrived, *others):
            self._changed[link.event_id] = link
            if link.root is not None and link.root != link.event_id:
                self._facts_here[link.root].add(link.event_id)

    def latest(self) -> Iterable[Link]:
        """Give every link that the batch made or changed, as it is now."""
        return self._changed.values()


class BatchStates:
    """The states of registers, decoded once a batch and encoded once."""

    def __init__(self, ledger: str, store: ViewStore) -> None:
        """Begin with nothing changed."""
        self._ledger = ledger
        self._store = store
        self._states: dict[tuple[str, str], RegisterState | None] = {}
        self._spellings: dict[str, Spelling[RegisterState]] = {}

    def evolved(self, registers: Iterable[Register], event: OpenedEvent) -> Found:
        """Give the states that follow from an event; nothing is kept yet."""
        found: Found = []
        for register in registers:
            if register.types is None or event.kind.name in register.types:
                key = register.key(event)
                if key is not None:
                    state = register.evolve(self._state(register, key), event)
                    found.append((register.name, key, state))
        return found

    def keep(self, found: Found) -> None:
        """Keep states that followed from an event."""
        for register, key, state in found:
            self._states[register, key] = state

    def changed(self) -> tuple[State, ...]:
        """Give the states as they are now."""
        return tuple(
            State(name, key, self._spellings[name].spell(state))
            for (name, key), state in self._states.items()
            if state is not None
        )

    def _state(self, register: Register, key: str) -> RegisterState | None:
        place = (register.name, key)
        if place not in self._states:
            stored = self._store.states(self._ledger, register.name, [key]).get(key)
            self._states[place] = None if stored is None else register.spelling.read(stored)
            self._spellings[register.name] = register.spelling
        return self._states[place]
