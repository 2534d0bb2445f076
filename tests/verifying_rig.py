"""A small ledger with checkpoints that three witnesses cosigned, and hands that tamper with it."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from adapters.ledger.clock_watch import ClockWatch
from adapters.ledger.ids_on_disk import IdsOnDisk
from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_evidence import SqliteEvidence
from domain.checkpoint import Checkpoint
from domain.logged_checkpoint import LoggedCheckpoint
from domain.record import Attestation, Leaf, LeafPart
from domain.statement import PartClass
from domain.tlog_policy import Policy, read_policy
from services.audit.verifying.judging import Claim
from services.audit.verifying.ledgers import Subject, Verified, spans, verified
from services.audit.verifying.noting import Finished, NoteReader
from services.audit.verifying.scanning import scan
from services.log_ports import ProvenLedger
from services.ports import PendingRecord
from tests.contracts.ledger_builders import (
    NAME,
    SOURCE,
    SteppedClock,
    event_id,
    open_sqlite,
    sqlite_path,
    submission,
    submission_id,
)
from tests.note_rig import ALGORITHMS, LOG, LOG_PQ, ORIGIN, WITNESSES, a_note

SECOND = 1_000
MINUTE = 60 * SECOND
STEP = 300
ENTRIES = 3 * STEP
"""Three rounds of appending, a checkpoint after each: two tiles are full, and one is not."""


def policy(*logs: str, enough: int = 2) -> Policy:
    """Give the policy of these tests: both keys of the log, and two of three witnesses."""
    lines = [f"log {vkey}" for vkey in logs or (LOG.key.vkey(), LOG_PQ.key.vkey())]
    names = ["barking", "havering", "redbridge"]
    lines += [f"witness {n} {w.key.vkey()}" for n, w in zip(names, WITNESSES, strict=True)]
    lines += [f"group boroughs {enough} {' '.join(names)}", "quorum boroughs"]
    return read_policy("\n".join(lines).encode() + b"\n")


def record(number: int, *, sequence: int | None = None) -> PendingRecord:
    """Build event `number`, whose leaf commits to the bytes beside it."""
    sealed = tuple(hashlib.sha256(f"{number}/{piece}".encode()).digest() * 4 for piece in range(2))
    digests = [hashlib.sha256(piece).digest() for piece in sealed]
    leaf = Leaf(
        event_id=event_id(number),
        source=SOURCE,
        sequence=number if sequence is None else sequence,
        attestation=Attestation.SIGNED,
        submission=submission_id(number),
        index=0,
        header_digest=digests[0],
        header_commitment=digests[0],
        parts=(LeafPart(0, PartClass.FACTS, digests[0], digests[1], digests[1]),),
    )
    return PendingRecord(leaf, sealed, uuid.UUID(int=number % 5), digests[0])


class Careless(ClockWatch):
    """The watch of an operator who lets the ledger's clock say whatever suits."""

    def check(self, now_ms: int, recorded_ms: int) -> None:
        """Believe any time."""


def careless(path: Path) -> SqliteLedger:
    """Open a ledger's file as such an operator would."""
    return SqliteLedger(path, NAME, origin="demo", watch=Careless())


def checkpoint(ledger: ProvenLedger, size: int, *, now_ms: int, logged: bool = True) -> bytes:
    """Sign, keep, cosign by all three, publish and log a checkpoint; gives what was published."""
    root = ledger.tiles.root(size)
    stated = Checkpoint(ORIGIN, size, root)
    note = a_note(stated, LOG, LOG_PQ, seconds=now_ms // SECOND)
    lines = [witness.line(stated, seconds=now_ms // SECOND) for witness in WITNESSES]
    book = ledger.checkpoints
    book.keep(size, root, note.encode(), now_ms=now_ms)
    book.cosign(size, [line.encode() for line in lines], now_ms=now_ms)
    whole = note.with_lines(lines).encode()
    book.publish(size, whole, now_ms=now_ms)
    if logged:
        ledger.append_checkpoint(LoggedCheckpoint(size, whole), now_ms=now_ms)
    return whole


def make(folder: Path) -> Path:
    """Make the ledger; gives its file. Rounds are ten minutes apart."""
    clock = SteppedClock()
    path = sqlite_path(folder)
    with closing(open_sqlite(path, clock)) as ledger:
        for at in range(3):
            first = 1 + at * STEP
            now = clock.pass_by(10 * MINUTE)
            pending = [record(number) for number in range(first, first + STEP)]
            ledger.append([submission(at, *pending)], now_ms=now, fences=0)
            checkpoint(ledger, ledger.head().size, now_ms=clock.pass_by(2 * SECOND))
    return path


def copied(path: Path, folder: Path) -> Path:
    """Copy a closed ledger's file, to be tampered with."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(path, folder / path.name))


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger's file as its owner may: without triggers or constraints in the way."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA foreign_keys = OFF")
        yield connection
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def verify(
    path: Path,
    *,
    claims: Sequence[Claim] = (),
    believed: Policy | None = None,
    finished: Finished = dict,
) -> Verified:
    """Verify a ledger's file, as far as it goes without a key."""
    with closing(SqliteEvidence(path)) as evidence, closing(IdsOnDisk()) as ids:
        return verified(
            Subject(
                evidence,
                NoteReader(NAME, believed or policy(), ALGORITHMS, finished),
                claims,
                lambda sizes: (scan(evidence, *span, sizes) for span in spans(evidence.size)),
                None,
                ids,
            ),
            lambda *_: None,
        )


def found(verdict: Verified) -> set[tuple[int, int, str]]:
    """Give step, position and code of every finding."""
    return {(one.step, one.position, one.code) for one in verdict.findings}
