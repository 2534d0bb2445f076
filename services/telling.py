"""Who is told what of a ledger's entries, each in its own topic.

    what was recorded                          who is told, of those in force today
    a release                                  bodies of which an office may read releases
    an agreement, its signing or suspension    its parties
    any other reference document               everybody
    a right that is given or ends              the body whose office it is
    an event with sealed parts                 its recipients, but for the controller
    its withdrawal                             the same
    an erasure of parts that were fetched      who fetched them

Of what was published nothing is opened but headers: whom a part is addressed to its session says.
Nothing is kept from entry to entry, so that whoever takes a ledger over goes on at once. That is
why a restriction is told to nobody here: whose parts it is about, only all that came before says.
It is asked for (`services.notices`), and refuses a fetch until it ends.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain import told
from domain.errors import NotOpened
from domain.logged_checkpoint import is_event
from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.reference.agreements import Agreement
from domain.reference.participants import PARTNERSHIP
from domain.reference.releases import Release
from domain.statement import PartClass
from domain.values import Strict, to_text
from domain.vocabulary import hub
from domain.vocabulary.data_quality import RecordWithdrawn
from services.acknowledging import instant
from services.deciding import Deciding
from services.fetching import Shelf
from services.opening import Headed
from services.outbox_ports import Message
from services.ports import StoredEntry
from services.reading import Reading, Right
from services.registered import Registered
from services.releases.readers import release_readers

_READ = frozenset(
    {
        hub.AgreementSigned.name,
        hub.AgreementSuspended.name,
        hub.ErasureNotified.name,
        hub.RightGranted.name,
        hub.RightRemoved.name,
    }
)
"""Kinds of which the hub's own facts are read."""


class _To(NamedTuple):
    """Something to tell: to whom, in which kind of message, and when it was recorded."""

    bodies: Iterable[str]
    kind: type[told.Told]
    data: Strict
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class Given:
    """That a body is given a release: to be recorded before it is."""

    message: uuid.UUID
    reading: Reading
    right: Right
    release: Release


@dataclass(frozen=True, slots=True)
class ToTell:
    """What is to be told of some entries, in their order."""

    messages: tuple[Message, ...] = ()
    given: tuple[Given, ...] = ()


class Telling:
    """Says what participants are told of ledgers."""

    def __init__(self, shelves: Mapping[str, Shelf], deciding: Deciding) -> None:
        """Tell of these ledgers."""
        self._shelves = shelves
        self._deciding = deciding
        self._registry = deciding.registry

    def of(self, ledger: str, entries: Sequence[StoredEntry]) -> ToTell:
        """Say what is to be told of some entries; one that does not open tells nothing.

        Raises Unavailable, and HomeNotReady as long as there are no participants.
        """
        self._registry.refresh()
        day = self._registry.today()
        everybody = self._registry.participants().participants
        bodies = [one.code for one in everybody if one.in_force(day)]
        registered = self._registered() if ledger == PARTNERSHIP else {}
        messages: list[Message] = []
        given: list[Given] = []
        for entry in entries:
            document = registered.get(entry.position)
            if document is None:
                found = list(self._of_entry(ledger, entry))
            else:
                found = [self._of_document(document, bodies)]
            for to in found:
                messages += _messages(ledger, entry, to, bodies)
            if document is not None and isinstance(document.document, Release):
                given += self._given(ledger, entry, document.document)
        return ToTell(tuple(messages), tuple(given))

    def _registered(self) -> dict[int, Registered]:
        """Give the documents that stand, by the entry with which the last piece came."""
        every = self._registry.documents().values()
        return {one.position: one for versions in every for one in versions}

    def _of_document(self, one: Registered, bodies: Sequence[str]) -> _To:
        document, digest = one.document, to_text(one.digest)
        if isinstance(document, Release):
            issued = told.ReleaseIssued(digest=digest, release=document)
            return _To(release_readers(self._deciding), told.ReleaseTold, issued, one.recorded_ms)
        registered = told.DocumentRegistered(
            digest=digest,
            document=document.kind,
            effective_from=document.effective_from,
            name=document.name,
            version=document.version,
        )
        to = document.parties if isinstance(document, Agreement) else bodies
        return _To(to, told.DocumentTold, registered, one.recorded_ms)

    def _given(self, ledger: str, entry: StoredEntry, release: Release) -> Iterator[Given]:
        for body, (reading, right) in release_readers(self._deciding).items():
            mark = told.message_id(ledger, entry.position, entry.event_id, body)
            yield Given(mark, reading, right, release)

    def _of_entry(self, ledger: str, entry: StoredEntry) -> Iterator[_To]:
        if not is_event(entry.record):
            return
        shelf = self._shelves[ledger]
        try:
            headed = shelf.opening.header(entry)
            name = headed[3].name
            if name in _READ:
                yield from self._of_facts(shelf.opening.event(entry))
            elif name == RecordWithdrawn.name:
                yield from self._of_withdrawal(ledger, headed)
            elif any(one.part_class is PartClass.RESTRICTED for one in headed[0].leaf.parts):
                yield self._waits(ledger, headed, "part", headed[0].recorded_ms)
        except NotOpened:
            return

    def _of_withdrawal(self, ledger: str, headed: Headed) -> Iterator[_To]:
        """Tell the recipients of what was taken back, if its own source did and it came before."""
        shelf = self._shelves[ledger]
        target = headed[2].supersedes
        entry = None if target is None else shelf.ledger.find(uuid.UUID(target))
        if entry is None:
            return
        taken = shelf.opening.header(entry)
        if taken[0].leaf.source == headed[0].leaf.source:
            yield self._waits(ledger, taken, "withdrawn", headed[0].recorded_ms)

    def _waits(self, ledger: str, headed: Headed, what: told.Waiting, recorded_ms: int) -> _To:
        header = headed[2]
        session = self._shelves[ledger].sessions(header.sealingsession or "")
        recipients = set() if session is None else set(session.recipients)
        others = sorted(recipients - self._registry.controllers(header.source))
        return _To(others, told.WaitingTold, told.Waits(ledger=ledger, what=what), recorded_ms)

    def _of_facts(self, event: OpenedEvent) -> Iterator[_To]:
        """Tell of what the hub recorded itself: what a source says of these kinds does nothing."""
        if event.attestation is not Attestation.HUB:
            return
        at, facts = event.recorded_ms, event.facts
        match facts:
            case hub.RightGranted.Facts():
                data: Strict = _taken(told.RightGiven, facts)
                yield _To([facts.participant], told.GrantedTold, data, at)
            case hub.RightRemoved.Facts():
                data = _taken(told.RightEnded, facts)
                yield _To([facts.participant], told.RemovedTold, data, at)
            case hub.ErasureNotified.Facts():
                data = told.Waits(ledger=facts.ledger, what="erased")
                yield _To([facts.participant], told.WaitingTold, data, at)
            case hub.AgreementSigned.Facts() | hub.AgreementSuspended.Facts():
                yield from self._of_agreement(facts, at)
            case _:
                return

    def _of_agreement(
        self, facts: hub.AgreementSigned.Facts | hub.AgreementSuspended.Facts, at: int
    ) -> Iterator[_To]:
        agreement = self._registry.agreement_text(facts.agreement)
        if agreement is None:
            return
        who, which = facts.by_participant, facts.agreement
        if isinstance(facts, hub.AgreementSuspended.Facts):
            since = facts.effective_from
            stopped = told.AgreementStopped(
                agreement=which, by_participant=who, effective_from=since
            )
            yield _To(agreement.parties, told.SuspendedTold, stopped, at)
        elif self._deciding.stands(facts, at):
            bound = told.AgreementBound(agreement=which, by_participant=who)
            yield _To(agreement.parties, told.SignedTold, bound, at)


def _taken(kind: type[Strict], facts: Strict) -> Strict:
    """Give those of an event's facts that a message has."""
    said = facts.model_dump(include=set(kind.model_fields), exclude_unset=True)
    return kind.model_validate(said)


def _messages(ledger: str, entry: StoredEntry, to: _To, bodies: Sequence[str]) -> Iterator[Message]:
    """Give a message to each that is in force, in one order."""
    for body in sorted(set(to.bodies) & set(bodies)):
        mark = told.message_id(ledger, entry.position, entry.event_id, body)
        message = told.told(to.kind, mark, body, instant(to.recorded_ms), to.data)
        yield Message(mark, body, message.canonical())
