"""What every ledger promises about checkpoints that are appended as entries."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import ClockJumped, ClockWentBack, NotFound, RecordMalformed
from domain.logged_checkpoint import NOTE_BYTES_MAX, STREAM_TAG, LoggedCheckpoint, checkpoint_in
from services.log_ports import ProvenLedger
from services.ports import Head, Recorded, StoredEntry
from tests.contracts.ledger_builders import (
    KINDS,
    MINUTE,
    NOON,
    SteppedClock,
    answer_to,
    batch,
    opened,
    spelt,
    submission_id,
)
from tests.contracts.test_log_tiles import leaves_of
from tests.domain.plain_tree import mth


@pytest.fixture
def clock() -> SteppedClock:
    """The ledger's clocks, for a test to move."""
    return SteppedClock()


@pytest.fixture(params=KINDS)
def ledger(
    request: pytest.FixtureRequest, tmp_path: Path, clock: SteppedClock
) -> Iterator[ProvenLedger]:
    """A ledger of three entries, of each kind."""
    with opened(request.param, tmp_path, clock) as ledger:
        answer_to(ledger, batch(1, 0, 3))
        yield ledger


def log(ledger: ProvenLedger, size: int, *, now_ms: int = NOON) -> Recorded | None:
    """Append the checkpoint of a size."""
    return ledger.append_checkpoint(LoggedCheckpoint(size, b"note %d" % size), now_ms=now_ms)


def test_a_checkpoint_is_an_entry(ledger: ProvenLedger, clock: SteppedClock) -> None:
    """It has the next position and a time, moves the head, and is in the tree like any other."""
    later = clock.pass_by(MINUTE)
    assert log(ledger, 3, now_ms=later) == Recorded(3, later, again=False)
    assert ledger.head() == Head(4, later, 0)
    checkpoint = LoggedCheckpoint(3, b"note 3")
    [entry] = ledger.read(3, 9)
    assert entry == StoredEntry(
        3, checkpoint.entry_id, STREAM_TAG, checkpoint.record(later), checkpoint.digest
    )
    assert checkpoint_in(entry.record) == checkpoint
    assert ledger.find(checkpoint.entry_id) is None  # it is no event's
    assert ledger.stream(STREAM_TAG) == [entry]
    assert ledger.tiles.root(4) == mth(leaves_of(ledger))
    assert ledger.size_as_of(later) == 4


def test_positions_go_on_behind_it(ledger: ProvenLedger) -> None:
    """What is appended next stands behind it, and submissions have their own entries alone."""
    log(ledger, 3)
    assert answer_to(ledger, batch(2, 3, 1)) == spelt([Recorded(4, NOON, again=False)])
    assert [entry.position for entry in ledger.submitted(submission_id(2))] == [4]
    assert ledger.tiles.root(5) == mth(leaves_of(ledger))


def test_a_size_is_logged_once(ledger: ProvenLedger, clock: SteppedClock) -> None:
    """The same size again stands where it stood, whatever its note says."""
    log(ledger, 3)
    again = LoggedCheckpoint(3, b"with later cosignatures")
    found = ledger.append_checkpoint(again, now_ms=clock.pass_by(MINUTE))
    assert found == Recorded(3, NOON, again=True)
    assert ledger.head() == Head(4, NOON, 0)


def test_a_quiet_ledger_logs_nothing(ledger: ProvenLedger) -> None:
    """Where nothing but checkpoints came since the last, none is appended: else there is no end."""
    assert log(ledger, 3) is not None
    assert log(ledger, 4) is None
    assert ledger.head().size == 4
    answer_to(ledger, batch(2, 3, 1))
    assert log(ledger, 5) == Recorded(5, NOON, again=False)
    assert log(ledger, 6) is None
    assert ledger.head().size == 6


def test_entries_that_came_meanwhile_are_not_forgotten(ledger: ProvenLedger) -> None:
    """An entry that came before the last logged checkpoint, but is not in it, asks for another."""
    answer_to(ledger, batch(2, 3, 1))
    log(ledger, 3)
    assert log(ledger, 5) == Recorded(5, NOON, again=False)
    assert log(ledger, 6) is None
    assert log(ledger, 4) is None
    assert log(ledger, 1) is None


@pytest.mark.parametrize("size", [-1, 0, 4, 10**30])
def test_only_what_is_there_is_logged(ledger: ProvenLedger, size: int) -> None:
    """A checkpoint of nothing, or of more than there is, is refused."""
    with pytest.raises(NotFound):
        log(ledger, size)
    assert ledger.head().size == 3


def test_its_clock_is_watched(ledger: ProvenLedger, clock: SteppedClock) -> None:
    """A checkpoint is stamped under the same rules as an event."""
    with pytest.raises(ClockJumped):
        log(ledger, 3, now_ms=NOON + 6 * MINUTE)
    with pytest.raises(ClockWentBack):
        log(ledger, 3, now_ms=NOON - 6 * MINUTE)
    assert log(ledger, 3, now_ms=NOON - MINUTE) == Recorded(3, NOON, again=False)


def test_a_note_that_is_too_long_is_refused(ledger: ProvenLedger) -> None:
    """A leaf has its bound; up to it the note is kept whole."""
    with pytest.raises(RecordMalformed):
        ledger.append_checkpoint(LoggedCheckpoint(3, b"x" * (NOTE_BYTES_MAX + 1)), now_ms=NOON)
    assert ledger.head().size == 3
    longest = LoggedCheckpoint(3, b"x" * NOTE_BYTES_MAX)
    assert ledger.append_checkpoint(longest, now_ms=NOON) == Recorded(3, NOON, again=False)
    assert checkpoint_in(ledger.read(3, 1)[0].record) == longest
    assert ledger.tiles.root(4) == mth(leaves_of(ledger))
