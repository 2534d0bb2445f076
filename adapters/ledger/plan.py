"""What an append comes to, worked out under the lock before anything is written.

Both ledgers decide here, so that they cannot decide differently; each brings what stands in it
already and writes down what the plan says, in one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from domain.logged_checkpoint import STREAM_TAG, LoggedCheckpoint
from domain.record import encode_record
from services.intake_ports import Advance
from services.ports import (
    Answered,
    Conflict,
    Head,
    HeldBack,
    InsteadWanted,
    Outcome,
    PendingRecord,
    PendingSubmission,
    Recorded,
    StoredEntry,
    SubmissionConflict,
)

DIGEST_BYTES = 32


class Standing(NamedTuple):
    """What the ledger holds of an event already. One is made per event: a tuple is quickest."""

    position: int
    recorded_ms: int
    statement: bytes


class Taken(NamedTuple):
    """What the ledger holds of a submission already: whose it is, its digests and its answer."""

    source: str
    digests: bytes
    answer: bytes


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission as it is kept: its entries are the `count` positions from `first` on."""

    submission: uuid.UUID
    source: str
    first: int
    count: int
    digests: bytes
    """The ordered statement digests, 32 bytes each, one after another."""
    signature: bytes
    answer: bytes


@dataclass(slots=True)
class AppendPlan:
    """The entries and submissions that one append adds to what stands.

    `answered` maps a submission to what is kept of it, `standing` an event id's bytes to what
    stands of it: of all that is in the append, whatever the ledger has.
    """

    head: Head
    recorded_ms: int
    answered: dict[uuid.UUID, Taken]
    standing: dict[bytes, Standing]
    entries: list[StoredEntry] = field(default_factory=list)
    submissions: list[SubmissionRow] = field(default_factory=list)
    wanted: dict[tuple[uuid.UUID, int], Conflict | HeldBack] = field(default_factory=dict)
    fences: int = 0

    def take_all(
        self, submissions: Sequence[PendingSubmission]
    ) -> list[Answered | SubmissionConflict]:
        """Decide submissions in order; raises InsteadWanted, upon which nothing is to be kept."""
        results = [self.take(pending) for pending in submissions]
        if self.wanted:
            raise InsteadWanted(self.wanted)
        return results

    def take(self, pending: PendingSubmission) -> Answered | SubmissionConflict:
        """Decide one submission after those taken before it; gives what its sender is told."""
        digests = joined(pending.digests)
        known = self.answered.get(pending.submission)
        if known is not None:
            # What is told of it is its own source's to know, whoever else comes with its id.
            is_same = (known.source, known.digests) == (pending.source, digests)
            return Answered(known.answer, again=True) if is_same else SubmissionConflict()
        first = self.head.size + len(self.entries)
        outcomes, fresh = self._decide(pending.records, first)
        if pending.atomic and any(isinstance(outcome, Conflict) for outcome in outcomes):
            outcomes, fresh = [self._held_back(record) for record in pending.records], {}
        fresh |= self._in_their_place(pending, outcomes, first + len(fresh))
        self.fences += pending.fence and bool(fresh)
        answer = pending.answer(outcomes)
        self.answered[pending.submission] = Taken(pending.source, digests, answer)
        for event_id, (standing, record) in fresh.items():
            self.standing[event_id] = standing
            self.entries.append(self._entry(standing.position, record))
        row = SubmissionRow(
            submission=pending.submission,
            source=pending.source,
            first=first,
            count=len(fresh),
            digests=digests,
            signature=pending.signature,
            answer=answer,
        )
        self.submissions.append(row)
        return Answered(answer, again=False)

    def head_after(self) -> Head:
        """Give the head that stands once the plan is carried out."""
        if not self.entries:
            return self.head
        fences = self.head.fences + self.fences
        return Head(self.head.size + len(self.entries), self.recorded_ms, fences)

    def _decide(
        self, records: tuple[PendingRecord, ...], first: int
    ) -> tuple[list[Outcome], dict[bytes, tuple[Standing, PendingRecord]]]:
        """Give each record's outcome, and what is new of them, from position `first` on."""
        outcomes: list[Outcome] = []
        fresh: dict[bytes, tuple[Standing, PendingRecord]] = {}
        for record in records:
            event_id = record.leaf.event_id.bytes
            standing = fresh[event_id][0] if event_id in fresh else self.standing.get(event_id)
            if standing is None:
                standing = Standing(first + len(fresh), self.recorded_ms, record.statement)
                fresh[event_id] = (standing, record)
                outcomes.append(Recorded(standing.position, standing.recorded_ms, again=False))
            else:
                outcomes.append(_against(standing, record))
        return outcomes, fresh

    def _in_their_place(
        self, pending: PendingSubmission, outcomes: Sequence[Outcome], first: int
    ) -> dict[bytes, tuple[Standing, PendingRecord]]:
        """Give what is appended in place of records that do not stand, from `first` on."""
        found: dict[bytes, tuple[Standing, PendingRecord]] = {}
        for at, outcome in enumerate(outcomes):
            if pending.instead is None or isinstance(outcome, Recorded):
                continue
            record = pending.instead.get(at)
            if record is None:
                self.wanted[pending.submission, at] = outcome
                continue
            standing = Standing(first + len(found), self.recorded_ms, record.statement)
            found[record.leaf.event_id.bytes] = (standing, record)
        return found

    def _held_back(self, record: PendingRecord) -> Outcome:
        """Give the outcome of a record whose submission is not appended: only what stood stands."""
        standing = self.standing.get(record.leaf.event_id.bytes)
        return HeldBack() if standing is None else _against(standing, record)

    def _entry(self, position: int, record: PendingRecord) -> StoredEntry:
        return StoredEntry(
            position=position,
            event_id=record.leaf.event_id,
            stream_tag=record.stream_tag,
            record=encode_record(record.leaf.encode(self.recorded_ms), record.sealed),
            statement=record.statement,
        )


def _against(standing: Standing, record: PendingRecord) -> Outcome:
    if standing.statement != record.statement:
        return Conflict()
    return Recorded(standing.position, standing.recorded_ms, again=True)


def taken_in(
    submissions: Sequence[PendingSubmission], results: Sequence[Answered | SubmissionConflict]
) -> list[Advance]:
    """Give how far queues are taken in by what was answered; what conflicts is nobody's answer."""
    return [
        one.advance
        for one, result in zip(submissions, results, strict=True)
        if one.advance is not None and isinstance(result, Answered)
    ]


def joined(digests: tuple[bytes, ...]) -> bytes:
    """Put digests one after another; raises ValueError unless each has 32 bytes."""
    if any(len(digest) != DIGEST_BYTES for digest in digests):
        raise ValueError("a statement digest has 32 bytes")
    return b"".join(digests)


def apart(digests: bytes) -> tuple[bytes, ...]:
    """Take joined digests apart again."""
    return tuple(digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES))


def checkpoint_entry(position: int, recorded_ms: int, checkpoint: LoggedCheckpoint) -> StoredEntry:
    """Give the entry that a checkpoint is."""
    return StoredEntry(
        position=position,
        event_id=checkpoint.entry_id,
        stream_tag=STREAM_TAG,
        record=checkpoint.record(recorded_ms),
        statement=checkpoint.digest,
    )
