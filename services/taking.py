"""What signed and plain submissions share once they are judged: one commit, one stored answer.

What stands is committed together with the hub's own record of what was refused. The answer is
signed under the ledger's lock and stored with the submission, so a resend is given the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.canonical import JsonValue
from domain.errors import (
    AlreadyDifferent,
    Fault,
    Fenced,
    NotAuthorised,
    SubmissionRefused,
    Unavailable,
)
from domain.reference.participants import Source
from domain.values import to_text
from services.acknowledging import HELD_BACK, Judged, answer_of, told, unplaced
from services.batches import Batch
from services.committing import Committer
from services.hub_events import HubEvents
from services.intake_ports import Advance
from services.ports import Answered, Caller, Conflict, HeldBack, Ledger, Signer, Verify
from services.preparing import PreparedEvent
from services.registry import Registry
from services.sessions import StoredSessions
from services.watching import Watch, unwatched

FENCED = "fenced"
"""The code of an event about a subject, or in a stream, whose key was destroyed."""
_ATTEMPTS = 3
Ready = tuple[int, PreparedEvent]
"""An accepted event with its index in the submission."""
Refusal = Callable[[int, Conflict | HeldBack], PreparedEvent]


@dataclass(frozen=True, slots=True)
class Books:
    """One ledger with what writes to it and looks into it."""

    ledger: Ledger
    committer: Committer
    sessions: StoredSessions


@dataclass(frozen=True, slots=True)
class Desk:
    """The hub's own hand: its signing key with its fingerprint, and how signatures are checked."""

    signer: Signer
    key: bytes
    verify: Verify


@dataclass(frozen=True, slots=True)
class Answer:
    """What a publisher is told: the signed acknowledgement, and whether anything stands."""

    acknowledgement: bytes
    recorded: int
    refused: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Submitted:
    """One submission as it was judged: its identity, and the fate of each event in order."""

    submission: uuid.UUID
    digests: tuple[bytes, ...]
    signature: bytes
    judged: Sequence[Judged]
    ready: Sequence[Ready]
    refusals_stand: bool = False
    """What was refused of it is recorded already: it was taken once before."""
    fills_conflicts: bool = True
    """What does not stand since its id does, or for others' sake, is recorded as refused."""
    advance: Advance | None = None
    """How far the queue that it came by is taken in with it."""

    def without(self, fenced: Mapping[uuid.UUID, tuple[str, ...]]) -> Submitted:
        """Give the same with events refused that are about what was erased, by place."""
        judged = list(self.judged)
        for index, made in self.ready:
            places = fenced.get(made.event_id, ())
            if places:
                faults = tuple(Fault(index, place, FENCED) for place in places)
                judged[index] = judged[index]._replace(faults=faults)
        kept = [(index, made) for index, made in self.ready if made.event_id not in fenced]
        return replace(self, judged=judged, ready=kept)

    def held_back(self) -> Submitted:
        """Give the same with nothing standing: all of it or none was asked for."""
        judged = [
            one if one.faults else Judged(one.event_id, (Fault(at, "", HELD_BACK),), one.sequence)
            for at, one in enumerate(self.judged)
        ]
        return replace(self, judged=judged, ready=())


class Taking:
    """Commits judged submissions to their ledgers."""

    def __init__(
        self, books: Mapping[str, Books], registry: Registry, hub_events: HubEvents, desk: Desk
    ) -> None:
        """Write to these ledgers."""
        self._books = books
        self._registry = registry
        self._hub_events = hub_events
        self._desk = desk
        self.watch: Watch = unwatched

    def source(self, caller: Caller) -> tuple[Source, Books]:
        """Give the registered source that a token speaks for; raises NotAuthorised."""
        if caller.source is None:
            raise NotAuthorised("not-a-publishing-token")
        source, books = self.source_named(caller.source)
        if source.participant != caller.participant:
            raise NotAuthorised("source-not-registered")
        return source, books

    def source_named(self, name: str) -> tuple[Source, Books]:
        """Give a registered source, and where it writes; raises NotAuthorised."""
        source = self._registry.source(name)
        if source is None:
            raise NotAuthorised("source-not-registered")
        if source.ledger not in self._books:
            raise NotAuthorised("ledger-not-here")
        return source, self._books[source.ledger]

    def take(self, submitted: Submitted, source: Source, *, atomic: bool) -> Answer:
        """Commit what stands and what was refused; raises AlreadyDifferent or Unavailable.

        Which events are about what was erased is known for certain only while they are sealed.
        """
        for _ in range(_ATTEMPTS):
            try:
                return self._taken(submitted, source, atomic=atomic)
            except Fenced as found:
                submitted = submitted.without(found.events)
        raise Unavailable("the ledger or its keys (they keep changing)")

    def _taken(self, submitted: Submitted, source: Source, *, atomic: bool) -> Answer:
        if atomic and any(one.faults for one in submitted.judged):
            submitted = submitted.held_back()
        refusals = [
            (index, self._hub_events.refusal(source, submitted.submission, one))
            for index, one in enumerate(submitted.judged)
            if one.faults and not submitted.refusals_stand
        ]
        head: dict[str, JsonValue] = {
            "key": to_text(self._desk.key),
            "ledger": source.ledger,
            "source": source.name,
            "submission": str(submitted.submission),
        }
        batch = Batch(
            submission=submitted.submission,
            source=source.name,
            digests=submitted.digests,
            signature=submitted.signature,
            events=(*submitted.ready, *refusals),
            answer=answer_of(head, submitted.judged, self._desk.signer),
            atomic=atomic,
            refusal=self._refusal_of(submitted, source) if submitted.fills_conflicts else None,
            advance=submitted.advance,
        )
        result = self._books[source.ledger].committer.commit(batch)
        if not isinstance(result, Answered):
            raise AlreadyDifferent("submission")
        said = told(result.answer)
        return Answer(result.answer, said.recorded, said.refused, said.faults)

    def _refusal_of(self, submitted: Submitted, source: Source) -> Refusal:
        """Give what makes the record of an event that turned out not to stand, once tried."""

        def refusal(at: int, outcome: Conflict | HeldBack) -> PreparedEvent:
            index, _ = submitted.ready[at]
            fault = Fault(index, *unplaced(outcome))
            judged = submitted.judged[index]._replace(faults=(fault,))
            return self._hub_events.refusal(source, submitted.submission, judged)

        return refusal

    def refuse(self, caller: Caller, refusal: SubmissionRefused | NotAuthorised) -> None:
        """Record that an authenticated source sent something that was refused as a whole."""
        source, _ = self.source(caller)
        faults = (
            refusal.faults
            if isinstance(refusal, SubmissionRefused)
            else (Fault(-1, "", refusal.reason),)
        )
        event = self._hub_events.refusal(source, None, Judged(None, faults))
        self._hub_events.append(source.ledger, event)
