"""Group commit: one writer, many waiters, each told its own fate and nobody left waiting."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import Future

import pytest

from domain.errors import LedgerBehind, Unavailable
from services.batches import Batch, Result
from services.committing import EVENTS_PER_COMMIT_MAX, generation
from services.ports import Answered, Conflict, Outcome, Recorded, SubmissionConflict
from tests.rig_writing import Writing, positions


@pytest.fixture
def writing() -> Iterator[Writing]:
    """Give a writer, and stop it afterwards."""
    made = Writing()
    yield made
    made.committer.close()
    made.pool.shutdown()


def test_many_single_events_go_in_few_transactions(writing: Writing) -> None:
    """What queued up while one commit was under way is committed as one, each told its place."""
    batches = [writing.batch(writing.event()) for _ in range(40)]
    waiting: list[Future[Result]] = []

    def queue_up() -> None:
        waiting.extend(writing.later(batch) for batch in batches)
        writing.queued(40)

    with writing.held(writing.batch(writing.event()), queue_up) as first:
        assert not first.done()
    answers = positions([first.result(), *(one.result() for one in waiting)])
    assert answers[0] == 0
    assert sorted(answers) == list(range(41))
    assert writing.ledger.batches == [1, 40]
    stands = {event.event_id: event.position for event in writing.opened()}
    assert [stands[batch.events[0][1].event_id] for batch in batches] == answers[1:]


def test_one_commit_takes_no_more_than_its_bound(writing: Writing) -> None:
    """A long queue is taken in pieces, so that nobody waits for all of it."""
    events = [writing.event() for _ in range(EVENTS_PER_COMMIT_MAX // 2)]

    def queue_up() -> None:
        for batch in [writing.batch(*events), writing.batch(*events), writing.batch(*events)]:
            writing.later(batch)
        writing.queued(3)

    with writing.held(writing.batch(writing.event()), queue_up):
        pass
    writing.committer.close()
    assert writing.ledger.batches == [1, 2, 1]
    assert writing.ledger.head().size == 1 + len(events)


def test_conflicts_are_told_and_atomic_batches_held_back(writing: Writing) -> None:
    """Outcomes come from under the lock, and reach the batch that they belong to."""
    event = writing.event()
    batch = writing.batch(event)
    assert writing.committer.commit(batch) == Answered(b"0", again=False)
    assert writing.committer.commit(batch) == Answered(b"0", again=True)
    stolen = Batch(batch.submission, batch.source, (bytes(32),), b"", (), lambda _: b"never asked")
    assert writing.committer.commit(stolen) == SubmissionConflict()
    other = dataclasses.replace(event, header_commitment=bytes(32))
    told: list[Outcome] = []

    def answer(outcomes: Sequence[Outcome]) -> bytes:
        told.extend(outcomes)
        return b""

    conflicting = writing.batch(other, writing.event(), atomic=True)
    writing.committer.commit(dataclasses.replace(conflicting, answer=answer))
    assert told[0] == Conflict()
    assert not isinstance(told[1], Recorded)
    assert writing.ledger.head().size == 1


def test_closing_finishes_what_was_queued(writing: Writing) -> None:
    """Whoever was taken in is answered, and whoever comes after is told to try again."""
    waiting: list[Future[Result]] = []

    def queue_up() -> None:
        waiting.extend(writing.later(writing.batch(writing.event())) for _ in range(20))
        writing.queued(20)

    with writing.held(writing.batch(writing.event()), queue_up):
        closing = writing.pool.submit(writing.committer.close)
    closing.result()
    assert sorted(positions([one.result() for one in waiting])) == list(range(1, 21))
    with pytest.raises(Unavailable):
        writing.committer.commit(writing.batch(writing.event()))
    writing.committer.close()


def test_nothing_is_queued_behind_the_last_word(
    writing: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking and closing exclude each other until a batch stands in the queue."""
    alone: list[bool] = []
    put = writing.committer._queue.put

    def noted(item: tuple[Batch, Future[Result]] | None) -> None:
        alone.append(writing.committer._starting.locked())
        put(item)

    monkeypatch.setattr(writing.committer._queue, "put", noted)
    writing.committer.commit(writing.batch(writing.event()))
    assert alone == [True]


def test_nobody_is_forgotten_between_asking_and_closing() -> None:
    """However a close falls among commits, each of them is answered or refused, at once."""
    for _ in range(20):
        writing = Writing()
        batches = [writing.batch(writing.event()) for _ in range(16)]
        waiting = [writing.later(batch) for batch in batches]
        writing.committer.close()
        errors = [one.exception(timeout=60) for one in waiting]
        answered = sum(error is None for error in errors)
        assert all(error is None or isinstance(error, Unavailable) for error in errors)
        assert writing.ledger.head().size == answered
        writing.pool.shutdown()


def test_a_ledger_s_key_turns_yearly_and_long_before_it_wears_out() -> None:
    """Each generation is another name: by the year, or by 2^31 sealings."""
    day = 24 * 60 * 60 * 1000
    names = [generation(day * number, 0) for number in range(0, 366 * 40, 30)]
    assert len(set(names)) in {40, 41}
    assert generation(0, 2**31 - 1) != generation(0, 2**31)
    assert generation(1_750_000_000_000, 5) == "2025-0"


def test_what_stands_before_an_append_is_asked_each_time(writing: Writing) -> None:
    """While it refuses nothing is sealed or appended, and who waits is told why."""
    asked: list[str] = []

    def refuses() -> None:
        asked.append("asked")
        raise LedgerBehind("havering", 1, 3, ["a witness"])

    writing.committer.before_append = refuses
    for _ in range(2):
        with pytest.raises(LedgerBehind, match="entries 1 to 2 are missing"):
            writing.committer.commit(writing.batch(writing.event()))
    assert (asked, writing.ledger.head().size) == (["asked"] * 2, 0)


def test_an_outage_of_the_ledger_is_told(writing: Writing) -> None:
    """After a ledger was out of reach, what it was before is to be asked again."""
    told: list[str] = []
    writing.committer.after_outage = lambda: told.append("outage")
    writing.ledger.plan.error = Unavailable("the ledger")
    writing.ledger.plan.fail("append")
    with pytest.raises(Unavailable):
        writing.committer.commit(writing.batch(writing.event()))
    assert told == ["outage"]
    writing.committer.commit(writing.batch(writing.event()))
    assert told == ["outage"]
