"""One signed submission, from bytes to a durable, signed answer.

 1. open: the token names a registered source; the document is read strictly (domain.wire)
 2. the submission names that source and its own ledger
 3. the signing key is one that our own trust file vouches for, and the signature covers the
    ordered statement digests
 4. every event's statement is recomputed from what was read and compared with what was signed
 5. agreement, type, purpose, recipients, times, sealing session, sizes: all faults at once
 6. commit and answer (services.taking)

What is wrong with the whole (2 and 3) is recorded as one `submission-refused`; where no source is
known (1) it is only counted.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from domain.errors import Fault, NotAuthorised, SubmissionRefused
from domain.reference.participants import Source
from domain.statement import signed_bytes
from domain.values import to_bytes
from domain.vocabulary.custody import SealingSessionOpened
from domain.wire import AnySigned, Parsed, Wire
from services.acknowledging import Judged
from services.authorising import Session, Sessions, Standing, faults_of
from services.ports import Caller, Verify
from services.preparing import PreparedEvent, from_signed
from services.registry import Registry
from services.sessions import StoredSessions, session_recipients
from services.taking import Answer, Ready, Submitted, Taking


class Publishing:
    """Takes signed submissions for every ledger of the hub."""

    def __init__(self, taking: Taking, registry: Registry, wire: Wire, verify: Verify) -> None:
        """Judge by what is registered, and commit through `taking`."""
        self._taking = taking
        self._registry = registry
        self._wire = wire
        self._verify = verify

    def submit(self, raw: bytes, caller: Caller, *, atomic: bool = False) -> Answer:
        """Take one signed submission; raises Refused or Unavailable."""
        source, books = self._taking.source(caller)
        try:
            parsed = self._wire.signed_submission(raw)
            self._check_head(parsed, source)
        except (SubmissionRefused, NotAuthorised) as refusal:
            self._taking.refuse(caller, refusal)
            raise
        standing = self._standing(source, books.sessions, parsed.events)
        prepared = [
            None if isinstance(event, tuple) else from_signed(event) for event in parsed.events
        ]
        judged = [self._judge(parsed, index, one, standing) for index, one in enumerate(prepared)]
        submitted = Submitted(
            submission=uuid.UUID(parsed.head.id),
            digests=tuple(to_bytes(text) for text in parsed.head.statements),
            signature=to_bytes(parsed.head.signature),
            judged=judged,
            ready=_ready(prepared, judged),
        )
        return self._taking.take(submitted, source, atomic=atomic)

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
        if not self._verify(public, to_bytes(head.signature), message):
            raise NotAuthorised("signature-does-not-hold")

    def _standing(
        self,
        source: Source,
        stored: StoredSessions,
        events: Sequence[AnySigned | tuple[Fault, ...]],
    ) -> Standing:
        """Give what holds for this submission: a session may be opened in the very same one."""
        own: dict[str, Session] = {}
        for event in events:
            if isinstance(event, tuple):
                continue
            facts = event.data.facts
            if isinstance(facts, SealingSessionOpened.Facts):
                own[facts.session] = Session(event.source, session_recipients(facts))
        return Standing(
            source=source,
            catalogue=self._wire.catalogue,
            agreement=self._registry.agreement,
            session=Sessions(stored, own),
            now=self._registry.now(),
        )

    def _judge(
        self, parsed: Parsed, index: int, prepared: PreparedEvent | None, standing: Standing
    ) -> Judged:
        event = parsed.events[index]
        if isinstance(event, tuple) or prepared is None:
            return Judged(None, event if isinstance(event, tuple) else ())
        faults = faults_of(index, event, prepared, standing)
        if prepared.digest() != to_bytes(parsed.head.statements[index]):
            faults = (*faults, Fault(index, "", "statement-differs"))
        return Judged(event.id, faults, event.sequence)


def _ready(prepared: Sequence[PreparedEvent | None], judged: Sequence[Judged]) -> list[Ready]:
    return [
        (index, event)
        for index, (event, one) in enumerate(zip(prepared, judged, strict=True))
        if event is not None and not one.faults
    ]
