"""What numbers a source has used, as the hub knows it: told to that source alone.

A source whose own store is lost goes on behind the highest number that was ever recorded of it, or
refused to it. Each ledger's entries are gone through once, and read on as the ledger grows.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.canonical import JsonValue
from domain.errors import NotOpened, RecordMalformed
from domain.logged_checkpoint import is_event
from domain.record import Attestation, attestation_of, leaf_of
from domain.vocabulary import hub
from services.fetching import Shelf
from services.hub_events import HubEvents
from services.ports import Caller, StoredEntry
from services.projecting import BATCH
from services.taking import Taking


@dataclass(slots=True)
class _Used:
    """Of one source: how many of its events are recorded and refused, and the greatest number."""

    events: int = 0
    refused: int = 0
    highest: int = 0


@dataclass(slots=True)
class _Counted:
    """How far one ledger was gone through, and what each source used in it."""

    size: int = 0
    used: dict[str, _Used] = field(default_factory=dict)


class SourceNumbers:
    """Counts for publishers. Safe between threads."""

    def __init__(self, taking: Taking, shelves: Mapping[str, Shelf], hub_events: HubEvents) -> None:
        """Count in these ledgers; who asked is recorded there."""
        self._taking = taking
        self._shelves = shelves
        self._hub_events = hub_events
        self._counted = {name: _Counted() for name in shelves}
        self._lock = threading.Lock()

    def told(self, caller: Caller) -> JsonValue:
        """Give what the caller's own source has used; recorded before it leaves.

        Raises NotAuthorised for who publishes nothing, Unavailable.
        """
        source, _ = self._taking.source(caller)
        with self._lock:
            counted = self._count(source.ledger)
            used, size = counted.used.get(source.name, _Used()), counted.size
        # It is worked out of entries, so it is recorded as their being fetched.
        facts = hub.EntriesFetched.Facts(
            count=size,
            first=0,
            ledger=source.ledger,
            participant=caller.participant,
            reader=caller.person,
            right="own",
        )
        self._hub_events.append(source.ledger, self._hub_events.made(hub.EntriesFetched, facts))
        return {
            "events": used.events,
            "highest": used.highest,
            "ledger": source.ledger,
            "refused": used.refused,
            "size": size,
            "source": source.name,
        }

    def _count(self, ledger: str) -> _Counted:
        shelf, counted = self._shelves[ledger], self._counted[ledger]
        while entries := shelf.ledger.read(counted.size, BATCH):
            events = [one for one in entries if is_event(one.record)]
            own = [one for one in events if attestation_of(one.record) == Attestation.HUB]
            # Opened before anything is counted: what fails here is counted by who asks again.
            opened = shelf.opening.events(own)
            for entry in events:
                _add(counted, entry)
            for event in opened:
                if not isinstance(event, NotOpened):
                    _add_refusal(counted, event.facts)
            counted.size += len(entries)
        return counted


def _add(counted: _Counted, entry: StoredEntry) -> None:
    """Count an event of a source; what is altered is named by an audit, and counts for nobody."""
    try:
        leaf = leaf_of(entry.record)
    except RecordMalformed:
        return
    if leaf.attestation is not Attestation.HUB:
        used = counted.used.setdefault(leaf.source, _Used())
        used.events += 1
        used.highest = max(used.highest, leaf.sequence)


def _add_refusal(counted: _Counted, facts: object) -> None:
    if isinstance(facts, hub.SubmissionRefused.Facts) and facts.sequence is not None:
        used = counted.used.setdefault(facts.source, _Used())
        used.refused += 1
        used.highest = max(used.highest, int(facts.sequence))
