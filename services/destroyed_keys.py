"""Which keys of a ledger were destroyed, and which names never have one again: told by the ledger.

Each destruction is an entry (`key-destroyed`) in the stream of erasing, which everybody can name,
and raises the head's count of fences. Whoever sees another count reads what came since: so a writer
knows of every destruction before it appends anything behind it. The key store has fences of its
own; this one holds from the entry on, while the row may still stand.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from domain.erasure import erasures_stream
from domain.errors import Fenced, NotOpened
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.statement import PartClass
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from services.custody import DataKey, KeyCustody, KeyName
from services.destroying_ports import TagsFenced
from services.opening import Opening, stream_tag
from services.ports import Ledger
from services.preparing import PreparedEvent, PreparedPart


@dataclass(frozen=True, slots=True)
class Destruction:
    """One entry that says so: which keys, under which tags, for which request."""

    event: OpenedEvent
    facts: KeyDestroyed.Facts
    keys: frozenset[bytes]
    tags: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read so far: up to which count of fences, and what was told by then."""

    fences: int = 0
    destructions: tuple[Destruction, ...] = ()
    keys: frozenset[bytes] = frozenset()
    tags: frozenset[bytes] = frozenset()


class DestroyedKeys:
    """What one ledger says of destroyed keys. Safe to share between threads."""

    def __init__(self, ledger: Ledger, custody: KeyCustody, opening: Opening) -> None:
        """Read through an opening of its own: it opens what explains the others."""
        self._ledger = ledger
        self._custody = custody
        self._opening = opening
        self._known = _Known()
        self._lock = threading.Lock()

    def learn(self, fences: int | None = None) -> None:
        """Read what was destroyed since; `fences` is the head's count where it is known already."""
        count = self._ledger.head().fences if fences is None else fences
        if count == self._known.fences:
            return
        with self._lock:
            if count == self._known.fences:
                return
            found = tuple(self._read())
            keys = frozenset(key for one in found for key in one.keys)
            tags = frozenset(tag for one in found for tag in one.tags)
            if keys != self._known.keys:
                self._custody.forget()
            self._known = _Known(count, found, keys, tags)

    def _read(self) -> Iterator[Destruction]:
        known = {one.event.position: one for one in self._known.destructions}
        stream = stream_tag(self._custody, self._ledger.name, erasures_stream(self._ledger.name))
        for entry in self._ledger.stream(stream):
            if entry.position in known:
                yield known[entry.position]
            elif is_event(entry.record):
                # What does not open is named by an audit; the key store's own fence holds still.
                with contextlib.suppress(NotOpened):
                    yield from _destruction(self._opening.event(entry))

    def destroyed(self, key_id: bytes) -> bool:
        """Say whether a key was destroyed, by what was learnt so far."""
        return key_id in self._known.keys

    def destructions(self) -> tuple[Destruction, ...]:
        """Give every destruction, in the order of the ledger."""
        self.learn()
        return self._known.destructions

    def keys_for(
        self, names: Collection[KeyName], events: Sequence[PreparedEvent]
    ) -> dict[KeyName, DataKey]:
        """Give the keys that some events are sealed under, making those that are missing.

        Raises Fenced, naming the events, where one would need a key that was destroyed. An event
        that stands already is not sealed again but compared: it is given a key that nobody keeps.
        """
        try:
            return self._custody.keys_for(names, self._known.tags)
        except TagsFenced as fenced:
            tags = fenced.tags
        shut = {name for name in names if self._custody.tag(name) in tags}
        places = {one.event_id: self._places(one, shut) for one in events}
        if refused := {event: found for event, found in places.items() if found}:
            raise Fenced(refused)
        spare = {name: DataKey(secrets.token_bytes(32), secrets.token_bytes(32)) for name in shut}
        return self.keys_for([one for one in names if one not in shut], events) | spare

    def _places(self, event: PreparedEvent, shut: Collection[KeyName]) -> tuple[str, ...]:
        """Give where an event names what was destroyed; nowhere when it stands already."""
        ledger = self._ledger.name
        found = dict.fromkeys(
            _place(one)
            for one in event.parts
            if KeyName(ledger, one.key_class, one.key_name) in shut
        )
        entry = self._ledger.find(event.event_id) if found else None
        if entry is not None and entry.statement == event.digest:
            return ()
        return tuple(found)


def _place(part: PreparedPart) -> str:
    """Give where a part's pseudonym stands: the stream's in the header, a person's beside it."""
    if part.part_class is PartClass.FACTS:
        return "subject"
    return f"data.subjects.{(part.number - 1) // 2}.pseudonym"


def _destruction(event: OpenedEvent) -> Iterator[Destruction]:
    """Give the destruction that an event tells of, if it is one of the hub's own."""
    facts = event.facts
    if isinstance(facts, KeyDestroyed.Facts) and event.attestation is Attestation.HUB:
        keys, tags = (frozenset(map(to_bytes, some)) for some in (facts.keys, facts.fenced))
        yield Destruction(event, facts, keys, tags)
