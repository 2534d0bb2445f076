"""One submission, from bytes to a durable, signed answer.

 1. open: the token names a source; the document is read strictly (domain.wire)
 2. the source is registered, and the ledger is its own
 3. the signing key is one that our own trust file vouches for, and the signature covers the
    ordered statement digests
 4. every event's statement is recomputed from what was read and compared with what was signed
 5. agreement, type, purpose, recipients, times, sealing session, sizes: all faults at once
 6. what stands is committed with the hub's own record of what was refused, in one transaction
 7. the answer is signed under the ledger's lock and stored: a resend is given the same bytes

What is wrong with the whole (1–3) is recorded as one `submission-refused` when the source is known,
and is only counted when nobody is.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue
from domain.errors import AlreadyDifferent, Fault, NotAuthorised, SubmissionRefused
from domain.reference.participants import Source
from domain.statement import signed_bytes
from domain.values import to_bytes, to_text
from domain.vocabulary.custody import SealingSessionOpened
from domain.wire import AnySigned, Parsed, SubmissionHead, Wire
from services.acknowledging import Judged, answer_of, outcome_counts
from services.authorising import Session, Sessions, Standing, faults_of
from services.committing import Batch, Committer
from services.hub_events import HubEvents
from services.ports import Answered, Caller, Clock, Ledger, Signer, Verify
from services.preparing import PreparedEvent, from_signed
from services.registry import Registry
from services.sessions import StoredSessions, session_recipients

Prepared = tuple[int, PreparedEvent]


@dataclass(frozen=True, slots=True)
class Books:
    """One ledger with what writes to it and looks into it."""

    ledger: Ledger
    committer: Committer
    sessions: StoredSessions


@dataclass(frozen=True, slots=True)
class Desk:
    """The hub's own hand: its signing key and its fingerprint, how signatures are checked, time."""

    signer: Signer
    key: bytes
    verify: Verify
    clock: Clock


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher is told: the signed acknowledgement, and whether anything stands."""

    acknowledgement: bytes
    recorded: int
    refused: int
    faults: tuple[Fault, ...]


class Publishing:
    """Takes submissions for every ledger of the hub."""

    def __init__(
        self,
        books: dict[str, Books],
        registry: Registry,
        hub_events: HubEvents,
        wire: Wire,
        desk: Desk,
    ) -> None:
        """Serve these ledgers."""
        self._books = books
        self._registry = registry
        self._hub_events = hub_events
        self._wire = wire
        self._desk = desk

    def submit(self, raw: bytes, caller: Caller, *, atomic: bool = False) -> Answer:
        """Take one signed submission; raises Refused or Unavailable."""
        source = self._source(caller)
        try:
            parsed = self._wire.signed_submission(raw)
            self._check_head(parsed, source)
        except (SubmissionRefused, NotAuthorised) as refusal:
            self._record_refusal(source, refusal)
            raise
        return self._take(parsed, source, atomic=atomic)

    def _source(self, caller: Caller) -> Source:
        if caller.source is None:
            raise NotAuthorised("token-cannot-publish")
        source = self._registry.source(caller.source)
        if source is None or source.participant != caller.participant:
            raise NotAuthorised("source-not-registered")
        if source.ledger not in self._books:
            raise NotAuthorised("ledger-not-here")
        return source

    def _check_head(self, parsed: Parsed, source: Source) -> None:
        head = parsed.head
        if head.source != source.name:
            raise NotAuthorised("not-of-this-token")
        if head.ledger != source.ledger:
            raise NotAuthorised("another-ledger")
        if len(head.statements) != len(parsed.events):
            raise SubmissionRefused((Fault(-1, "submission.statements", "not-one-an-event"),))
        public = self._registry.signing_key(source.participant, to_bytes(head.key))
        if public is None:
            raise NotAuthorised("signing-key-not-trusted")
        digests = [to_bytes(text) for text in head.statements]
        message = signed_bytes(head.ledger, head.source, uuid.UUID(head.id), digests)
        if not self._desk.verify(public, to_bytes(head.signature), message):
            raise NotAuthorised("signature-does-not-hold")

    def _take(self, parsed: Parsed, source: Source, *, atomic: bool) -> Answer:
        judged, prepared = self._judge(parsed, source)
        if atomic and any(one.faults for one in judged):
            judged = [_held_back(one) for one in judged]
            prepared = []
        faults = tuple(fault for one in judged for fault in one.faults)
        batch = self._batch(parsed, source, judged, prepared, atomic=atomic)
        result = self._books[source.ledger].committer.commit(batch)
        if not isinstance(result, Answered):
            raise AlreadyDifferent("submission")
        recorded, refused = outcome_counts(result.answer)
        return Answer(result.answer, recorded, refused, faults)

    def _judge(self, parsed: Parsed, source: Source) -> tuple[list[Judged], list[Prepared]]:
        prepared: list[Prepared | None] = [
            None if isinstance(event, tuple) else (index, from_signed(event))
            for index, event in enumerate(parsed.events)
        ]
        standing = self._standing(source, parsed.events)
        judged = [
            self._judge_one(parsed, index, ready[1] if ready else None, standing)
            for index, ready in enumerate(prepared)
        ]
        accepted = [
            ready
            for ready, one in zip(prepared, judged, strict=True)
            if ready is not None and not one.faults
        ]
        return judged, accepted

    def _judge_one(
        self, parsed: Parsed, index: int, prepared: PreparedEvent | None, standing: Standing
    ) -> Judged:
        event = parsed.events[index]
        if isinstance(event, tuple) or prepared is None:
            return Judged(None, event if isinstance(event, tuple) else ())
        faults = faults_of(index, event, prepared, standing)
        if prepared.digest() != to_bytes(parsed.head.statements[index]):
            faults = (*faults, Fault(index, "", "statement-differs"))
        return Judged(event.id, faults, event.sequence)

    def _standing(
        self, source: Source, events: Sequence[AnySigned | tuple[Fault, ...]]
    ) -> Standing:
        own = {}
        for event in events:
            if isinstance(event, tuple):
                continue
            facts = event.data.facts
            if isinstance(facts, SealingSessionOpened.Facts):
                own[facts.session] = Session(event.source, session_recipients(facts))
        stored = self._books[source.ledger].sessions
        return Standing(
            source=source,
            catalogue=self._wire.catalogue,
            agreement=self._registry.agreement,
            session=Sessions(stored, own),
            now=self._registry.now(),
        )

    def _batch(
        self,
        parsed: Parsed,
        source: Source,
        judged: Sequence[Judged],
        prepared: Sequence[Prepared],
        *,
        atomic: bool,
    ) -> Batch:
        head = parsed.head
        refusals = [
            (index, self._hub_events.refusal(source, head, one))
            for index, one in enumerate(judged)
            if one.faults
        ]
        return Batch(
            submission=uuid.UUID(head.id),
            source=source.name,
            digests=tuple(to_bytes(text) for text in head.statements),
            signature=to_bytes(head.signature),
            events=(*prepared, *refusals),
            answer=answer_of(self._answer_head(head), judged, self._desk.signer),
            atomic=atomic,
        )

    def _answer_head(self, head: SubmissionHead) -> dict[str, JsonValue]:
        return {
            "key": to_text(self._desk.key),
            "ledger": head.ledger,
            "source": head.source,
            "submission": head.id,
        }

    def _record_refusal(self, source: Source, refusal: SubmissionRefused | NotAuthorised) -> None:
        """Record that an authenticated source sent something that was refused as a whole."""
        faults = (
            refusal.faults
            if isinstance(refusal, SubmissionRefused)
            else (Fault(-1, "", refusal.reason),)
        )
        event = self._hub_events.refusal(source, None, Judged(None, faults))
        self._hub_events.append(source.ledger, event)


def _held_back(one: Judged) -> Judged:
    """Of an all-or-nothing submission, what would have stood alone does not stand either."""
    held = (Fault(-1, "", "held-back"),)
    return one if one.faults else Judged(one.event_id, held, one.sequence)
