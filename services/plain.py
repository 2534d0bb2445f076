r"""Plain sources: systems that cannot run the client, so that the hub makes salts and seals.

A compromised hub could read such submissions while they arrive; the leaf says `plain`, and only a
source that its controller configured so may use it: never police, never a shielded one, never with
recipients beside the controller.

An event that is sent again is compared with what is recorded (`plain_again`): the same content
takes the recorded statement, and so is answered with the recorded position. What was recorded
between comparing and committing shows as a conflict; it is compared once more, and only what is a
conflict then is recorded as refused.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.envelope import PlainSubject, SealedPart
from domain.errors import Fault, NotAuthorised, NotTrusted, SubmissionRefused
from domain.record import Attestation
from domain.reference.participants import Source
from domain.statement import PartClass, restricted_number
from domain.values import to_text
from domain.vocabulary.custody import SealingSessionOpened
from domain.vocabulary.erasing import ErasureRequested
from domain.vocabulary.parts import RestrictedPart, SharedPart
from domain.wire import EVENT_BYTES_MAX, AnyPlain, Unread, Wire
from services.acknowledging import Judged
from services.authorising import Session, Standing, faults_of
from services.borough.sealing import PartPlace, SessionSeal
from services.custody import KeyCustody, KeyName
from services.deciding import Deciding
from services.destroying_ports import TagsFenced
from services.identifiers import uuid7
from services.opening import Opening
from services.plain_again import as_recorded, content_tag
from services.plain_sessions import PlainSessions
from services.ports import Caller, Clock
from services.preparing import PersonPart, PreparedEvent, PreparedPart, prepared
from services.taking import FENCED, Answer, Books, Ready, Submitted, Taking

Person = PlainSubject[SharedPart, RestrictedPart]
Judgement = tuple[Judged, PreparedEvent | None]
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class PlainDesk:
    """What seals for plain sources, and what compares with what is recorded."""

    custody: KeyCustody
    openings: Mapping[str, Opening]
    sessions: PlainSessions
    clock: Clock


class PlainPublishing:
    """Takes plain CloudEvents, one or a batch of them."""

    def __init__(self, taking: Taking, deciding: Deciding, wire: Wire, desk: PlainDesk) -> None:
        """Judge by what is registered and signed, seal at `desk`, and commit through `taking`."""
        self._taking = taking
        self._deciding = deciding
        self._registry = deciding.registry
        self._wire = wire
        self._desk = desk

    def submit(self, raw: bytes, caller: Caller, *, batch: bool, atomic: bool = False) -> Answer:
        """Take plain events; raises Refused or Unavailable."""
        source, books = self._taking.source(caller)
        with self._taking.watch("publish", source.ledger):
            try:
                events = self._events(raw, source, batch=batch)
            except (SubmissionRefused, NotAuthorised) as refusal:
                self._taking.refuse(caller, refusal)
                raise
            return self._taken(events, source, books, atomic=atomic)

    def _taken(
        self, events: Sequence[AnyPlain | Unread], source: Source, books: Books, *, atomic: bool
    ) -> Answer:
        judgements = [self._judge(index, event, source) for index, event in enumerate(events)]
        judged = [one for one, _ in judgements]
        made = [(index, one) for index, (_, one) in enumerate(judgements) if one is not None]
        ready = self._compared(made, source, books)
        first = replace(self._submitted(judged, ready), fills_conflicts=False)
        answer = self._taking.take(first, source, atomic=atomic)
        faulty = len(judged) - len(made)
        if answer.refused == faulty or (atomic and faulty):
            return answer
        compared = self._compared(made, source, books)
        again = replace(self._submitted(judged, compared), refusals_stand=True)
        return self._taking.take(again, source, atomic=atomic)

    def _events(self, raw: bytes, source: Source, *, batch: bool) -> Sequence[AnyPlain | Unread]:
        if not source.plain:
            raise NotAuthorised("not-a-plain-source")
        return self._wire.plain_events(raw, batch=batch)

    def _submitted(self, judged: Sequence[Judged], ready: Sequence[Ready]) -> Submitted:
        digests = tuple(made.digest for _, made in ready)
        submission = uuid7(self._desk.clock.now_ms())
        return Submitted(submission, digests, b"", judged, ready)

    def _compared(self, made: Sequence[Ready], source: Source, books: Books) -> list[Ready]:
        opening = self._desk.openings[source.ledger]
        return [(index, as_recorded(one, books.ledger, opening)) for index, one in made]

    def _judge(self, index: int, event: AnyPlain | Unread, source: Source) -> Judgement:
        if isinstance(event, Unread):
            return Judged(event.event_id, event.faults, event.sequence), None
        # Judged without its restricted parts first: a refused event has no session opened for it.
        faults = [*self._faults(index, event, source)]
        made = None
        if not faults:
            try:
                made = self._made(event, source)
            except NotTrusted:
                faults.append(Fault(index, "data.subjects.restricted", "no-trusted-key"))
            except TagsFenced:
                faults.append(Fault(index, "data.subjects", FENCED))
        # A number of another source's count would hide a gap in this one's.
        sequence = event.sequence if event.source == source.name else None
        return Judged(event.id, tuple(faults), sequence), made

    def _faults(self, index: int, event: AnyPlain, source: Source) -> tuple[Fault, ...]:
        standing = Standing(
            source=source,
            keeper=self._registry.keeper(source.ledger),
            catalogue=self._wire.catalogue,
            agreement=self._registry.agreement,
            bound=self._deciding.is_bound,
            session=_no_session,
            now=self._registry.now(),
        )
        bare = _prepared(event, [PersonPart(one, bytes(SALT_BYTES)) for one in event.data.subjects])
        faults = faults_of(index, event, bare, standing)
        if isinstance(event.data.facts, SealingSessionOpened.Facts | ErasureRequested.Facts):
            faults = (*faults, Fault(index, "type", "of-signed-events-alone"))
        if event.sealingsession is not None:
            faults = (*faults, Fault(index, "sealingsession", "of-signed-events-alone"))
        restricted = (one.restricted for one in event.data.subjects if one.restricted is not None)
        if bare.size() + sum(len(part.canonical()) for part in restricted) > EVENT_BYTES_MAX:
            faults = (*faults, Fault(index, "", "event-too-large"))
        return faults

    def _made(self, event: AnyPlain, source: Source) -> PreparedEvent:
        """Make salts, seal restricted parts to the controller, and tag what was sealed."""
        people = event.data.subjects
        restricted = sum(1 for one in people if one.restricted is not None)
        if not restricted:
            return _prepared(event, [PersonPart(one, _salt()) for one in people])
        seal = self._desk.sessions.seal(source.ledger, source.controller, parts=restricted)
        named = event.model_copy(update={"sealingsession": seal.text})
        parts = [_sealed(event, number, one, seal) for number, one in enumerate(people)]
        made = _prepared(named, parts)
        return replace(made, parts=tuple(self._tagged(event, made, source)))

    def _tagged(self, event: AnyPlain, made: PreparedEvent, source: Source) -> list[PreparedPart]:
        names = {
            part.number: KeyName(source.ledger, "subject", part.key_name)
            for part in made.parts
            if part.part_class is PartClass.RESTRICTED
        }
        keys = self._desk.custody.keys_for(names.values())
        contents = {
            restricted_number(at): one.restricted.canonical()
            for at, one in enumerate(event.data.subjects)
            if one.restricted is not None
        }
        return [
            part._replace(
                envelope_digest=content_tag(
                    keys[names[part.number]], made.event_id, part.number, contents[part.number]
                ),
            )
            if part.number in names
            else part
            for part in made.parts
        ]


def _prepared(event: AnyPlain, people: list[PersonPart]) -> PreparedEvent:
    return prepared(
        event,
        (event.data.facts, _salt()),
        people,
        header_salt=_salt(),
        attestation=Attestation.PLAIN,
    )


def _sealed(event: AnyPlain, number: int, person: Person, seal: SessionSeal) -> PersonPart:
    if person.restricted is None:
        return PersonPart(person, _salt())
    place = PartPlace(uuid.UUID(event.id), restricted_number(number))
    content = seal.seal(place, _salt(), person.restricted.canonical())
    sealed = SealedPart(
        commitment=to_text(content.commitment),
        envelope=to_text(content.envelope),
        recipients=seal.name.recipients,
    )
    return PersonPart(person, _salt(), sealed)


def _salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def _no_session(_: str) -> Session | None:
    return None
