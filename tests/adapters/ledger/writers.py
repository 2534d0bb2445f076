"""Processes that append to one ledger, for tests to race and to kill."""

from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.sqlite import SqliteLedger
from adapters.postgres_connections import Place
from domain.errors import Unavailable
from tests.contracts.ledger_builders import answer_to, batch, open_postgres, open_sqlite

EVENTS = 20
SHARED = 10


def opened_at(where: Path | Place) -> SqliteLedger | PostgresLedger:
    """Open a ledger, wherever it is kept."""
    return open_postgres(where) if isinstance(where, Place) else open_sqlite(where)


def race(where: Path | Place, writer: int, start: Barrier, told: Connection) -> None:
    """Append, in turn, one submission of this writer's own and one that every writer sends."""
    ledger = opened_at(where)
    start.wait()
    answers = []
    for number in range(SHARED):
        own = (writer + 1) * 1_000 + number
        answer_to(ledger, batch(own, own * EVENTS, EVENTS))
        answers.append(answer_to(ledger, batch(number, number * EVENTS, EVENTS)))
    ledger.close()
    told.send(answers)
    told.close()


def go_on(where: Path | Place, first: int, told: Connection) -> None:
    """Append submission after submission, telling each one's number once it is acknowledged.

    Ends when the ledger is not there any more.
    """
    ledger = opened_at(where)
    with suppress(Unavailable):
        for number in count(first):
            answer_to(ledger, batch(number, number * EVENTS, EVENTS))
            told.send(number)
    told.close()
