"""Pending records and submissions by number, and ledgers of all kinds to append them to."""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.memory import MemoryLedger
from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_schema import create_ledger
from adapters.postgres_connections import Place
from domain.record import Attestation, Leaf, LeafPart
from domain.statement import PartClass
from services.log_ports import ProvenLedger
from services.ports import Answered, Ledger, Outcome, PendingRecord, PendingSubmission
from tests.postgres_server import HUB, new_schema, seen_by

KINDS = ("memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
NAME = "havering"
SOURCE = "/participants/havering/case-management"
NOON = 1_772_366_400_000  # 1 March 2026, 12:00 UTC
MINUTE = 60_000


@dataclass
class SteppedClock:
    """A wall clock and a monotonic one that move when a test says so."""

    wall_ms: int = NOON
    monotonic_ms: int = 0

    def pass_by(self, milliseconds: int) -> int:
        """Let time pass on both clocks; gives what the wall shows."""
        self.wall_ms += milliseconds
        self.monotonic_ms += milliseconds
        return self.wall_ms

    def watch(self) -> ClockWatch:
        """Watch these clocks."""
        return ClockWatch(wall_ms=lambda: self.wall_ms, monotonic_ms=lambda: self.monotonic_ms)


def digest(*words: object) -> bytes:
    """Give 32 bytes that stand for some words."""
    return hashlib.sha256(repr(words).encode()).digest()


def event_id(number: int) -> uuid.UUID:
    """Give the id of event `number`: a UUIDv7."""
    return uuid.UUID(int=((NOON + number) << 80) | (7 << 76) | (2 << 62) | number)


def submission_id(number: int) -> uuid.UUID:
    """Give the id of submission `number`."""
    return uuid.UUID(int=(NOON << 80) | (7 << 76) | (2 << 62) | (1 << 61) | number)


def record(number: int, *, saying: str = "this", submission: int = 0) -> PendingRecord:
    """Build event `number`; what it says decides its statement and its sealed bytes."""
    sealed = tuple(digest(number, saying, piece) * (piece + 1) for piece in range(3))
    part = LeafPart(0, PartClass.FACTS, digest("key"), digest(sealed[1]), digest("commitment"))
    shared = LeafPart(1, PartClass.SHARED, digest("key"), digest(sealed[2]), digest("commitment"))
    leaf = Leaf(
        event_id=event_id(number),
        source=SOURCE,
        sequence=number,
        attestation=Attestation.SIGNED,
        submission=submission_id(submission),
        index=0,
        header_digest=digest(sealed[0]),
        header_commitment=digest(number, saying),
        parts=(part, shared),
    )
    return PendingRecord(leaf, sealed, uuid.UUID(int=number % 5), digest(number, saying))


def spelt(outcomes: Sequence[Outcome]) -> bytes:
    """Answer a submission by spelling its outcomes out."""
    return repr(list(outcomes)).encode()


def submission(number: int, *records: PendingRecord, atomic: bool = False) -> PendingSubmission:
    """Build submission `number` of these records; its digests are their statements."""
    return PendingSubmission(
        submission=submission_id(number),
        source=SOURCE,
        digests=tuple(one.statement for one in records),
        signature=digest("signature", number) * 2,
        records=records,
        answer=spelt,
        atomic=atomic,
    )


def batch(number: int, first: int, count: int, *, atomic: bool = False) -> PendingSubmission:
    """Build submission `number` of `count` events from event `first` on."""
    events = (record(event, submission=number) for event in range(first, first + count))
    return submission(number, *events, atomic=atomic)


def answer_to(ledger: Ledger, pending: PendingSubmission, *, now_ms: int = NOON) -> bytes:
    """Append one submission and give the answer to it."""
    [result] = ledger.append([pending], now_ms=now_ms, fences=0)
    assert isinstance(result, Answered)
    return result.answer


def statements_of(ledger: Ledger) -> list[bytes]:
    """Give what stands in the ledger, in order of position, and see that no position is missing."""
    entries = ledger.read(0, 1_000_000)
    assert [entry.position for entry in entries] == list(range(ledger.head().size))
    return [entry.statement for entry in entries]


def sqlite_path(folder: Path) -> Path:
    """Make an empty ledger's file in a folder."""
    path = folder / f"{NAME}.sqlite"
    create_ledger(path, NAME, origin="demo")
    return path


def open_sqlite(path: Path, clock: SteppedClock | None = None) -> SqliteLedger:
    """Open a ledger's file under a stepped clock."""
    return SqliteLedger(path, NAME, origin="demo", watch=(clock or SteppedClock()).watch())


def postgres_place() -> Place:
    """Make an empty ledger in a schema of its own; gives its place as the hub reaches it."""
    return seen_by(new_schema(NAME), HUB)


def open_postgres(place: Place, clock: SteppedClock | None = None) -> PostgresLedger:
    """Open a ledger's schema under a stepped clock."""
    return PostgresLedger(place, NAME, origin="demo", watch=(clock or SteppedClock()).watch())


@contextmanager
def opened(kind: str, folder: Path, clock: SteppedClock) -> Iterator[ProvenLedger]:
    """Open an empty ledger of one kind, and close it."""
    if kind == "memory":
        yield MemoryLedger(NAME, watch=clock.watch())
        return
    ledger = (
        open_postgres(postgres_place(), clock)
        if kind == "postgres"
        else open_sqlite(sqlite_path(folder), clock)
    )
    try:
        yield ledger
    finally:
        ledger.close()
