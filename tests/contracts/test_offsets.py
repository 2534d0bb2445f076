"""What every ledger promises of the queues that lead to it, over each implementation."""

import dataclasses
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from services.intake_ports import Advance, OffsetMoved
from services.log_ports import ProvenLedger
from services.ports import Answered, PendingSubmission, SubmissionConflict
from tests.contracts.ledger_builders import KINDS, NOON, SteppedClock, batch, opened

QUEUE = uuid.UUID(int=77)
NEW_QUEUE = uuid.UUID(int=78)


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProvenLedger]:
    """An empty ledger of each kind."""
    with opened(request.param, tmp_path, SteppedClock()) as ledger:
        yield ledger


def message(number: int, before: int, after: int) -> PendingSubmission:
    """Give submission `number`, of one event, as it comes by the queue."""
    pending = batch(number, first=number, count=1)
    return dataclasses.replace(pending, advance=Advance(QUEUE, before, after))


def append(ledger: ProvenLedger, *pending: PendingSubmission) -> list[bool]:
    """Append at noon; gives which of them stood already."""
    results = ledger.append(pending, now_ms=NOON, fences=0)
    assert all(isinstance(one, Answered) for one in results)
    return [one.again for one in results if isinstance(one, Answered)]


def test_records_and_offset_are_one(ledger: ProvenLedger) -> None:
    """What an append takes in by a queue is recorded, and the queue is that far, at once."""
    assert ledger.offsets.reached(QUEUE) == 0
    append(ledger, message(1, 0, 1), message(2, 1, 7))
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (2, 7)


def test_an_append_that_fails_moves_nothing(ledger: ProvenLedger) -> None:
    """Where nothing is recorded, the queue stands where it stood."""

    def fails(_: object) -> bytes:
        raise RuntimeError("no answer")

    append(ledger, message(1, 0, 1))
    with pytest.raises(RuntimeError):
        append(ledger, dataclasses.replace(message(2, 1, 2), answer=fails))
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (1, 1)


@pytest.mark.parametrize(("before", "after"), [(0, 1), (2, 3), (0, 5)])
def test_whoever_was_overtaken_appends_nothing(
    ledger: ProvenLedger, before: int, after: int
) -> None:
    """A reader that does not know where the queue stands is refused, with all that it brings."""
    append(ledger, message(1, 0, 1))
    with pytest.raises(OffsetMoved):
        append(ledger, batch(5, first=50, count=1), message(2, before, after))
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (1, 1)


def test_redelivery_moves_on_and_records_nothing(ledger: ProvenLedger) -> None:
    """A submission that stands is given its answer, and its message is behind us all the same."""
    append(ledger, batch(1, first=1, count=1))
    assert append(ledger, message(1, 0, 1)) == [True]
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (1, 1)


def test_a_conflict_moves_nothing(ledger: ProvenLedger) -> None:
    """What is given no answer is for its reader to put away before it moves on."""
    append(ledger, message(1, 0, 1))
    other = dataclasses.replace(batch(1, first=7, count=2), advance=Advance(QUEUE, 1, 2))
    assert ledger.append([other], now_ms=NOON, fences=0) == [SubmissionConflict()]
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (1, 1)


def test_moving_on_without_an_append(ledger: ProvenLedger) -> None:
    """What leaves no record is passed over under the same rule."""
    ledger.offsets.advance(Advance(QUEUE, 0, 3))
    with pytest.raises(OffsetMoved):
        ledger.offsets.advance(Advance(QUEUE, 0, 4))
    with pytest.raises(OffsetMoved):
        ledger.offsets.advance(Advance(QUEUE, 2, 4))
    append(ledger, message(1, 3, 4))
    ledger.offsets.advance(Advance(QUEUE, 4, 9))
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (1, 9)


def test_a_new_queue_begins_at_nothing(ledger: ProvenLedger) -> None:
    """A queue that was made anew is another one; where it begins anywhere else, it is refused."""
    append(ledger, message(1, 0, 5))
    assert ledger.offsets.reached(NEW_QUEUE) == 0
    with pytest.raises(OffsetMoved):
        ledger.offsets.advance(Advance(NEW_QUEUE, 5, 6))
    ledger.offsets.advance(Advance(NEW_QUEUE, 0, 2))
    assert [ledger.offsets.reached(one) for one in (QUEUE, NEW_QUEUE)] == [5, 2]


def test_of_many_readers_one_takes_each_message(ledger: ProvenLedger) -> None:
    """Readers that race for the same messages record each of them once."""

    def race(reader: int) -> int:
        taken = 0
        for number in range(5):
            try:
                append(ledger, message(100 * reader + number, number, number + 1))
            except OffsetMoved:
                continue
            taken += 1
        return taken

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(race, range(1, 5))) == 5
    assert (ledger.head().size, ledger.offsets.reached(QUEUE)) == (5, 5)
