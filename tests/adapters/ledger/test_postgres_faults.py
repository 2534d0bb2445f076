"""Whatever fails while a ledger in PostgreSQL is written, nothing is half there or lost."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import get_context
from signal import SIGINT, SIGQUIT

import psycopg
import pytest

from adapters.ledger.postgres import PostgresLedger
from adapters.ledger.postgres_schema import create_schema
from adapters.postgres_connections import Patience, Place
from domain.errors import Unavailable, Unforeseen
from domain.logged_checkpoint import LoggedCheckpoint
from domain.record import leaf_bytes_of
from domain.tree import Edge, leaf_hash
from services.ports import Head
from tests.adapters.ledger.faults import FOREIGN, Call, Fault, on_postgres
from tests.adapters.ledger.writers import EVENTS, go_on
from tests.contracts.ledger_builders import (
    NAME,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    digest,
    open_postgres,
    postgres_place,
    record,
    spelt,
    submission,
    submission_id,
)
from tests.postgres_server import HUB, Server, cut, seen_by

pytestmark = pytest.mark.postgres
ROOT = digest("root")
SIZE = 254
Do = Callable[[PostgresLedger], object]


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
    """Every statement, copy and commit from here on fails when this says so."""
    yield from on_postgres(monkeypatch)


@pytest.fixture
def ledger() -> Iterator[PostgresLedger]:
    """A ledger of entries whose next two fill a tile, with one checkpoint kept."""
    ledger = open_postgres(postgres_place())
    answer_to(ledger, batch(1, 0, SIZE))
    ledger.checkpoints.keep(9, ROOT, b"note", now_ms=NOON)
    yield ledger
    ledger.close()


def append(ledger: PostgresLedger) -> object:
    """Append a resent submission, a new one, and one with an event that stands already."""
    three = submission(3, record(0), record(1004))
    resent, two = batch(1, 0, SIZE), batch(2, SIZE, 5)
    return ledger.append([resent, two, three], now_ms=NOON, fences=0)


def keep(ledger: PostgresLedger) -> object:
    """Keep a checkpoint."""
    return ledger.checkpoints.keep(SIZE, ROOT, b"note", now_ms=NOON)


def cosign(ledger: PostgresLedger) -> None:
    """Keep two lines for the one that stands."""
    ledger.checkpoints.cosign(9, [b"one", b"two"], now_ms=NOON)


def log(ledger: PostgresLedger) -> object:
    """Append a checkpoint as an entry."""
    return ledger.append_checkpoint(LoggedCheckpoint(SIZE, b"note"), now_ms=NOON)


def standing(ledger: PostgresLedger) -> list[object]:
    """Give what stands, and see that the root is that of the entries."""
    entries = ledger.read(0, 9999)
    assert len(entries) == ledger.head().size
    leaves = [leaf_hash(leaf_bytes_of(entry.record)) for entry in entries]
    assert ledger.tiles.root(len(leaves)) == Edge().grown(leaves)[0].root()
    book = ledger.checkpoints
    answers = [ledger.answered(submission_id(number)) for number in (1, 2, 3)]
    return [entries, answers, book.kept(0, 99), [one.line for one in book.cosignatures(9)]]


@pytest.mark.parametrize("do", [append, keep, cosign, log])
def test_each_statement_may_fail(ledger: PostgresLedger, fault: Fault, do: Do) -> None:
    """Each statement and the commit, failing before or after it ran: all of it is there or none.

    One ledger goes through all of it: until the commit stands and nobody is told, nothing changes.
    """
    before = standing(ledger)
    tries = ((number, after) for number in count(2) for after in (False, True))
    while standing(ledger) == before:
        fault.calls = 0
        fault.at, fault.after = next(tries)  # the first is the BEGIN, which is tried again
        with pytest.raises(Unavailable) as caught:
            do(ledger)
        fault.at = 0
        assert FOREIGN not in str(caught.value)
    assert fault.after
    assert fault.calls >= 4
    done = standing(ledger)
    do(ledger)
    assert standing(ledger) == done


def test_what_the_values_are_refused_for_is_no_outage(ledger: PostgresLedger, fault: Fault) -> None:
    """It would come again with the same submission: whoever waits is told so, without a value."""
    for error in (psycopg.errors.UniqueViolation, psycopg.errors.NumericValueOutOfRange):
        fault.error, fault.calls, fault.at = error, 0, 3
        with pytest.raises(Unforeseen) as caught:
            append(ledger)
        assert FOREIGN not in str(caught.value)
    fault.error, fault.calls = psycopg.errors.ReadOnlySqlTransaction, 0
    with pytest.raises(Unavailable) as away:  # as after a failover to one that only follows
        append(ledger)
    assert type(away.value) is Unavailable


@dataclass
class Cutting:
    """Has the server end every connection just before the `at`-th call."""

    at: int = 0
    calls: int = 0

    def before(self, call: Call) -> Call:
        """Give a call that may find its connection gone."""

        def carried_out(*args: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.at:
                cut()
            return call(*args, **named)

        return carried_out


@pytest.mark.parametrize("do", [append, log])
def test_the_connection_may_be_lost_at_each_statement(
    ledger: PostgresLedger, monkeypatch: pytest.MonkeyPatch, do: Do
) -> None:
    """Cut before any statement or the commit, nothing is there, and the next try is a new one."""
    before = standing(ledger)
    cutting = Cutting()
    for name in ("execute", "executemany", "copy"):
        monkeypatch.setattr(psycopg.Cursor, name, cutting.before(getattr(psycopg.Cursor, name)))
    for number in count(2):
        cutting.at, cutting.calls = number, 0
        try:
            do(ledger)
        except Unavailable:
            assert standing(ledger) == before
        else:
            break
    assert number >= 7
    assert standing(ledger) != before


def test_connections_that_went_stale_are_replaced(ledger: PostgresLedger) -> None:
    """What lay idle while the server was restarted costs nobody an answer, and no append twice."""
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: ledger.head(), range(16)))
    cut()
    assert ledger.head().size == SIZE
    cut()
    answer_to(ledger, batch(2, SIZE, 5))
    assert ledger.head() == Head(SIZE + 5, NOON, 0)


def test_a_writer_that_was_stopped_gives_way() -> None:
    """Who holds the lock and does nothing is ended by the server; others wait, and go on."""
    place = postgres_place()
    watch = SteppedClock().watch()
    stopped = PostgresLedger(
        place, NAME, origin="demo", watch=watch, patience=Patience(idle_ms=200)
    )
    other = open_postgres(place)
    begun, done = threading.Event(), threading.Event()

    def stop(_: object) -> bytes:
        begun.set()
        assert done.wait(30)
        return spelt([])

    with ThreadPoolExecutor(1) as thread:
        failing = thread.submit(answer_to, stopped, replace(batch(1, 0, 1), answer=stop))
        assert begun.wait(30)
        answer_to(other, batch(2, 1, 1))
        done.set()
        with pytest.raises(Unavailable):
            failing.result(30)
    answer_to(stopped, batch(1, 0, 1))
    assert other.head().size == 2
    stopped.close()
    other.close()


# --- a server of our own, which goes away ---------------------------------------------------------


def place_on(server: Server, schema: str) -> Place:
    """Make a ledger on that server; gives its place as the hub reaches it."""
    place = Place(server.conninfo, schema)
    create_schema(place, NAME, origin="demo")
    return seen_by(place, HUB)


@pytest.mark.postgres(own=True)
def test_a_server_that_is_gone_for_a_while(server: Server) -> None:
    """While it is gone everything is refused at once; when it is back, the same ledger goes on."""
    place = place_on(server, "gone")
    ledger = open_postgres(place)
    answer = answer_to(ledger, batch(1, 0, 3))
    server.stop(SIGINT)
    for _ in range(3):
        with pytest.raises(Unavailable, match=r"^the ledger is not available; nothing was"):
            answer_to(ledger, batch(2, 3, 1))
        with pytest.raises(Unavailable):
            ledger.read(0, 9)
    with pytest.raises(Unavailable):
        open_postgres(place)
    server.start()
    assert answer_to(ledger, batch(1, 0, 3)) == answer
    answer_to(ledger, batch(2, 3, 1))
    assert ledger.head() == Head(4, NOON, 0)
    ledger.close()


@pytest.mark.postgres(own=True)
def test_nothing_acknowledged_is_lost_by_a_crash_of_the_server(server: Server) -> None:
    """Ended as by a power cut under a writer, the server has each acknowledged event once."""
    place = place_on(server, "crash")
    spawn = get_context("spawn")
    first = 0
    for _ in range(2):
        told, telling = spawn.Pipe(duplex=False)
        writer = spawn.Process(target=go_on, args=(place, first, telling))
        writer.start()
        telling.close()
        acknowledged = [told.recv() for _ in range(5)]
        server.stop(SIGQUIT)
        with suppress(EOFError):
            while True:
                acknowledged.append(told.recv())
        writer.join()
        server.start()
        ledger = open_postgres(place)
        standing(ledger)
        for number in acknowledged:
            assert len(ledger.submitted(submission_id(number))) == EVENTS
        unacknowledged = acknowledged[-1] + 1
        answer_to(ledger, batch(unacknowledged, unacknowledged * EVENTS, EVENTS))
        assert ledger.head().size == EVENTS * (unacknowledged + 1)
        ledger.close()
        first = unacknowledged + 1
