"""A lane takes message after message, waits for what is away, and knows when it is overtaken."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from adapters.kafka import lanes
from adapters.kafka.lanes import FULL_BYTES, FULL_MESSAGES, Lane
from adapters.ledger.memory import MemoryLedger
from domain.errors import Unavailable
from services.intake_ports import Advance, Arrived, OffsetMoved
from services.taking_in import Means, TakingIn
from tests.fakes_queue import QUEUE, MemoryDeadLetters, MemoryIntakeKeys
from tests.hub_rig import HubRig, open_rig
from tests.journeys.machines import wait_until


def message(offset: int, size: int = 1) -> Arrived:
    """Give a message of some size."""
    return Arrived(QUEUE, offset, {}, bytes(size))


@dataclass
class Taking:
    """Takes whatever comes, after raising what stands in `trouble`; waits at the `gate`."""

    taken: list[tuple[int, int]] = field(default_factory=list)
    trouble: deque[Exception] = field(default_factory=deque)
    gate: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def take(self, message: Arrived, before: int) -> int:
        """Take a message."""
        self.begun.set()
        self.gate.wait(30)
        if self.trouble:
            raise self.trouble.popleft()
        self.taken.append((message.offset, before))
        return message.offset + 1


@pytest.fixture
def taking(monkeypatch: pytest.MonkeyPatch) -> Taking:
    """Take at once, and be quick to try again."""
    monkeypatch.setattr(lanes, "FIRST_PAUSE_S", 0.001)
    made = Taking()
    made.gate.set()
    return made


@pytest.fixture
def lane(taking: Taking) -> Iterator[Lane]:
    """A lane that stands at 5."""
    made = Lane("havering", QUEUE, 5, taking)  # type: ignore[arg-type]  # all that a lane asks of it
    yield made
    taking.gate.set()
    made.stop(30)


def test_in_order_each_once(lane: Lane, taking: Taking) -> None:
    """Messages are taken in order; what was given before, or is behind the lane, is passed over."""
    for offset in (3, 5, 6, 6, 5, 9):
        lane.feed(message(offset))
    wait_until(lambda: lane.empty, "it is through")
    assert taking.taken == [(5, 5), (6, 6), (9, 7)]
    assert (lane.reached, lane.fed) == (10, 10)


def test_what_is_away_is_waited_for(lane: Lane, taking: Taking) -> None:
    """A message that cannot be taken now is tried again until it can; none is left out."""
    taking.trouble.extend(Unavailable("the ledger") for _ in range(3))
    lane.feed(message(5))
    lane.feed(message(6))
    wait_until(lambda: lane.empty, "it is through")
    assert (taking.taken, lane.waits) == ([(5, 5), (6, 6)], False)


def test_a_fault_of_no_known_kind_is_waited_for_too(lane: Lane, taking: Taking) -> None:
    """Whatever goes wrong, a lane goes on trying, and never ends without saying so."""
    taking.trouble.extend(RuntimeError() for _ in range(3))
    lane.feed(message(5))
    wait_until(lambda: lane.empty, "it is through")
    assert (taking.taken, lane.waits) == ([(5, 5)], False)


def test_overtaken_it_takes_no_more(lane: Lane, taking: Taking) -> None:
    """A lane whose queue was moved by another stops, and says so."""
    taking.trouble.append(OffsetMoved(QUEUE))
    lane.feed(message(5))
    lane.feed(message(6))
    wait_until(lambda: lane.overtaken, "it is overtaken")
    assert (taking.taken, lane.reached) == ([], 5)


def test_full_by_bytes_or_by_messages(lane: Lane, taking: Taking) -> None:
    """What waits in a lane is bounded: it says when it is to be given no more, and when again."""
    taking.gate.clear()
    found = []
    for offset in range(5, 9):
        lane.feed(message(offset, FULL_BYTES // 4 + 1))
    found.append(lane.full)
    taking.gate.set()
    wait_until(lambda: lane.empty, "it is through")
    found.append(lane.full)
    taking.gate.clear()
    for offset in range(9, 11 + FULL_MESSAGES):
        lane.feed(message(offset))
    found.append(lane.full)
    assert found == [True, False, True]


def test_headers_fill_a_lane_too(lane: Lane, taking: Taking) -> None:
    """A message with nothing but headers takes room as any other does, and gives it back."""
    taking.gate.clear()
    for offset in range(5, 9):
        headers = {"bhr-key": bytes(FULL_BYTES // 4 + 1)}
        lane.feed(Arrived(QUEUE, offset, headers, b""))
    found = [lane.full]
    taking.gate.set()
    wait_until(lambda: lane.empty, "it is through")
    assert [*found, lane.full] == [True, False]


def test_stopping_finishes_what_is_in_hand(lane: Lane, taking: Taking) -> None:
    """The message in hand is taken, what waits behind it is left for who comes next."""
    taking.gate.clear()
    lane.feed(message(5))
    lane.feed(message(6))
    assert taking.begun.wait(30)
    lane.stop(0)
    taking.gate.set()
    lane.stop(30)
    assert taking.taken == [(5, 5)]


def test_stopping_does_not_wait_for_what_is_away(lane: Lane, taking: Taking) -> None:
    """A lane that waits for a database stops all the same, and has taken nothing."""
    taking.trouble.extend(Unavailable("the ledger") for _ in range(100_000))
    lane.feed(message(5))
    wait_until(lambda: lane.waits, "it waits")
    lane.stop(30)
    assert taking.taken == []


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def test_two_lanes_of_one_queue_record_everything_once(rig: HubRig) -> None:
    """Of two that believe to have a queue each message is recorded by one, whoever is overtaken."""
    ledger = rig.stands["havering"].ledger
    assert isinstance(ledger, MemoryLedger)
    keys, publisher = MemoryIntakeKeys(), rig.publisher()
    messages = [keys.message(publisher.submission(publisher.event()), at) for at in range(6)]
    before = ledger.head().size
    means = Means(keys, MemoryDeadLetters())
    made = [TakingIn("havering", ledger.offsets, rig.publishing, means) for _ in range(2)]
    both = [Lane("havering", QUEUE, 0, one) for one in made]
    for one in messages:
        for lane in both:
            lane.feed(one)
    wait_until(lambda: ledger.offsets.reached(QUEUE) > 0, "something is taken")
    wait_until(lambda: all(one.empty or one.overtaken for one in both), "both are through")
    reached = ledger.offsets.reached(QUEUE)
    last = Lane("havering", QUEUE, reached, made[0])
    for one in messages:
        last.feed(one)
    wait_until(lambda: last.empty, "the rest is taken")
    for lane in (*both, last):
        lane.stop(30)
    assert ledger.head().size == before + 6
    with pytest.raises(OffsetMoved):
        ledger.offsets.advance(Advance(QUEUE, 0, 1))
