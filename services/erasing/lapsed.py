"""Whom nobody has to be told of any more: subjects of whom every event is older than is agreed.

Each event is kept as long as its agreement says for its kind. A subject is proposed once the last
of its events is past that, in batches of as many as one request names, for its controller to ask
for: the hub erases nothing of its own accord. A subject of whom anything stands under terms that
are not known is proposed to nobody, nor is one that several controllers tell of.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.errors import NotFound, NotOpened
from domain.statement import PartClass
from domain.values import day_of, london_day
from domain.vocabulary.erasing import ErasureRequested
from services.erasing.book import BATCH, ErasureBook, Ring, Tell
from services.erasing.requests import Requests
from services.registry import Registry

_NEVER = datetime.date.max.toordinal()


@dataclass(frozen=True, slots=True)
class ProposedBatch:
    """Subjects for one request, and the last day on which anything of theirs was to be kept."""

    ledger: str
    controller: str
    lapsed: str
    subjects: tuple[str, ...]
    """Pseudonyms, which the controller's own table knows."""


@dataclass(slots=True)
class _Kept:
    """Of each subject, by its key: until when it is kept, whose it is, and where it was met."""

    until: dict[bytes, int] = field(default_factory=dict)
    at: dict[bytes, int] = field(default_factory=dict)
    whose: dict[bytes, str] = field(default_factory=dict)


class Lapsed:
    """Proposes whom to erase by the retention that agreements name."""

    def __init__(self, requests: Requests) -> None:
        """Read the ledgers that requests are made in."""
        self._requests = requests

    @property
    def _registry(self) -> Registry:
        return self._requests.deciding.registry

    def proposed(self, ledger: str, tell: Tell) -> Iterator[ProposedBatch]:
        """Give the batches of a ledger, the longest lapsed first; raises NotFound."""
        book = self._requests.books.get(ledger)
        if book is None:
            raise NotFound("ledger")
        kept = self._kept(book, tell)
        today = day_of(self._registry.today()).toordinal()
        gone = {key for one in book.destroyed.destructions() for key in one.keys}
        due = [key for key, until in kept.until.items() if until < today and key not in gone]
        for controller in sorted({kept.whose[key] for key in due}):
            mine = sorted(
                (key for key in due if kept.whose[key] == controller),
                key=lambda key: (kept.until[key], kept.at[key]),
            )
            most = ErasureRequested.most_subjects
            for at in range(0, len(mine), most):
                chunk = mine[at : at + most]
                named = [self._pseudonym(book, kept.at[key], key) for key in chunk]
                yield ProposedBatch(
                    ledger,
                    controller,
                    datetime.date.fromordinal(max(kept.until[key] for key in chunk)).isoformat(),
                    tuple(one for one in named if one is not None),
                )

    def _kept(self, book: ErasureBook, tell: Tell) -> _Kept:
        kept, at, size = _Kept(), 0, book.ledger.head().size
        while at < size:
            entries = book.ledger.read(at, min(BATCH, size - at))
            for entry in entries:
                ring = book.ring(entry)
                if ring is not None and ring.header.kind_name() != ErasureRequested.name:
                    self._take(kept, ring)
            at += len(entries)
            tell(book.ledger.name, at, size)
        return kept

    def _take(self, kept: _Kept, ring: Ring) -> None:
        subjects = ring.subjects()
        if not subjects:
            return
        until = self._until(ring)
        controllers = self._registry.controllers(ring.header.source)
        for key in subjects:
            whose = next(iter(controllers)) if len(controllers) == 1 else ""
            several = kept.whose.setdefault(key, whose) != whose or not whose
            kept.until[key] = max(kept.until.get(key, 0), _NEVER if several else until)
            kept.at[key] = ring.entry.position

    def _until(self, ring: Ring) -> int:
        """Give the last day on which an event is kept, as a number."""
        agreement = self._registry.agreement_text(ring.header.agreement)
        days = None if agreement is None else agreement.retention_days(ring.header.kind_name())
        return _NEVER if days is None else london_day(ring.header.time).toordinal() + days

    def _pseudonym(self, book: ErasureBook, position: int, key: bytes) -> str | None:
        entry = book.ledger.read(position, 1)[0]
        ring = book.ring(entry)
        try:
            event = book.opening.event(entry)
        except NotOpened:
            return None
        numbers = {
            number
            for number, kind, one in (ring.parts if ring else ())
            if one == key and kind is PartClass.SHARED
        }
        return next((one.pseudonym for one in event.subjects if one.number in numbers), None)
