"""Requests for erasure, and how far each has come.

    requested   fewer than two bodies approved it, or the controller has not
    held        a legal hold stands on one of its subjects, or on a stream that tells of one
    waiting     approved; neither the day that it names nor the time agreed for all has come
    approved    approved and waited for: to be carried out
    destroyed   the ledger says so, and no file of the key store holds the keys any more

Approvals, holds and lifts count while their signatures do (`services.deciding`), and no longer.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from domain.erasure import not_before_ms
from domain.errors import NotAuthorised, NotFound, NotOpened
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.statement import PartClass
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.deciding import ErasureApproved, LegalHoldLifted, LegalHoldSet
from domain.vocabulary.erasing import ErasureRequested
from services.custody import KeyCustody
from services.deciding import Deciding
from services.destroying_ports import ErasableKeyStore
from services.erasing.book import BATCH, ErasureBook, Tell
from services.erasing.copies import Copies, copies_of
from services.stated import marks_its_subjects, unrestricted_statement
from services.trust import NOW

APPROVERS = 2
"""Bodies that must approve, one of them the controller of what is erased."""
State = Literal["approved", "destroyed", "held", "requested", "waiting"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it was recorded. `subjects` are pseudonyms, None once they are erased."""

    ledger: str
    event: str
    facts: ErasureRequested.Facts
    recorded_ms: int
    statement: str
    controller: str
    not_before_ms: int
    """The later of what it names itself and what was agreed for every erasure."""
    subjects: tuple[tuple[bytes, str | None], ...]
    """Each by its key id."""

    def key_ids(self) -> frozenset[bytes]:
        """Give the keys of its subjects."""
        return frozenset(key for key, _ in self.subjects)


@dataclass(frozen=True, slots=True)
class Approval:
    """One body's signed approval, by the decision that it is."""

    body: str
    office: str
    decision: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request has come, and by whom."""

    request: Request
    state: State
    approvals: tuple[Approval, ...]
    held_by: tuple[str, ...]
    destroyed: str | None = None
    """The instant at which the ledger said so."""
    keys: int = 0
    lapses: str | None = None
    copies: tuple[Copies, ...] = ()


class Requests:
    """Finds requests, and says how far they are."""

    def __init__(
        self,
        books: Mapping[str, ErasureBook],
        custody: KeyCustody,
        store: ErasableKeyStore,
        deciding: Deciding,
    ) -> None:
        """Read these ledgers; believe decisions by `deciding` alone."""
        self.books = books
        self.custody = custody
        self.store = store
        self.deciding = deciding

    def find(self, event: str) -> Request:
        """Give a request by its event's id; raises NotFound."""
        for book in self.books.values():
            entry = book.ledger.find(uuid.UUID(event))
            ring = None if entry is None else book.ring(entry)
            if ring is not None and ring.header.kind_name() == ErasureRequested.name:
                return self._read(book, ring.entry.event_id)
        raise NotFound("request for erasure")

    def _read(self, book: ErasureBook, event: uuid.UUID) -> Request:
        """Read a request; raises NotAuthorised for one that nobody may carry out."""
        entry = book.ledger.find(event)
        if entry is None:
            raise NotFound("request for erasure")
        opened = book.opening.event(entry)
        record = book.opening.header(entry)[0]
        ring = book.ring(entry)
        statement = unrestricted_statement(record.leaf)
        if not isinstance(opened.facts, ErasureRequested.Facts) or ring is None:
            raise NotFound("request for erasure")
        controllers = self.deciding.registry.controllers(opened.header.source)
        if opened.attestation is not Attestation.SIGNED or statement is None or not controllers:
            raise NotAuthorised("request-not-signed-by-a-source")
        if opened.facts.by_participant not in controllers:
            raise NotAuthorised("request-not-by-the-controller")
        if not marks_its_subjects(opened.facts, opened):
            raise NotAuthorised("request-marks-others")
        agreement = self.deciding.registry.agreement_text(opened.header.agreement)
        if agreement is None:
            raise NotAuthorised("request-under-no-agreement")
        keys = {number: key for number, kind, key in ring.parts if kind is PartClass.SHARED}
        subjects = tuple((keys[one.number], one.pseudonym) for one in opened.subjects)
        return Request(
            book.ledger.name,
            opened.header.id,
            opened.facts,
            opened.recorded_ms,
            to_text(statement),
            opened.facts.by_participant,
            not_before_ms(
                opened.facts.waiting_until, opened.recorded_ms, agreement.erasure_waiting_days
            ),
            subjects,
        )

    def progress(self, request: Request) -> Progress:
        """Say how far a request is."""
        book = self.books[request.ledger]
        events = list(book.told(self.custody))
        destroyed = [one for one in events if _destroys(one, request.event)]
        approvals = tuple(self._approvals(request, events, done=bool(destroyed)))
        held_by = tuple(sorted(set(self._holds(request, events))))
        state = self._state(request, approvals, held_by, destroyed)
        if state != "destroyed":
            return Progress(request, state, approvals, held_by)
        facts = [one.facts for one in destroyed if isinstance(one.facts, KeyDestroyed.Facts)]
        return Progress(
            request,
            state,
            approvals,
            held_by,
            destroyed[0].header.time,
            sum(len(one.keys) for one in facts),
            max(one.lapses for one in facts),
            tuple(copies_of(request.event, events)),
        )

    def _state(
        self,
        request: Request,
        approvals: tuple[Approval, ...],
        held_by: tuple[str, ...],
        destroyed: list[OpenedEvent],
    ) -> State:
        if destroyed:
            return "destroyed" if self._are_gone(request) else "approved"
        if held_by:
            return "held"
        bodies = {one.body for one in approvals}
        if len(bodies) < APPROVERS or request.controller not in bodies:
            return "requested"
        if request.not_before_ms > self.deciding.registry.now().timestamp() * 1000:
            return "waiting"
        return "approved"

    def _are_gone(self, request: Request) -> bool:
        """Say whether the store has finished what the ledger says of this request."""
        return all(
            self.store.destroyed(list(one.tags))
            for one in self.books[request.ledger].destroyed.destructions()
            if one.facts.erasure == request.event
        )

    def _approvals(
        self, request: Request, events: list[OpenedEvent], *, done: bool
    ) -> Iterator[Approval]:
        """Give the approvals that count: now, or of what is done, as of when they were recorded."""
        for event in events:
            facts = event.facts
            if (
                isinstance(facts, ErasureApproved.Facts)
                and (facts.request, facts.statement) == (request.event, request.statement)
                and self.deciding.stands(facts, event.recorded_ms if done else NOW)
            ):
                yield Approval(facts.by_participant, facts.by_office, event.header.id)

    def _holds(self, request: Request, events: list[OpenedEvent]) -> Iterator[str]:
        """Give the bodies whose holds stand in the way, whoever is believed of them by now."""
        lifted = set(self._lifted(events))
        for event in events:
            facts = event.facts
            if (
                isinstance(facts, LegalHoldSet.Facts)
                and (event.header.id, facts.by_participant) not in lifted
                and (facts.until is None or facts.until >= self.deciding.registry.today())
                and self._touches(facts, request)
                and self.deciding.stands(facts, event.recorded_ms)
            ):
                yield facts.by_participant

    def _lifted(self, events: list[OpenedEvent]) -> Iterator[tuple[str, str]]:
        for event in events:
            facts = event.facts
            if isinstance(facts, LegalHoldLifted.Facts) and self.deciding.stands(facts):
                yield facts.hold, facts.by_participant

    def _touches(self, hold: LegalHoldSet.Facts, request: Request) -> bool:
        if set(request.facts.marks).intersection(hold.subjects or ()):
            return True
        if hold.stream is None:
            return False
        rings = self.books[request.ledger].of_stream(self.custody, hold.stream)
        return any(ring.subjects() & request.key_ids() for ring in rings)

    def every(self, ledger: str, tell: Tell) -> Iterator[Request]:
        """Give every request that a ledger holds, read from end to end."""
        book = self.books[ledger]
        size, at = book.ledger.head().size, 0
        while at < size:
            entries = book.ledger.read(at, min(BATCH, size - at))
            for entry in entries:
                ring = book.ring(entry)
                if ring is not None and ring.header.kind_name() == ErasureRequested.name:
                    with contextlib.suppress(NotAuthorised, NotOpened):
                        yield self._read(book, entry.event_id)
            at += len(entries)
            tell(ledger, at, size)

    def known(self, ledger: str) -> list[str]:
        """Give the requests of a ledger that somebody approved or that were carried out."""
        found: dict[str, None] = {}
        for event in self.books[ledger].told(self.custody):
            match event.facts:
                case ErasureApproved.Facts():
                    found.setdefault(event.facts.request)
                case KeyDestroyed.Facts() if event.facts.erasure is not None:
                    found.setdefault(event.facts.erasure)
                case _:
                    pass
        return list(found)

    def standing(self, ledger: str) -> Iterator[Progress]:
        """Give how far each known request of a ledger is."""
        for event in self.known(ledger):
            try:
                yield self.progress(self.find(event))
            except (NotAuthorised, NotFound, NotOpened):
                continue  # approved by somebody, and no request that may be carried out


def _destroys(event: OpenedEvent, request: str) -> bool:
    return isinstance(event.facts, KeyDestroyed.Facts) and event.facts.erasure == request
