"""What was destroyed is read from a ledger without a key, all of it or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.errors import HomeNotReady
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.hub import Canary
from services.fences import Fences, fences_of
from services.preparing import PreparedEvent
from services.rotating import LedgerKeys
from tests.rig_writing import Writing


@pytest.fixture
def writing() -> Iterator[Writing]:
    """Give a writer of one ledger, stopped at the end."""
    made = Writing()
    yield made
    made.committer.close()
    made.pool.shutdown()


def destroyed(writing: Writing, *numbers: int) -> PreparedEvent:
    """Make the event that says that some keys are about to be destroyed."""
    facts = KeyDestroyed.Facts(
        fence=1,
        fenced=tuple(to_text(bytes([100 + number]) * 32) for number in numbers),
        key_class="subject",
        keys=tuple(to_text(bytes([number]) * 32) for number in numbers),
        lapses="2026-12-31",
    )
    return writing.events.made(KeyDestroyed, facts)


def keys(*numbers: int) -> tuple[bytes, ...]:
    """Give some keys' ids."""
    return tuple(bytes([number]) * 32 for number in numbers)


def test_every_destroyed_key_is_told(writing: Writing) -> None:
    """Of each submission that raised a fence, whatever else was recorded around it."""
    canary = Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
    writing.events.append("havering", writing.events.made(Canary, canary))
    writing.events.append("havering", destroyed(writing, 1, 2), fence=True)
    writing.committer.commit(writing.batch(writing.event(), writing.event()))
    both = destroyed(writing, 3), destroyed(writing, 4)
    writing.events.append("havering", *both, fence=True)
    assert fences_of(writing.ledger) == Fences(keys(1, 2, 3, 4), keys(101, 102, 103, 104))


def test_a_turned_key_is_a_fence_that_destroys_nothing(writing: Writing) -> None:
    """The head counts it, and it is told as one."""
    ledgers = {"havering": writing.ledger}
    turning = LedgerKeys(writing.custody, ledgers, writing.events, writing.clock)
    turning.turn("havering", "due")
    writing.events.append("havering", destroyed(writing, 1), fence=True)
    assert writing.ledger.head().fences == 2
    assert fences_of(writing.ledger) == Fences(keys(1), keys(101))


def test_a_ledger_that_tells_of_fewer_than_it_counts_is_refused(writing: Writing) -> None:
    """Keys are never restored by a ledger of which a fence cannot be read."""
    writing.events.append("havering", destroyed(writing, 1), fence=True)
    writing.ledger.fences = 1
    with pytest.raises(HomeNotReady, match="counts 2 fences and tells of 1"):
        fences_of(writing.ledger)


def test_nothing_destroyed_nothing_told(writing: Writing) -> None:
    """Without a fence there is nothing to destroy, in an empty ledger or another."""
    assert fences_of(writing.ledger) == Fences((), ())
    writing.committer.commit(writing.batch(writing.event()))
    assert fences_of(writing.ledger) == Fences((), ())
