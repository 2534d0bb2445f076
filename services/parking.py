"""The record that a stream was parked: one `stream-parked` for each place at which one stopped.

It is written by the runner of the live views alone; a rebuild or a replay folds the same entries
and has nobody to tell. Its id follows from ledger and place, so that a runner that starts anew, or
another one beside it, finds it said already: the ledger takes one event of an id. So a stream that
a re-drive leaves where it stopped is not parked once more.

Of the hub's own entries in the partnership's ledger nothing is said: the record would be one more
of them, and might not open either.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Protocol

from domain.errors import NotOpened, RecordMalformed
from domain.record import Attestation, leaf_of
from domain.vocabulary.hub import StreamParked
from services.hub_events import HubEvents
from services.identifiers import uuid7
from services.ports import StoredEntry
from services.views import ParkedStream

ALL_VIEWS = "all"
"""Projections fold together, so a stream is parked for all of them."""

EntryAt = Callable[[str, int], StoredEntry]
StreamOf = Callable[[str, StoredEntry], str]
"""Opens the header of an entry of a ledger and gives its stream; raises NotOpened."""
TagOf = Callable[[str], bytes]
"""Gives 16 bytes for a text, the same for the same, which nobody can make who has not the key."""


class Book(Protocol):
    """What is needed of the partnership's ledger."""

    def find(self, event_id: uuid.UUID) -> StoredEntry | None:
        """Give the entry of an event."""
        ...


class Stopped:
    """What is known of places at which streams stopped: the names of their records, and theirs."""

    def __init__(self, entry_at: EntryAt, stream_of: StreamOf, tag_of: TagOf) -> None:
        """Read entries and open headers by these."""
        self.entry_at = entry_at
        self._stream_of = stream_of
        self._tag_of = tag_of

    def record_id(self, ledger: str, position: int) -> uuid.UUID:
        """Give the id of the record that a stream stopped there: at the time zero, plainly made."""
        tag = self._tag_of(f"parked\n{ledger}\n{position}")
        return uuid7(0, int.from_bytes(tag) >> 48)

    def stream(self, ledger: str, position: int) -> str | None:
        """Give the stream that stopped there; nobody knows it where its header does not open."""
        try:
            return self._stream_of(ledger, self.entry_at(ledger, position))
        except NotOpened:
            return None


class Parking:
    """Records parked streams in the partnership's ledger."""

    def __init__(
        self, hub_events: HubEvents, partnership: str, book: Book, *, stopped: Stopped, views: str
    ) -> None:
        """Record in the ledger named `partnership`, which `book` is; `views` is their version."""
        self._hub_events = hub_events
        self._partnership = partnership
        self._book = book
        self._stopped = stopped
        self._views = views
        self._said: set[uuid.UUID] = set()

    def record(self, ledger: str, parked: Sequence[ParkedStream]) -> None:
        """Record those of a ledger's parked streams that are not on record; raises Unavailable."""
        for one in parked:
            record = self._stopped.record_id(ledger, one.position)
            if record not in self._said:
                if self._book.find(record) is None:
                    self._append(ledger, one, record)
                self._said.add(record)

    def _append(self, ledger: str, one: ParkedStream, record: uuid.UUID) -> None:
        entry = self._stopped.entry_at(ledger, one.position)
        if ledger == self._partnership and _own(entry):
            return
        facts: dict[str, object] = {
            "event": str(entry.event_id),
            "ledger": ledger,
            "position": one.position,
            "projection": ALL_VIEWS,
            "reason": one.reason,
            "views_version": self._views,
        }
        stream = self._stopped.stream(ledger, one.position)
        if stream is not None:
            facts["stream"] = stream
        made = self._hub_events.made(
            StreamParked, StreamParked.Facts.model_validate(facts), event_id=str(record)
        )
        self._hub_events.append(self._partnership, made)


def _own(entry: StoredEntry) -> bool:
    """Say whether the hub itself wrote an entry, which its leaf says in the clear."""
    try:
        return leaf_of(entry.record).attestation is Attestation.HUB
    except RecordMalformed:
        return False
