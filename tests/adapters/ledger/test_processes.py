"""Several processes at one file, and processes that are killed while they write."""

import multiprocessing
import random
import sqlite3
from contextlib import closing, suppress
from multiprocessing.connection import Connection
from pathlib import Path

from domain.tree import Edge, leaf_hash
from tests.adapters.ledger.writers import EVENTS, SHARED, go_on, race
from tests.contracts.ledger_builders import (
    answer_to,
    batch,
    open_sqlite,
    sqlite_path,
    statements_of,
    submission_id,
)

spawn = multiprocessing.get_context("spawn")


def rows_of(path: Path) -> int:
    """Count the records with a plain connection."""
    with closing(sqlite3.connect(path)) as plain:
        [count] = plain.execute("SELECT count(*) FROM record").fetchone()
    assert isinstance(count, int)
    return count


def test_two_processes_append_at_once(tmp_path: Path) -> None:
    """Gapless, every event once, and the same answer to the same submission from both."""
    path = sqlite_path(tmp_path)
    start = spawn.Barrier(2, timeout=60)
    pipes = [spawn.Pipe(duplex=False) for _ in range(2)]
    writers = [
        spawn.Process(target=race, args=(str(path), writer, start, pipes[writer][1]))
        for writer in range(2)
    ]
    for writer, (_, telling) in zip(writers, pipes, strict=True):
        writer.start()
        telling.close()  # a writer that fails must not leave us waiting
    first, second = (told.recv() for told, _ in pipes)
    for writer in writers:
        writer.join()
    assert first == second
    assert len(first) == SHARED
    ledger = open_sqlite(path)
    statements = statements_of(ledger)
    assert len(statements) == len(set(statements)) == 3 * SHARED * EVENTS == rows_of(path)
    assert [ledger.answered(submission_id(n)) for n in range(SHARED)] == [
        (batch(n, n * EVENTS, EVENTS).digests, answer) for n, answer in enumerate(first)
    ]
    ledger.close()


def killed_after(path: Path, first: int, acknowledgements: int) -> list[int]:
    """Have a process append, kill it some time after so many; gives what was acknowledged."""
    told, telling = spawn.Pipe(duplex=False)
    writer = spawn.Process(target=go_on, args=(str(path), first, telling))
    writer.start()
    telling.close()
    acknowledged = [told.recv() for _ in range(acknowledgements)]
    writer.kill()
    writer.join()
    acknowledged += drained(told)
    assert writer.exitcode == -9
    return acknowledged


def drained(told: Connection) -> list[int]:
    """Give what was still told before the end."""
    rest: list[int] = []
    with suppress(EOFError):
        while True:
            rest.append(told.recv())
    return rest


def test_nothing_acknowledged_is_lost_by_kill(tmp_path: Path) -> None:
    """Killed ten times in the middle: each acknowledged event is there once, and the root fits."""
    path = sqlite_path(tmp_path)
    chance = random.Random(20260301)
    first = 0
    for _ in range(10):
        acknowledged = killed_after(path, first, chance.randrange(1, 12))
        ledger = open_sqlite(path)
        for number in acknowledged:
            assert len(ledger.submitted(submission_id(number))) == EVENTS
        size = ledger.head().size
        leaves = [leaf_hash(leaf) for leaf in ledger.tiles.leaves(0, size)]
        assert ledger.tiles.root(size) == Edge().grown(leaves)[0].root()
        assert size == rows_of(path) == len(set(statements_of(ledger)))
        # at most the one that was being written came through unacknowledged, and wholly
        assert size in {EVENTS * (acknowledged[-1] + 1), EVENTS * (acknowledged[-1] + 2)}
        unacknowledged = acknowledged[-1] + 1
        answer_to(ledger, batch(unacknowledged, unacknowledged * EVENTS, EVENTS))
        ledger.close()
        first = unacknowledged + 1
