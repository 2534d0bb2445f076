"""What a warrant allows to be opened, and whether it stands.

Until bodies sign decision records, a warrant is an event in the ledger that it is for, and what
vouches for it is who recorded it: the body's own source, or the hub.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from domain.errors import NotAuthorised, NotFound
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.values import day_of, instant_of, london_day
from domain.vocabulary.custody import WarrantGranted
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

    def covers(self, event: OpenedEvent) -> bool:
        """Say whether an event lies in its period and is about somebody it names."""
        day = london_day(event.header.time)
        if not day_of(self.facts.period_start) <= day <= day_of(self.facts.period_end):
            return False
        return not self.subjects or any(one.pseudonym in self.subjects for one in event.subjects)

    def withheld(self, event: OpenedEvent) -> set[int]:
        """Give the shared parts of an event that are of others than those it names."""
        if not self.subjects:
            return set()
        return {one.number for one in event.subjects if one.pseudonym not in self.subjects}


def warrant_of(ledger: Ledger, opening: Opening, registry: Registry, event: uuid.UUID) -> Warrant:
    """Read a warrant from the ledger that it is for.

    Raises NotFound where there is none, NotAuthorised where it is not its ledger's, has expired, or
    was taken back.
    """
    entry = ledger.find(event)
    opened = None if entry is None else opening.event(entry)
    if entry is None or opened is None or not isinstance(opened.facts, WarrantGranted.Facts):
        raise NotFound("warrant in this ledger")
    facts = opened.facts
    refuse_another_body(facts, ledger.name, registry)
    if not _of_that_body(opened, facts.by_participant, registry):
        raise NotAuthorised("warrant-not-by-its-body")
    if instant_of(facts.expires) <= registry.now():
        raise NotAuthorised("warrant-expired")
    later = (opening.event(one) for one in ledger.stream(entry.stream_tag))
    if any(named(one) == event for one in later):
        raise NotAuthorised("warrant-taken-back")
    subjects = {one.pseudonym for one in opened.subjects if one.pseudonym is not None}
    if len(subjects) != len(opened.subjects):
        raise NotAuthorised("warrant-names-the-erased")
    return Warrant(opened.header.id, facts, frozenset(subjects))


def refuse_another_body(facts: WarrantGranted.Facts, ledger: str, registry: Registry) -> None:
    """Raise NotAuthorised unless the ledger is the granting body's own."""
    body = registry.participants().participant(facts.by_participant, registry.today())
    if facts.ledger != ledger or body is None or body.ledger != ledger:
        raise NotAuthorised("warrant-of-another-ledger")


def _of_that_body(opened: OpenedEvent, participant: str, registry: Registry) -> bool:
    if opened.attestation is Attestation.HUB:
        return True
    source = registry.source(opened.header.source)
    return source is not None and source.controller == participant
