"""What a warrant allows to be opened, and whether it stands.

It stands in the ledger that it is for, as that ledger's own body signed it; who recorded it vouches
for nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from domain.decisions import subject_mark
from domain.errors import NotAuthorised, NotFound
from domain.opened import OpenedEvent, OpenedSubject
from domain.values import day_of, instant_of, london_day
from domain.vocabulary.deciding import WarrantGranted
from services.deciding import Deciding
from services.folding import named
from services.opening import Opening
from services.ports import Ledger
from services.registry import Registry


@dataclass(frozen=True, slots=True)
class Warrant:
    """One warrant, and whom it names: nobody where it is for a whole period."""

    event: str
    facts: WarrantGranted.Facts
    subjects: frozenset[str]
    """Their marks."""

    def covers(self, event: OpenedEvent) -> bool:
        """Say whether an event lies in its period and is about somebody it names."""
        day = london_day(event.header.time)
        if not day_of(self.facts.period_start) <= day <= day_of(self.facts.period_end):
            return False
        return not self.subjects or any(self._names(one) for one in event.subjects)

    def _names(self, subject: OpenedSubject) -> bool:
        """Say whether it names a subject; one that was erased is nobody any more."""
        named = subject.pseudonym
        return named is not None and subject_mark(self.facts.ledger, named) in self.subjects

    def withheld(self, event: OpenedEvent) -> set[int]:
        """Give the shared parts of an event that are of others than those it names."""
        if not self.subjects:
            return set()
        return {one.number for one in event.subjects if not self._names(one)}


def warrant_of(ledger: Ledger, opening: Opening, deciding: Deciding, event: uuid.UUID) -> Warrant:
    """Read a warrant from the ledger that it is for.

    Raises NotFound where there is none, NotAuthorised where it is not its ledger's, was not signed
    by that body, has expired, or was taken back.
    """
    registry = deciding.registry
    entry = ledger.find(event)
    opened = None if entry is None else opening.event(entry)
    if entry is None or opened is None or not isinstance(opened.facts, WarrantGranted.Facts):
        raise NotFound("warrant in this ledger")
    facts = opened.facts
    _refuse_another_body(facts, ledger.name, registry)
    deciding.checked(facts)
    if instant_of(facts.expires) <= registry.now():
        raise NotAuthorised("warrant-expired")
    later = (opening.event(one) for one in ledger.stream(entry.stream_tag))
    if any(named(one) == event for one in later):
        raise NotAuthorised("warrant-taken-back")
    return Warrant(opened.header.id, facts, frozenset(facts.subjects or ()))


def _refuse_another_body(facts: WarrantGranted.Facts, ledger: str, registry: Registry) -> None:
    """Raise NotAuthorised unless the ledger is the granting body's own."""
    body = registry.participants().participant(facts.by_participant, registry.today())
    if facts.ledger != ledger or body is None or body.ledger != ledger:
        raise NotAuthorised("warrant-of-another-ledger")
