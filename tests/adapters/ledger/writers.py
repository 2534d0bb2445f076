"""Processes that append to one ledger's file, for tests to race and to kill."""

from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from tests.contracts.ledger_builders import answer_to, batch, open_sqlite

EVENTS = 20
SHARED = 10


def race(path: str, writer: int, start: Barrier, told: Connection) -> None:
    """Append, in turn, one submission of this writer's own and one that every writer sends."""
    ledger = open_sqlite(Path(path))
    start.wait()
    answers = []
    for number in range(SHARED):
        own = (writer + 1) * 1_000 + number
        answer_to(ledger, batch(own, own * EVENTS, EVENTS))
        answers.append(answer_to(ledger, batch(number, number * EVENTS, EVENTS)))
    ledger.close()
    told.send(answers)
    told.close()


def go_on(path: str, first: int, told: Connection) -> None:
    """Append submission after submission, telling each one's number once it is acknowledged."""
    ledger = open_sqlite(Path(path))
    number = first
    while True:
        answer_to(ledger, batch(number, number * EVENTS, EVENTS))
        told.send(number)
        number += 1
