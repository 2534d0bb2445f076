"""What a body must be told of parts that were addressed to it: erased, taken back, restricted.

Whoever fetched such a part holds a copy that the hub cannot reach. So each body can ask for its
notices, as often as it likes, until it has said what became of its copy (`erasure-confirmed`):

    withdrawn    the event's source took it back               because: the withdrawal
    erased       the key of whom the part is about is gone     because: the request that was carried
                                                               out, or the destruction itself
    restricted   whom it is about is taken out until further   because: the restriction

Beside these it says which parts wait for a body to fetch them. Everything is read from the ledgers'
headers, and what is known of each is kept and read on from:
the first question after a start reads all of them, half a minute a million entries.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from domain.canonical import JsonValue
from domain.logged_checkpoint import is_event
from services.acknowledging import instant
from services.fetching import Shelf
from services.noticing import Addressed, Cause, Confirmed, Known, Said, What
from services.registry import Registry

BATCH = 500
WAITING_MAX = 1_000
"""Of parts that wait: as many are listed at a time."""
WITHHELD: Mapping[What, str] = {
    "restricted": "subject-restricted",
    "withdrawn": "event-withdrawn",
}
"""Why a part is given to its controller alone, by what its recipients are told."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a body must be told of one part."""

    ledger: str
    event: str
    part: int
    what: What
    because: str
    recorded_ms: int
    fetched: bool = False

    def told(self) -> dict[str, JsonValue]:
        """Give it as it is answered."""
        return {
            "because": self.because,
            "event": self.event,
            "fetched": self.fetched,
            "ledger": self.ledger,
            "part": self.part,
            "recorded": instant(self.recorded_ms),
            "what": self.what,
        }


class Notices:
    """Tells each body what became of parts that were addressed to it. Safe between threads."""

    def __init__(self, shelves: Mapping[str, Shelf], registry: Registry) -> None:
        """Read these ledgers."""
        self._shelves = shelves
        self._registry = registry
        self._known = {name: Known() for name in shelves}
        self._lock = threading.Lock()

    def of(self, participant: str) -> list[Notice]:
        """Give a body's notices that it has not confirmed, in the order in which they came."""
        self._registry.refresh()
        with self._lock:
            self._read_on(self._shelves)
            found = [
                notice
                for ledger, known in self._known.items()
                for notice in self._of_ledger(ledger, known, participant)
            ]
        return sorted(found, key=lambda one: (one.recorded_ms, one.event, one.part))

    def waiting(self, participant: str) -> list[tuple[str, str, int]]:
        """Give the parts that wait for a body: ledger, event and number of each.

        Addressed to it by another, not fetched by it yet, and there to be fetched; ledger by ledger
        in their order, so many at most (`WAITING_MAX`): who fetches these is given the next.
        """
        self._registry.refresh()
        with self._lock:
            self._read_on(self._shelves)
            found = (
                one
                for ledger, known in self._known.items()
                for one in self._waiting_in(ledger, known, participant)
            )
            return list(islice(found, WAITING_MAX))

    def waiting_document(self, participant: str) -> dict[str, JsonValue]:
        """Give the parts that wait for a body as they are answered."""
        listed: list[JsonValue] = [
            {"event": event, "ledger": ledger, "part": number}
            for ledger, event, number in self.waiting(participant)
        ]
        return {"participant": participant, "waiting": listed}

    def is_confirmed(self, ledger: str, key: Confirmed) -> bool:
        """Say whether a body has confirmed what it was told of a part."""
        with self._lock:
            if ledger not in self._known:
                return False
            self._read_on([ledger])
            return key in self._known[ledger].confirmed

    def withheld(self, ledger: str, said: Said, key: bytes) -> str | None:
        """Say why a part is given to its controller alone, by event, source and key of the part."""
        self._registry.refresh()
        with self._lock:
            self._read_on([ledger])
            causes = self._known[ledger].causes(said, key, self._registry.today())
            return next((code for one in causes if (code := WITHHELD.get(one.what))), None)

    def document(self, participant: str) -> dict[str, JsonValue]:
        """Give a body's notices as they are answered."""
        listed: list[JsonValue] = [one.told() for one in self.of(participant)]
        return {"notices": listed, "participant": participant}

    def _of_ledger(self, ledger: str, known: Known, participant: str) -> Iterator[Notice]:
        for event, number, fetched, causes in self._parts(known, participant):
            for cause in causes:
                if (cause.because, event, number, participant) not in known.confirmed:
                    yield Notice(
                        ledger,
                        event,
                        number,
                        cause.what,
                        cause.because,
                        cause.recorded_ms,
                        fetched,
                    )

    def _waiting_in(
        self, ledger: str, known: Known, participant: str
    ) -> Iterator[tuple[str, str, int]]:
        for event, number, fetched, causes in self._parts(known, participant):
            if not fetched and not any(causes):
                yield ledger, event, number

    def _parts(
        self, known: Known, participant: str
    ) -> Iterator[tuple[str, int, bool, Iterator[Cause]]]:
        """Give what is sealed to a body by another: event, part, whether it was fetched, causes."""
        today = self._registry.today()
        for event, addressed in known.addressed.items():
            if participant not in addressed.recipients or self._controls(addressed, participant):
                continue
            for number, key in addressed.parts:
                fetched = (event, number, participant) in known.fetched
                yield event, number, fetched, known.causes((event, addressed.source), key, today)

    def _controls(self, addressed: Addressed, participant: str) -> bool:
        return participant in self._registry.controllers(addressed.source)

    def _read_on(self, ledgers: Iterable[str]) -> None:
        for name in ledgers:
            shelf, known = self._shelves[name], self._known[name]
            while entries := shelf.ledger.read(known.size, BATCH):
                for entry in entries:
                    if is_event(entry.record):
                        known.take(entry, shelf.opening)
                known.size += len(entries)
