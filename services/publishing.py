"""One signed submission, from bytes to a durable, signed answer.

 1. open: the token names a registered source; the document is read strictly (domain.wire)
 2. the submission names that source and its own ledger
 3. the signing key is one that our own trust file vouches for, and the signature covers the
    ordered statement digests
 4. every event's statement is recomputed from what was read and compared with what was signed
 5. agreement, type, purpose, recipients, times, sealing session, sizes: all faults at once;
    events that open sessions come first, since a session counts only where its opening stands
 6. commit and answer (services.taking)

What is wrong with the whole (2 and 3) is recorded as one `submission-refused`; where no source is
known (1) it is only counted, by the door that the caller came to.
"""

from __future__ import annotations

import functools
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from domain.errors import Fault, NotAuthorised, SubmissionRefused
from domain.reference.participants import Source
from domain.statement import signed_bytes
from domain.values import to_bytes
from domain.vocabulary.custody import SealingSessionOpened
from domain.vocabulary.erasing import ErasureRequested
from domain.wire import AnySigned, Parsed, Unread, Wire
from services.acknowledging import Judged
from services.authorising import Session, Sessions, Standing, faults_of
from services.deciding import Deciding
from services.intake_ports import Advance
from services.ports import Caller
from services.preparing import PreparedEvent, from_signed
from services.sessions import session_recipients
from services.taking import Answer, Books, Submitted, Taking

Judgement = tuple[Judged, PreparedEvent | None]


class Publishing:
    """Takes signed submissions for every ledger of the hub."""

    def __init__(self, taking: Taking, deciding: Deciding, wire: Wire) -> None:
        """Judge by what is registered and signed, and commit through `taking`."""
        self._taking = taking
        self._deciding = deciding
        self._registry = deciding.registry
        self._wire = wire

    def submit(self, raw: bytes, caller: Caller, *, atomic: bool = False) -> Answer:
        """Take one signed submission; raises Refused or Unavailable."""
        with ExitStack() as watched:
            with self._registry.looks.steady():
                source, _ = self._taking.source(caller)
                watched.enter_context(self._taking.watch("publish", source.ledger))
                judged = self._read_and_judged(raw, caller, source)
            return self._taking.take(judged, source, atomic=atomic)

    def _read_and_judged(self, raw: bytes, caller: Caller, source: Source) -> Submitted:
        try:
            parsed = self._wire.signed_submission(raw)
            digests = self._checked_digests(parsed, source)
        except (SubmissionRefused, NotAuthorised) as refusal:
            self._taking.refuse(caller, refusal)
            raise
        return self._judged(parsed, digests, source)

    def read(self, raw: bytes) -> Parsed:
        """Read a submission that nobody vouches for yet; raises SubmissionRefused."""
        return self._wire.signed_submission(raw)

    def source_of(self, parsed: Parsed, ledger: str) -> tuple[Source, tuple[bytes, ...]]:
        """Give whose a submission is that came by a ledger's own queue, without a token.

        Its signature alone says so; gives the digests that are signed too. Raises NotAuthorised, or
        SubmissionRefused.
        """
        source, _ = self._taking.source_named(parsed.head.source)
        if source.ledger != ledger:
            raise NotAuthorised("another-ledger")
        return source, self._checked_digests(parsed, source)

    def was_taken(self, parsed: Parsed, ledger: str) -> bool:
        """Say whether a submission of a ledger's own queue is answered already; as `source_of`."""
        source, digests = self.source_of(parsed, ledger)
        _, books = self._taking.source_named(source.name)
        found = books.ledger.answered(uuid.UUID(parsed.head.id))
        return found is not None and found[0] == digests

    def take_in(
        self, parsed: Parsed, ledger: str, *, atomic: bool, advance: Advance | None
    ) -> Answer:
        """Take a submission that came by a ledger's own queue, and move on in it.

        Raises Refused, Unavailable, and OffsetMoved where another reader was here.
        """
        with self._taking.watch("publish", ledger):
            with self._registry.looks.steady():
                source, digests = self.source_of(parsed, ledger)
                judged = self._judged(parsed, digests, source, advance)
            return self._taking.take(judged, source, atomic=atomic)

    def _judged(
        self,
        parsed: Parsed,
        digests: tuple[bytes, ...],
        source: Source,
        advance: Advance | None = None,
    ) -> Submitted:
        """Judge a submission that was signed by who it says; gives what is to be committed."""
        _, books = self._taking.source_named(source.name)
        judgements = self._judge_all(parsed, digests, source, books)
        return Submitted(
            submission=uuid.UUID(parsed.head.id),
            digests=digests,
            signature=to_bytes(parsed.head.signature),
            judged=[judged for judged, _ in judgements],
            ready=[(at, made) for at, (_, made) in enumerate(judgements) if made is not None],
            advance=advance,
        )

    def _checked_digests(self, parsed: Parsed, source: Source) -> tuple[bytes, ...]:
        """Give the statement digests that the head signs, once it may be believed."""
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
        digests = tuple(map(to_bytes, head.statements))
        message = signed_bytes(head.ledger, head.source, uuid.UUID(head.id), digests)
        if not self._deciding.verify(public, to_bytes(head.signature), message):
            raise NotAuthorised("signature-does-not-hold")
        return digests

    def _judge_all(
        self, parsed: Parsed, digests: tuple[bytes, ...], source: Source, books: Books
    ) -> list[Judgement]:
        """Judge every event; gives its fate and, where it stands, the event to record."""
        own: dict[str, Session] = {}
        standing = Standing(
            source=source,
            keeper=self._registry.keeper(source.ledger),
            catalogue=self._wire.catalogue,
            agreement=functools.cache(self._registry.agreement),
            bound=functools.cache(self._deciding.is_bound),
            session=Sessions(books.sessions, own),
            now=self._registry.now(),
        )
        openings = {
            index: opening
            for index, event in enumerate(parsed.events)
            if (opening := _opening(event)) is not None
        }
        judgements: dict[int, Judgement] = {}
        for index, opening in openings.items():
            judgements[index] = _judge(parsed, index, digests[index], standing)
            made = judgements[index][1]
            if made is not None and not _stands(made, books):
                recipients = session_recipients(opening)
                own[opening.session] = Session(str(made.event_id), source.name, recipients)
        return [
            judgements[index] if index in openings else _judge(parsed, index, digest, standing)
            for index, digest in enumerate(digests)
        ]


def _judge(parsed: Parsed, index: int, digest: bytes, standing: Standing) -> Judgement:
    event = parsed.events[index]
    if isinstance(event, Unread):
        return Judged(event.event_id, event.faults, event.sequence), None
    made = from_signed(event)
    faults = [*faults_of(index, event, made, standing), *_of_facts(index, event, standing)]
    if made.digest != digest:
        faults.append(Fault(index, "", "statement-differs"))
    # A number of another source's count would hide a gap in this one's.
    sequence = event.sequence if event.source == standing.source.name else None
    return Judged(event.id, tuple(faults), sequence), None if faults else made


def _of_facts(index: int, event: AnySigned, standing: Standing) -> Sequence[Fault]:
    """Two kinds have rules of their own, by what their facts say."""
    facts = event.data.facts
    if isinstance(facts, SealingSessionOpened.Facts):
        return [*_of_opening(index, event, facts, standing)]
    if isinstance(facts, ErasureRequested.Facts):
        return [*_of_erasure(index, event, facts, standing)]
    return ()


def _of_opening(
    index: int, event: AnySigned, opening: SealingSessionOpened.Facts, standing: Standing
) -> Iterator[Fault]:
    """A session is found by the stream that bears its id, and is opened once."""
    if event.subject != opening.session:
        yield Fault(index, "subject", "not-the-session")
    before = standing.session(opening.session)
    if before is not None and before.event_id != event.id:
        yield Fault(index, "data.facts.session", "opened-before")


def _of_erasure(
    index: int, event: AnySigned, facts: ErasureRequested.Facts, standing: Standing
) -> Iterator[Fault]:
    """Erasure is asked for by the controller of what the source tells."""
    if facts.by_participant != standing.source.controller:
        yield Fault(index, "data.facts.by_participant", "not-the-controller")
    if any(one.restricted is not None for one in event.data.subjects):
        yield Fault(index, "data.subjects.restricted", "not-in-a-request")


def _opening(event: AnySigned | Unread) -> SealingSessionOpened.Facts | None:
    facts = None if isinstance(event, Unread) else event.data.facts
    return facts if isinstance(facts, SealingSessionOpened.Facts) else None


def _stands(made: PreparedEvent, books: Books) -> bool:
    """Say whether the event's id is recorded: what stands there then counts, not what is sent."""
    return books.ledger.find(made.event_id) is not None
