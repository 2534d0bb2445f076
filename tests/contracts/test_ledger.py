"""What every ledger promises about appending, over each implementation of the port."""

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from domain.errors import ClockJumped, ClockWentBack, RecordMalformed
from domain.record import PARTS_MAX, encode_record
from services.ports import (
    Answered,
    Conflict,
    FencesMoved,
    Head,
    HeldBack,
    Ledger,
    Outcome,
    PendingSubmission,
    Recorded,
    SubmissionConflict,
)
from tests.contracts.ledger_builders import (
    KINDS,
    MINUTE,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    event_id,
    opened,
    record,
    spelt,
    statements_of,
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


def append(ledger: Ledger, *pending: PendingSubmission) -> list[Answered | SubmissionConflict]:
    """Append at noon."""
    return ledger.append(pending, now_ms=NOON, fences=0)


def refuse(outcomes: Sequence[Outcome]) -> bytes:
    """Fail while the answer is made."""
    raise RuntimeError("no answer")


# --- positions and times --------------------------------------------------------------------------


def test_positions_have_no_gaps(ledger: Ledger) -> None:
    """Positions are 0, 1, 2 … in the order of submissions and of their records."""
    append(ledger, batch(1, first=0, count=3), batch(2, first=3, count=2))
    append(ledger, batch(3, first=5, count=1))
    assert statements_of(ledger) == [record(number).statement for number in range(6)]


def test_one_append_has_one_recorded_time(ledger: Ledger, clock: SteppedClock) -> None:
    """Everything in one append is recorded at the same time, and the head says when."""
    recorded_ms = clock.pass_by(MINUTE)
    results = ledger.append([batch(1, 0, 2), batch(2, 2, 1)], now_ms=recorded_ms, fences=0)
    assert results == [
        Answered(spelt([Recorded(n, recorded_ms, again=False) for n in (0, 1)]), again=False),
        Answered(spelt([Recorded(2, recorded_ms, again=False)]), again=False),
    ]
    assert ledger.head() == Head(3, recorded_ms, 0)


def test_recorded_never_goes_back(ledger: Ledger) -> None:
    """A clock that is a little behind records at the last recorded time."""
    append(ledger, batch(1, 0, 1))
    answer = answer_to(ledger, batch(2, 1, 1), now_ms=NOON - MINUTE)
    assert answer == spelt([Recorded(1, NOON, again=False)])


def test_stored_record_is_exact(ledger: Ledger) -> None:
    """What is read is the leaf under its recorded time and the sealed bytes, unchanged."""
    pending = record(7)
    append(ledger, submission(1, pending))
    [entry] = ledger.read(0, 10)
    assert entry.record == encode_record(pending.leaf.encode(NOON), pending.sealed)
    assert entry.event_id == event_id(7)
    assert entry.stream_tag == pending.stream_tag
    assert entry.statement == pending.statement


# --- sending again --------------------------------------------------------------------------------


def test_submission_again_has_the_same_answer(ledger: Ledger, clock: SteppedClock) -> None:
    """A resent submission is given the stored bytes; nobody makes an answer twice."""
    first = answer_to(ledger, batch(1, 0, 2))
    again = dataclasses.replace(batch(1, 0, 2), answer=refuse)
    [result] = ledger.append([again], now_ms=clock.pass_by(MINUTE), fences=0)
    assert result == Answered(first, again=True)
    assert ledger.head() == Head(2, NOON, 0)


def test_submission_twice_in_one_append(ledger: Ledger) -> None:
    """Two copies that queued up together are one submission."""
    first, second = append(ledger, batch(1, 0, 2), batch(1, 0, 2))
    assert isinstance(first, Answered)
    assert second == Answered(first.answer, again=True)
    assert ledger.head().size == 2


def test_submission_id_with_other_digests_conflicts(ledger: Ledger) -> None:
    """An id that is used for something else is refused, and the first stands as it was."""
    append(ledger, batch(1, 0, 2))
    before = ledger.answered(submission_id(1))
    assert append(ledger, batch(1, 0, 3)) == [SubmissionConflict()]
    assert ledger.answered(submission_id(1)) == before
    assert ledger.head().size == 2


def test_event_again_stands_where_it_stood(ledger: Ledger, clock: SteppedClock) -> None:
    """An event sent again in another submission is given its first position and time."""
    append(ledger, batch(1, 0, 2))
    later = clock.pass_by(MINUTE)
    answer = answer_to(ledger, batch(2, 1, 2), now_ms=later)
    assert answer == spelt([Recorded(1, NOON, again=True), Recorded(2, later, again=False)])
    assert ledger.head() == Head(3, later, 0)


def test_nothing_new_moves_nothing(ledger: Ledger, clock: SteppedClock) -> None:
    """An append of what stands already leaves the head, and its time, where they are."""
    append(ledger, batch(1, 0, 2))
    answer_to(ledger, batch(2, 0, 2), now_ms=clock.pass_by(MINUTE))
    assert ledger.head() == Head(2, NOON, 0)


def test_event_with_another_statement_conflicts(ledger: Ledger) -> None:
    """An event id stands for one statement for ever; its neighbours are not held up."""
    append(ledger, submission(1, record(0)))
    answer = answer_to(ledger, submission(2, record(0, saying="that"), record(1)))
    assert answer == spelt([Conflict(), Recorded(1, NOON, again=False)])
    assert statements_of(ledger) == [record(0).statement, record(1).statement]


def test_event_twice_in_one_append(ledger: Ledger) -> None:
    """What came earlier in the same append stands already, whichever submission brought it."""
    first, second = append(
        ledger,
        submission(1, record(0), record(0)),
        submission(2, record(0), record(0, saying="that")),
    )
    again = Recorded(0, NOON, again=True)
    assert first == Answered(spelt([Recorded(0, NOON, again=False), again]), again=False)
    assert second == Answered(spelt([again, Conflict()]), again=False)
    assert ledger.head().size == 1


# --- all or nothing -------------------------------------------------------------------------------


def test_atomic_without_conflict_is_appended(ledger: Ledger) -> None:
    """All or nothing is all, when nothing is in the way; what stood already is in nobody's way."""
    append(ledger, submission(1, record(0)))
    answer = answer_to(ledger, submission(2, record(0), record(1), atomic=True))
    assert answer == spelt([Recorded(0, NOON, again=True), Recorded(1, NOON, again=False)])


def test_atomic_with_conflict_appends_none(ledger: Ledger) -> None:
    """One conflict holds all its records back; the submission is kept, its neighbours go on."""
    append(ledger, submission(1, record(0), record(1)))
    records = (record(2), record(0), record(1, saying="that"))
    _, held, _ = append(
        ledger, batch(2, 3, 1), submission(3, *records, atomic=True), batch(4, 4, 1)
    )
    answer = spelt([HeldBack(), Recorded(0, NOON, again=True), Conflict()])
    assert held == Answered(answer, again=False)
    assert ledger.answered(submission_id(3)) == (tuple(r.statement for r in records), answer)
    assert ledger.submitted(submission_id(3)) == []
    assert statements_of(ledger) == [record(number).statement for number in (0, 1, 3, 4)]


def test_atomic_against_itself_appends_none(ledger: Ledger) -> None:
    """A submission that says two things of one event records neither."""
    answer = answer_to(ledger, submission(1, record(0), record(0, saying="that"), atomic=True))
    assert answer == spelt([HeldBack(), HeldBack()])
    assert ledger.head().size == 0


def test_what_was_held_back_may_come_again(ledger: Ledger) -> None:
    """A record held back is not taken for one that stands, even later in the same append."""
    held = submission(1, record(0), record(1), record(1, saying="that"), atomic=True)
    _, second = append(ledger, held, submission(2, record(0)))
    assert second == Answered(spelt([Recorded(0, NOON, again=False)]), again=False)
    assert ledger.find(event_id(1)) is None


# --- nothing half there ---------------------------------------------------------------------------


def test_failing_answer_leaves_nothing(ledger: Ledger) -> None:
    """When one answer cannot be made, nothing of the whole append is there, and the next works."""
    failing = dataclasses.replace(batch(2, 2, 1), answer=refuse)
    with pytest.raises(RuntimeError):
        append(ledger, batch(1, 0, 2), failing)
    assert ledger.head() == Head(0, 0, 0)
    assert ledger.answered(submission_id(1)) is None
    assert answer_to(ledger, batch(2, 2, 1)) == spelt([Recorded(0, NOON, again=False)])


def test_malformed_leaf_leaves_nothing(ledger: Ledger) -> None:
    """A leaf that is too large is refused with everything that came with it."""
    good = record(1)
    leaf = dataclasses.replace(good.leaf, parts=good.leaf.parts * PARTS_MAX)
    with pytest.raises(RecordMalformed):
        append(ledger, batch(1, 2, 1), submission(2, good._replace(leaf=leaf)))
    assert statements_of(ledger) == []


def test_digest_of_another_length_is_refused(ledger: Ledger) -> None:
    """Digests are kept one after another, so each must have its 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        append(ledger, dataclasses.replace(batch(1, 0, 1), digests=(b"short",)))
    assert ledger.head().size == 0


def test_fences_that_moved_stop_the_append(ledger: Ledger) -> None:
    """What was sealed under another count of fences is not recorded, nor answered as known."""
    append(ledger, batch(1, 0, 1))
    with pytest.raises(FencesMoved):
        ledger.append([batch(1, 0, 1), batch(2, 1, 1)], now_ms=NOON, fences=1)
    assert ledger.head() == Head(1, NOON, 0)
    assert ledger.answered(submission_id(2)) is None


# --- the clock ------------------------------------------------------------------------------------


def test_clock_that_jumps_ahead_stops_appending(ledger: Ledger, clock: SteppedClock) -> None:
    """More than five minutes ahead of the time that passed: nothing is recorded till it is back."""
    append(ledger, batch(1, 0, 1))
    clock.pass_by(MINUTE)
    for _ in range(2):
        with pytest.raises(ClockJumped):
            ledger.append([batch(2, 1, 1)], now_ms=clock.wall_ms + 5 * MINUTE + 1, fences=0)
    assert ledger.head() == Head(1, NOON, 0)
    answer = answer_to(ledger, batch(2, 1, 1), now_ms=clock.wall_ms + 5 * MINUTE)
    assert answer == spelt([Recorded(1, NOON + 6 * MINUTE, again=False)])


def test_clock_that_drifts_is_no_jump(ledger: Ledger, clock: SteppedClock) -> None:
    """What counts is the time since the last commit, so that a clock may be set right by steps."""
    for number in range(3):
        clock.wall_ms += 4 * MINUTE
        answer_to(ledger, batch(number, number, 1), now_ms=clock.wall_ms)
    assert ledger.head() == Head(3, NOON + 12 * MINUTE, 0)


def test_clock_that_jumped_before_the_first_append(ledger: Ledger, clock: SteppedClock) -> None:
    """A jump counts from the opening of the ledger on."""
    with pytest.raises(ClockJumped):
        ledger.append([batch(1, 0, 1)], now_ms=NOON + 6 * MINUTE, fences=0)
    clock.pass_by(600 * MINUTE)
    assert answer_to(ledger, batch(1, 0, 1), now_ms=clock.wall_ms)


def test_clock_far_behind_stops_appending(ledger: Ledger) -> None:
    """A clock more than five minutes behind what is recorded would stamp what is not so."""
    append(ledger, batch(1, 0, 1))
    with pytest.raises(ClockWentBack):
        ledger.append([batch(2, 1, 1)], now_ms=NOON - 5 * MINUTE - 1, fences=0)
    assert answer_to(ledger, batch(2, 1, 1), now_ms=NOON - 5 * MINUTE)


# --- at once --------------------------------------------------------------------------------------


def test_threads_share_one_ledger(ledger: Ledger) -> None:
    """Threads that append the same and their own get one record each and the same answers."""

    def write(writer: int) -> list[bytes]:
        for number in range(10):
            answer_to(ledger, batch(100 * writer + number, 100 * writer + number, 1))
        return [answer_to(ledger, batch(number, 5 * number, 5)) for number in range(10)]

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(write, range(1, 5)))
    assert all(answer == answers[0] for answer in answers)
    assert len(statements_of(ledger)) == len(set(statements_of(ledger))) == 4 * 10 + 50
