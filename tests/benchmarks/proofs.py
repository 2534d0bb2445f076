"""What the tree costs an append, and what a proof costs in ledgers of any length.

Records are small invented ones: what is in them costs neither anything.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from eventsourcing.sqlite import SQLiteCursor

from adapters.ledger.sqlite import SqliteLedger
from adapters.ledger.sqlite_rows import RecordRow
from adapters.ledger.sqlite_schema import create_ledger
from adapters.ledger.sqlite_statements import INSERT_RECORD, MOVE_HEAD
from domain.tree import EMPTY_ROOT, Edge, consistency, inclusion
from services.ports import Head, PendingRecord
from tests.benchmarks.measuring import Line, Times, lines
from tests.contracts.ledger_builders import submission
from tests.verifying_rig import record

LEDGER = "havering"
BATCH, A_ROUND, ROUNDS = 500, 10_000, 5
SIZES = (1_000, 100_000, 1_000_000)
PROVED = 500
APPEND, TREELESS = "append", "append without a tree"
INCLUSION, CONSISTENCY = "inclusion proof", "consistency proof"
PROOFS = {
    APPEND: "submissions of 500 records appended to a ledger, tree and root in the transaction "
    "(SQLite on disk, synchronous=FULL).",
    TREELESS: "the same by the same code, with the same tables, but nothing hashed and no tile.",
    INCLUSION: "of an entry anywhere, in a ledger of so many beside one of 1k: µs a proof.",
    CONSISTENCY: "with any smaller size, likewise.",
}


class Treeless(SqliteLedger):
    """A ledger that proves nothing."""

    def _write(self, cursor: SQLiteCursor, rows: Sequence[RecordRow], head: Head) -> Edge:
        cursor.executemany(INSERT_RECORD, rows)
        cursor.execute(MOVE_HEAD, (head.size, head.recorded_ms, head.fences, EMPTY_ROOT))
        return Edge()


def append_lines(folder: Path) -> tuple[Line, ...]:
    """Append the same records to a ledger with a tree and to one without, round by round."""
    times = Times()
    proven, bare = folder / "proven.sqlite", folder / "bare.sqlite"
    with closing(_made(SqliteLedger, proven)) as one, closing(_made(Treeless, bare)) as other:
        for number in range(ROUNDS):
            records = _records(number * A_ROUND, A_ROUND)
            with times.of(APPEND, A_ROUND):
                _append(one, records)
            with times.of(TREELESS, A_ROUND):
                _append(other, records)
    return lines(times, [(APPEND, TREELESS)])


def proof_lines(folder: Path) -> tuple[Line, ...]:
    """Let one ledger grow, and make proofs in it as it has the sizes."""
    took: list[tuple[float, float]] = []
    with closing(_made(SqliteLedger, folder / f"{LEDGER}.sqlite")) as ledger:
        for size in SIZES:
            while (have := ledger.head().size) < size:
                _append(ledger, _records(have, min(A_ROUND, size - have)))
            took.append(_proved(ledger, size))
    first, *rest = took
    return tuple(
        Line(
            f"{what}, {size:,}",
            round(us, 1),
            f"{SIZES[0]:,}",
            round(least, 1),
            round(us / least, 2),
        )
        for size, found in zip(SIZES[1:], rest, strict=True)
        for what, us, least in zip((INCLUSION, CONSISTENCY), found, first, strict=True)
    )


def _made(kind: type[SqliteLedger], path: Path) -> SqliteLedger:
    path.parent.mkdir(exist_ok=True)
    create_ledger(path, LEDGER, origin="demo")
    return kind(path, LEDGER, origin="demo")


def _records(start: int, count: int) -> list[PendingRecord]:
    return [record(number) for number in range(start + 1, start + count + 1)]


def _append(ledger: SqliteLedger, records: Sequence[PendingRecord]) -> None:
    for start in range(0, len(records), BATCH):
        some = records[start : start + BATCH]
        number = ledger.head().size
        ledger.append([submission(number, *some)], now_ms=time.time_ns() // 1_000_000, fences=0)


def _proved(ledger: SqliteLedger, size: int) -> tuple[float, float]:
    chance, read = random.Random(size), ledger.tiles.tile
    at = [chance.randrange(1, size) for _ in range(PROVED)]
    return (
        _each(at, lambda one: inclusion(one, size, read)),
        _each(at, lambda one: consistency(one, size, read)),
    )


def _each(numbers: Sequence[int], prove: Callable[[int], object]) -> float:
    began = time.perf_counter()
    for one in numbers:
        prove(one)
    return (time.perf_counter() - began) / len(numbers) * 1e6
