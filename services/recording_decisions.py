"""Recording what bodies decided: checked before, and again by everybody who reads it later.

The event has the decision's own id, so that a decision is recorded once however often its file is
handed in, and everybody calls it by the id that the body itself gave it.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from domain.decisions import (
    AgreementDecision,
    Decision,
    ErasureApproval,
    LegalHold,
    LegalHoldLift,
    Recording,
    WarrantDecision,
    decision_of,
    facts_of,
    from_file,
)
from domain.envelope import Header
from domain.erasure import erasures_stream
from domain.errors import AlreadyDifferent, NotAuthorised, NotFound, NotOpened
from domain.opened import OpenedEvent
from domain.record import Record
from domain.values import to_text
from domain.vocabulary.deciding import LegalHoldSet
from domain.vocabulary.erasing import ErasureRequested
from domain.vocabulary.parts import Kind
from services.deciding import Deciding
from services.hub_events import HubEvents
from services.opening import Opening
from services.ports import Ledger
from services.registry import Registry
from services.stated import unrestricted_statement

WHAT = "decision"


@dataclass(frozen=True, slots=True)
class DecisionBook:
    """One ledger, and what opens its entries."""

    ledger: Ledger
    opening: Opening

    def event(self, event: str) -> OpenedEvent | None:
        """Give an opened event, or None where there is none that opens."""
        entry = self.ledger.find(uuid.UUID(event))
        try:
            return None if entry is None else self.opening.event(entry)
        except NotOpened:
            return None

    def headed(self, event: str) -> tuple[Record, Header, type[Kind]] | None:
        """Give an entry's record and header, which open whatever was erased."""
        entry = self.ledger.find(uuid.UUID(event))
        if entry is None:
            return None
        record, _, header, kind = self.opening.header(entry)
        return record, header, kind


@dataclass(frozen=True, slots=True)
class Recorded:
    """A decision that stands: under which event, of what kind, where; `again` when it did."""

    event: str
    kind: str
    ledger: str
    again: bool


class RecordingDecisions:
    """Takes signed decisions from whoever brings them: the signature says whose they are."""

    def __init__(
        self,
        deciding: Deciding,
        books: Mapping[str, DecisionBook],
        hub_events: HubEvents,
        partnership: str,
    ) -> None:
        """Record in these ledgers; what concerns them all in the one named `partnership`."""
        self._deciding = deciding
        self._books = books
        self._hub_events = hub_events
        self._partnership = partnership

    @property
    def _registry(self) -> Registry:
        return self._deciding.registry

    def record(self, raw: bytes) -> Recorded:
        """Record a decision's file; handing it in again changes nothing.

        Raises ReferenceRefused for what is no decision, NotAuthorised for one that the body may not
        take or did not sign, NotFound for what it is about, AlreadyDifferent, Unavailable.
        """
        signed = from_file(raw)
        decision = decision_of(signed)
        self._deciding.refuse_unsigned(signed, decision.body)
        if self._registry.participants().participant(decision.body, self._registry.today()) is None:
            raise NotAuthorised("body-not-registered")
        recording = facts_of(decision, signed)
        ledger = recording.ledger or self._partnership
        book = self._books.get(ledger)
        if book is None:
            raise NotFound("ledger")
        if self._stands(book, decision, recording):
            return Recorded(decision.id, recording.kind.name, ledger, again=True)
        self._refuse(decision, book)
        # A warrant and an agreement are looked for by their ids, and stand alone.
        of_erasing = isinstance(decision, ErasureApproval | LegalHold | LegalHoldLift)
        stream = erasures_stream(ledger) if of_erasing else None
        made = self._hub_events.made(recording.kind, recording.facts, stream, decision.id)
        self._hub_events.append(ledger, made)
        self._stands(book, decision, recording)  # somebody may have taken the id meanwhile
        return Recorded(decision.id, recording.kind.name, ledger, again=False)

    def _stands(self, book: DecisionBook, decision: Decision, recording: Recording) -> bool:
        """Say whether it is recorded; raises AlreadyDifferent where its id is something else's."""
        if book.ledger.find(uuid.UUID(decision.id)) is None:
            return False
        found = book.event(decision.id)
        if found is None or found.facts != recording.facts:
            raise AlreadyDifferent(WHAT)
        return True

    def _refuse(self, decision: Decision, book: DecisionBook) -> None:
        """Raise NotAuthorised or NotFound for what this body may not decide.

        Any body may hold: what it should not have held does no more than wait.
        """
        match decision:
            case AgreementDecision():
                self._refuse_agreement(decision)
            case ErasureApproval():
                _refuse_approval(decision, book)
            case LegalHoldLift():
                _refuse_lift(decision, book)
            case WarrantDecision():
                body = self._registry.participants().participant(
                    decision.body, self._registry.today()
                )
                if body is None or body.ledger != book.ledger.name:
                    raise NotAuthorised("warrant-of-another-ledger")
            case LegalHold():
                pass

    def _refuse_agreement(self, decision: AgreementDecision) -> None:
        text = self._registry.agreement_text(decision.about.agreement)
        digest = self._registry.agreement_digest(decision.about.agreement)
        if text is None or digest is None:
            raise NotFound("agreement")
        if decision.about.digest != to_text(digest):
            raise NotAuthorised("agreement-of-another-text")
        if decision.body not in text.parties:
            raise NotAuthorised("not-a-party")


def _refuse_approval(decision: ErasureApproval, book: DecisionBook) -> None:
    found = book.headed(decision.about.request)
    if found is None or found[2].name != ErasureRequested.name:
        raise NotFound("request of an erasure")
    statement = unrestricted_statement(found[0].leaf)
    if statement is None or decision.about.statement != to_text(statement):
        raise NotAuthorised("request-of-another-statement")


def _refuse_lift(decision: LegalHoldLift, book: DecisionBook) -> None:
    found = book.event(decision.about.hold)
    if found is None or not isinstance(found.facts, LegalHoldSet.Facts):
        raise NotFound("legal hold")
    if found.facts.by_participant != decision.body:
        raise NotAuthorised("hold-of-another-body")
