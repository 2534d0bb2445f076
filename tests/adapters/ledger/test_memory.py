"""What the ledger in memory does otherwise than one in a file."""

from adapters.ledger.memory import MemoryLedger
from tests.contracts.ledger_builders import MINUTE, NAME, NOON, answer_to, batch


def test_without_a_watch_any_time_is_believed() -> None:
    """A small tool that has no wall clock may record at whatever time it says."""
    ledger = MemoryLedger(NAME)
    for number, now_ms in enumerate((1, NOON, NOON + 600 * MINUTE)):
        answer_to(ledger, batch(number, number, 1), now_ms=now_ms)
    assert [ledger.size_as_of(time) for time in (0, 1, NOON, NOON + 600 * MINUTE)] == [0, 1, 2, 3]
    ledger.close()
