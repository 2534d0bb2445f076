"""What every ledger promises about reading, over each implementation of the port."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.ports import Answered, Head, Ledger, SubmissionConflict
from tests.contracts.ledger_builders import (
    KINDS,
    MINUTE,
    NAME,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    event_id,
    opened,
    record,
    spelt,
    submission,
    submission_id,
)


@pytest.fixture
def clock() -> SteppedClock:
    """The ledger's clocks, for a test to move."""
    return SteppedClock()


@pytest.fixture(params=KINDS)
def ledger(request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock) -> Iterator[Ledger]:
    """An empty ledger of each kind."""
    with opened(request.param, tmp_path, clock) as ledger:
        yield ledger


def test_empty_ledger_reads_as_empty(ledger: Ledger) -> None:
    """Before anything is appended there is an end to be read and nothing before it."""
    assert ledger.name == NAME
    assert ledger.head() == Head(0, 0, 0)
    assert ledger.read(0, 10) == []
    assert ledger.find(event_id(1)) is None
    assert ledger.stream(uuid.UUID(int=1)) == []
    assert ledger.answered(submission_id(1)) is None
    assert ledger.submitted(submission_id(1)) == []
    assert ledger.size_as_of(NOON) == 0


@pytest.mark.parametrize(
    ("start", "limit", "positions"),
    [
        (0, 2, [0, 1]),
        (2, 2, [2, 3]),
        (4, 2, [4]),
        (5, 2, []),
        (99, 2, []),
        (0, 99, [0, 1, 2, 3, 4]),
        (3, 0, []),
        (0, -1, []),
        (-2, 2, [0, 1]),
    ],
)
def test_read_gives_a_page(ledger: Ledger, start: int, limit: int, positions: list[int]) -> None:
    """A page is at most `limit` entries from `start` on; outside the ledger there are none."""
    answer_to(ledger, batch(1, 0, 5))
    assert [entry.position for entry in ledger.read(start, limit)] == positions


def test_find_gives_the_entry_of_an_event(ledger: Ledger) -> None:
    """An event is found by its id, as it stands at its position."""
    answer_to(ledger, batch(1, 0, 5))
    assert [ledger.find(event_id(number)) for number in range(5)] == ledger.read(0, 5)
    assert ledger.find(uuid.UUID(int=1)) is None


def test_stream_gives_its_entries_in_order(ledger: Ledger) -> None:
    """A stream's entries are found by its tag alone, whichever submissions brought them."""
    answer_to(ledger, batch(1, 0, 7))
    answer_to(ledger, batch(2, 7, 6))
    assert [entry.position for entry in ledger.stream(record(2).stream_tag)] == [2, 7, 12]
    assert ledger.stream(uuid.UUID(int=99)) == []


def test_submitted_gives_what_the_submission_appended(ledger: Ledger) -> None:
    """A submission's entries are those it brought first, not those that stood already."""
    answer_to(ledger, batch(1, 0, 2))
    answer_to(ledger, submission(2, record(2), record(0), record(3)))
    answer_to(ledger, batch(3, 4, 1))
    assert [entry.position for entry in ledger.submitted(submission_id(2))] == [2, 3]


def test_answered_gives_digests_and_answer(ledger: Ledger) -> None:
    """Digests come back in the order they were sent in, those of conflicts included."""
    pending = submission(1, record(0), record(1), record(0, saying="that"))
    answer = answer_to(ledger, pending)
    assert ledger.answered(submission_id(1)) == (pending.digests, answer)


def test_another_source_is_not_told_what_became_of_a_submission(ledger: Ledger) -> None:
    """Whoever comes with its id and its digests is refused, in the same append as well."""
    pending = batch(1, 0, 2)
    other = replace(pending, source="/participants/redbridge/education")
    first, second = ledger.append([pending, other], now_ms=NOON, fences=0)
    assert isinstance(first, Answered)
    assert second == SubmissionConflict()
    assert ledger.append([other], now_ms=NOON, fences=0) == [SubmissionConflict()]
    assert ledger.answered(submission_id(1)) == (pending.digests, first.answer)


def test_submission_may_have_no_records(ledger: Ledger) -> None:
    """A submission whose events were all refused is kept and answered, and moves no head."""
    assert answer_to(ledger, submission(1)) == spelt([])
    assert ledger.answered(submission_id(1)) == ((), spelt([]))
    assert ledger.head() == Head(0, 0, 0)


def test_size_as_of_is_a_prefix(ledger: Ledger, clock: SteppedClock) -> None:
    """As of any time, what was recorded by then is the ledger up to one position."""
    for number, count in enumerate((1, 3, 2)):
        answer_to(ledger, batch(number, 10 * number, count), now_ms=clock.pass_by(MINUTE))
    sizes = {
        NOON: 0,
        NOON + MINUTE - 1: 0,
        NOON + MINUTE: 1,
        NOON + 2 * MINUTE - 1: 1,
        NOON + 2 * MINUTE: 4,
        NOON + 3 * MINUTE: 6,
        NOON + 9 * MINUTE: 6,
    }
    assert {time: ledger.size_as_of(time) for time in sizes} == sizes
