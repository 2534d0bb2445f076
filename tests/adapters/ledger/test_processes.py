"""Several processes at one ledger, and processes that are killed while they write."""

import multiprocessing
import random
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from adapters.postgres_connections import Place
from domain.tree import Edge, leaf_hash
from tests.adapters.ledger.writers import EVENTS, SHARED, go_on, opened_at, race
from tests.contracts.ledger_builders import (
    answer_to,
    batch,
    postgres_place,
    sqlite_path,
    statements_of,
    submission_id,
)

spawn = multiprocessing.get_context("spawn")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | Place:
    """An empty ledger of each kind that processes can share."""
    return postgres_place() if request.param == "postgres" else sqlite_path(tmp_path)


def test_two_processes_append_at_once(where: Path | Place) -> None:
    """Gapless, every event once, and the same answer to the same submission from both."""
    start = spawn.Barrier(2, timeout=60)
    pipes = [spawn.Pipe(duplex=False) for _ in range(2)]
    writers = [
        spawn.Process(target=race, args=(where, writer, start, pipes[writer][1]))
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
    ledger = opened_at(where)
    statements = statements_of(ledger)
    assert len(statements) == len(set(statements)) == 3 * SHARED * EVENTS
    assert [ledger.answered(submission_id(n)) for n in range(SHARED)] == [
        (batch(n, n * EVENTS, EVENTS).digests, answer) for n, answer in enumerate(first)
    ]
    ledger.close()


def killed_after(where: Path | Place, first: int, acknowledgements: int) -> list[int]:
    """Have a process append, kill it some time after so many; gives what was acknowledged."""
    told, telling = spawn.Pipe(duplex=False)
    writer = spawn.Process(target=go_on, args=(where, first, telling))
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


def test_nothing_acknowledged_is_lost_by_kill(where: Path | Place) -> None:
    """Killed again and again: each acknowledged event is there once, and the root fits."""
    chance = random.Random(20260301)
    first = 0
    for _ in range(3 if isinstance(where, Place) else 10):
        acknowledged = killed_after(where, first, chance.randrange(1, 12))
        ledger = opened_at(where)
        for number in acknowledged:
            assert len(ledger.submitted(submission_id(number))) == EVENTS
        size = ledger.head().size
        leaves = [leaf_hash(leaf) for leaf in ledger.tiles.leaves(0, size)]
        assert ledger.tiles.root(size) == Edge().grown(leaves)[0].root()
        assert size == len(set(statements_of(ledger)))
        # at most the one that was being written came through unacknowledged, and wholly
        assert size in {EVENTS * (acknowledged[-1] + 1), EVENTS * (acknowledged[-1] + 2)}
        unacknowledged = acknowledged[-1] + 1
        answer_to(ledger, batch(unacknowledged, unacknowledged * EVENTS, EVENTS))
        ledger.close()
        first = unacknowledged + 1
