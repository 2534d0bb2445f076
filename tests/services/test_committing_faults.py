"""Group commit when something breaks: nothing half there, nobody left waiting."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from domain.errors import ClockJumped, NotOpened, Unavailable, Unforeseen
from services.batches import Result
from services.custody import KeyName
from services.ports import Answered
from tests.rig_faults import Broken, When
from tests.rig_writing import Writing, positions


@pytest.fixture
def writing() -> Iterator[Writing]:
    """Give a writer, and stop it afterwards."""
    made = Writing()
    yield made
    made.committer.close()
    made.pool.shutdown()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unavailable("the ledger"), Unavailable),
        (ClockJumped("the clock"), ClockJumped),
        (OSError("Marker9f41"), Unavailable),
        (Broken("Marker9f41"), Unforeseen),
    ],
)
@pytest.mark.parametrize("operation", ["head", "append"])
def test_a_failing_ledger_is_told_to_every_waiter(
    writing: Writing, error: Exception, told: type[Unavailable], operation: str
) -> None:
    """Each is told once, without a word of a foreign exception, and the writer goes on."""
    writing.ledger.plan.error = error
    writing.ledger.plan.fail(operation)
    with pytest.raises(Unavailable) as found:
        writing.committer.commit(writing.batch(writing.event()))
    assert type(found.value) is told
    assert "Marker9f41" not in str(found.value)
    assert writing.ledger.head().size == 0
    assert positions([writing.committer.commit(writing.batch(writing.event()))]) == [0]


def test_all_who_wait_for_a_failing_ledger_are_told(writing: Writing) -> None:
    """Nobody of a group is left waiting when the store is gone, and nothing of it is there."""
    waiting: list[Future[Result]] = []

    def queue_up() -> None:
        waiting.extend(writing.later(writing.batch(writing.event())) for _ in range(10))
        writing.queued(10)

    writing.ledger.plan.error = Unavailable("the ledger")
    with writing.held(writing.batch(writing.event()), queue_up) as first:
        writing.ledger.plan.fail("append", calls=2)
    assert positions([first.result()]) == [0]
    for one in waiting:
        with pytest.raises(Unavailable):
            one.result()
    assert writing.ledger.head().size == 1


def test_one_poisoned_batch_does_not_fail_its_neighbours(writing: Writing) -> None:
    """What only one batch of a group is to blame for is told to that one alone."""
    poisoned = writing.batch(writing.event())
    name = KeyName("havering", "stream", poisoned.events[0][1].stream)
    writing.custody.keys_for([name])
    tag = writing.custody.tag(name)
    writing.keys._rows[tag] = writing.keys._rows[tag].__class__(
        tag, writing.keys._rows[tag].key_id, bytes(60), "havering", "stream"
    )
    writing.custody.forget()
    good = [writing.batch(writing.event()) for _ in range(3)]
    waiting: list[Future[Result]] = []

    def queue_up() -> None:
        waiting.extend(writing.later(batch) for batch in [*good[:2], poisoned, good[2]])
        writing.queued(4)

    with writing.held(writing.batch(writing.event()), queue_up):
        pass
    with pytest.raises(NotOpened):
        waiting.pop(2).result()
    assert sorted(positions([one.result() for one in waiting])) == [1, 2, 3]


def test_what_one_batch_is_refused_for_does_not_fail_its_neighbours(writing: Writing) -> None:
    """What nobody foresaw of a group is tried one by one, so that only whom it is about is told."""
    waiting: list[Future[Result]] = []

    def queue_up() -> None:
        waiting.extend(writing.later(writing.batch(writing.event())) for _ in range(3))
        writing.queued(3)

    writing.ledger.plan.error = Unforeseen("the ledger")
    with writing.held(writing.batch(writing.event()), queue_up):
        writing.ledger.plan.fail("append", calls=2)
    assert sorted(positions([one.result() for one in waiting])) == [1, 2, 3]


@pytest.mark.parametrize(
    ("operation", "when"), [("find", "before"), ("add", "before"), ("add", "after")]
)
def test_keys_are_durable_before_records(writing: Writing, operation: str, when: When) -> None:
    """When the key store fails nothing is recorded; when it stored all the same, a resend opens."""
    batch = writing.batch(writing.event())
    writing.store.plan.fail(operation, when)
    with pytest.raises(Unavailable):
        writing.committer.commit(batch)
    assert writing.ledger.head().size == 0
    assert positions([writing.committer.commit(batch)]) == [0]
    assert [event.event_id for event in writing.opened()] == [batch.events[0][1].event_id]


def test_an_append_that_stored_and_failed_is_found_again(writing: Writing) -> None:
    """What was recorded though nobody was told is answered the same when it is sent again."""
    batch = writing.batch(writing.event(), writing.event())
    writing.ledger.plan.fail("append", "after")
    with pytest.raises(Unavailable):
        writing.committer.commit(batch)
    assert len(writing.opened()) == 2
    assert writing.committer.commit(batch) == Answered(b"0,1", again=True)
    assert len(writing.opened()) == 2


def test_when_a_fence_moved_it_seals_again_with_fresh_keys(writing: Writing) -> None:
    """A key destroyed between sealing and appending is never what a record is sealed under."""
    batch = writing.batch(writing.event())
    writing.committer.commit(writing.batch(writing.event()))
    writing.custody.keys_for([KeyName("havering", "stream", batch.events[0][1].stream)])

    def destroy() -> None:
        writing.keys._rows.clear()

    writing.ledger.moving.append(destroy)
    assert positions([writing.committer.commit(batch)]) == [1]
    assert writing.opening.event(writing.ledger.read(1, 1)[0]).facts is not None


def test_when_fences_never_rest_nothing_is_recorded(writing: Writing) -> None:
    """It gives up after some attempts and says to try again."""
    writing.ledger.moving += [lambda: None] * 5
    with pytest.raises(Unavailable, match="keep changing"):
        writing.committer.commit(writing.batch(writing.event()))
    assert writing.ledger.head().size == 0
    assert positions([writing.committer.commit(writing.batch(writing.event()))]) == [0]


def test_a_failing_nudge_is_only_a_nudge(writing: Writing) -> None:
    """Projecting is nudged after each commit, and what goes wrong there stops no writer."""
    nudged: list[int] = []

    def nudge() -> None:
        nudged.append(writing.ledger.ledger.head().size)
        raise Broken

    writing.committer.after_commit = nudge
    for expected in range(3):
        assert positions([writing.committer.commit(writing.batch(writing.event()))]) == [expected]
    writing.committer.close()
    assert nudged == [1, 2, 3]
