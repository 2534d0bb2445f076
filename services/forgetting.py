"""What folding does when keys are destroyed: what stood under them goes, at the original stamps.

A rebuild finds the parts of destroyed keys absent from the first entry on. The live views have
folded these parts when they were still there. They come to the same rows, since a fold has two
halves. Which event stands when, who sent what and when, is a function of headers and positions
alone (`projections.standing`, registers); no key that is ever destroyed opens a header. What an
event gives while it stands is a function of that event alone (`services.given`). So it is enough
to give again, without the parts that are gone, each earlier event that gave anything and has such
a part; an event that gave nothing gives no more without them. Stored events are found by the keys
of their parts, which stand beside the rows as keyed tags.

One thing is a function of parts and reaches further: an entry that was parked for what stood in a
part that is gone would not be parked in a rebuild, and what is behind it would be folded too. Then
the ledger is folded anew, by the same runner from its beginning, and readers wait for that.

What is destroyed is known from the ledger, and taken away here whatever an opener still gives: a
key may outlive its destruction in some process's memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

from domain.errors import NotOpened
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import to_bytes
from domain.vocabulary.custody import KeyDestroyed
from services.folded import FoldedEvent
from services.ports import StoredEntry

AT_ONCE = 500
"""Entries that are opened again together."""
OF_NAMES = "names-"
"""What a parking's reason begins with that is of the header alone."""

ReadEntries = Callable[[int, int], Sequence[StoredEntry]]
"""Gives up to so many entries of the ledger from a position on, in order."""
OpenSome = Callable[[Sequence[StoredEntry]], Sequence[OpenedEvent | NotOpened]]
Judge = Callable[[OpenedEvent | NotOpened], FoldedEvent | str]
"""Folds an event apart from all others: what it gives, or why it would be parked."""


class FoldAnew(Exception):
    """An earlier entry would be parked no longer, or is now: its ledger is folded anew."""


class Forgetful(Protocol):
    """What forgetting needs of a store of views."""

    def destroyed(self, ledger: str, keys: Collection[bytes]) -> set[bytes]:
        """Give those of these keys that are known to be destroyed."""
        ...

    def under(self, ledger: str, keys: Collection[bytes]) -> list[int]:
        """Give the positions of folded events that give anything, and have a part under these."""
        ...

    def parked_for(self, ledger: str) -> list[tuple[int, str]]:
        """Give position and reason of every entry that is parked for a reason, in order."""
        ...


class Forgetting:
    """Knows which keys are destroyed as of one batch of one ledger."""

    def __init__(
        self, ledger: str, store: Forgetful, read: ReadEntries, open_some: OpenSome
    ) -> None:
        """Begin with nothing known."""
        self._ledger = ledger
        self._store = store
        self._read = read
        self._open = open_some
        self._gone: set[bytes] = set()
        self.new: tuple[bytes, ...] = ()
        """The keys that are destroyed as of this batch, and were not before."""

    def learn(self, events: Iterable[OpenedEvent | NotOpened]) -> None:
        """Take in what the batch says of keys, and what is known of its own events' keys."""
        opened = [one for one in events if isinstance(one, OpenedEvent)]
        said = {key for event in opened for key in _destroyed_by(event)}
        self.new = tuple(sorted(said - self._store.destroyed(self._ledger, said)))
        self._gone = {*self.new, *self._known(opened)}

    def left(self, event: OpenedEvent) -> OpenedEvent:
        """Give what is left of an event of the batch."""
        return event.without(self._gone) if self._gone else event

    def again(self, judge: Judge) -> tuple[FoldedEvent, ...]:
        """Give earlier events anew, without what is gone; raises FoldAnew where that is too little.

        `judge` is given each event without the parts that are gone.
        """
        if not self.new:
            return ()
        self._check_parked(judge)
        return tuple(self._given_again(judge))

    def _given_again(self, judge: Judge) -> Iterator[FoldedEvent]:
        positions = self._store.under(self._ledger, self.new)
        for start in range(0, len(positions), AT_ONCE):
            entries = [self._entry(one) for one in positions[start : start + AT_ONCE]]
            for event in self._opened(entries):
                folded = judge(event)
                if isinstance(folded, str):
                    raise FoldAnew
                yield folded

    def _check_parked(self, judge: Judge) -> None:
        for position, reason in self._store.parked_for(self._ledger):
            if reason.startswith(OF_NAMES):
                continue
            (event,) = self._opened([self._entry(position)])
            # What would fold for another reason, as after a mended hub, waits to be re-driven.
            if judge(event) != reason and (isinstance(event, NotOpened) or _lacks_a_part(event)):
                raise FoldAnew

    def _entry(self, position: int) -> StoredEntry:
        return self._read(position, 1)[0]

    def _opened(self, entries: Sequence[StoredEntry]) -> list[OpenedEvent | NotOpened]:
        found = self._open(entries)
        opened = [one for one in found if isinstance(one, OpenedEvent)]
        gone = {*self.new, *self._known(opened)}
        return [one if isinstance(one, NotOpened) else one.without(gone) for one in found]

    def _known(self, events: Iterable[OpenedEvent]) -> set[bytes]:
        keys = {key for event in events for _, key in event.keys}
        return self._store.destroyed(self._ledger, keys)


def _lacks_a_part(event: OpenedEvent) -> bool:
    return event.facts is None or any(one.pseudonym is None for one in event.subjects)


def _destroyed_by(event: OpenedEvent) -> Iterator[bytes]:
    """Give the keys that an event says are destroyed: the hub alone can say so."""
    if event.attestation is Attestation.HUB and isinstance(event.facts, KeyDestroyed.Facts):
        yield from map(to_bytes, event.facts.keys)
