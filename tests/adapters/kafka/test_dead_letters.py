"""Dead letters are read to where they ended, past what lapsed, and for no broker without end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
from kafka import TopicPartition

from adapters.kafka import dead_letters
from adapters.kafka.dead_letters import letters
from domain.errors import Unavailable
from tests.adapters.kafka.settings import SETTINGS

PARTITION = TopicPartition(SETTINGS.dead_letters("havering"), 0)
END = 4


@dataclass
class Record:
    """A letter as the library gives it."""

    offset: int
    headers: list[tuple[str, bytes | None]] = field(default_factory=list)

    @property
    def value(self) -> bytes:
        """Tell it from others."""
        return b"%d" % self.offset


@dataclass
class Consumer:
    """A consumer of a topic of four letters, a poll each, whose broker may go or let some lapse."""

    auto_offset_reset: str = "latest"
    at: int | None = 0
    start: int = 0
    away: bool = False

    def assign(self, partitions: list[TopicPartition]) -> None:
        """Read the one topic."""
        assert partitions == [PARTITION]

    def seek_to_beginning(self, _partition: TopicPartition) -> None:
        """Begin with the first letter."""
        self.at = self.start

    def end_offsets(self, _partitions: list[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Say where it ends."""
        return {PARTITION: END}

    def position(self, _partition: TopicPartition, timeout_ms: float) -> int | None:
        """Say what is read next."""
        assert timeout_ms > 0
        return self.at

    def poll(self, timeout_ms: int) -> Mapping[TopicPartition, list[Record]]:
        """Give the next letter; where it has lapsed, go to where a new reader would begin."""
        assert timeout_ms > 0
        if self.away or self.at is None:
            return {}
        if self.at < self.start:
            self.at = self.start if self.auto_offset_reset == "earliest" else END
            return {}
        self.at += 1
        return {PARTITION: [Record(self.at - 1)]}

    def close(self) -> None:
        """End."""


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Consumer]:
    """Every consumer that is made, which has as much patience as the library's has time."""
    found: list[Consumer] = []

    def consumer(*, auto_offset_reset: str = "latest", **_: object) -> Consumer:
        found.append(Consumer(auto_offset_reset))
        return found[-1]

    monkeypatch.setattr(dead_letters, "KafkaConsumer", consumer)
    monkeypatch.setattr(dead_letters, "reach", lambda _: {})
    monkeypatch.setattr(dead_letters, "SILENT_S", 0.01)
    return found


def values(found: Iterator[tuple[Mapping[str, bytes], bytes]]) -> list[bytes]:
    """Give what tells letters apart."""
    return [value for _, value in found]


def test_letters_are_read_to_the_end(made: list[Consumer]) -> None:
    """Each is given once, the oldest first."""
    assert values(letters(SETTINGS, "havering")) == [b"0", b"1", b"2", b"3"]
    assert len(made) == 1


def test_what_lapsed_meanwhile_takes_nothing_else_along(made: list[Consumer]) -> None:
    """Where retention overtakes the reading, it goes on with the oldest that is left."""
    found = letters(SETTINGS, "havering")
    assert next(found)[1] == b"0"
    made[0].start = 2
    assert values(found) == [b"2", b"3"]


@pytest.mark.parametrize("position", [1, None])
def test_a_broker_that_goes_is_not_waited_for_without_end(
    made: list[Consumer], position: int | None
) -> None:
    """What was read stays read, and then it is said that Kafka is away."""
    found = letters(SETTINGS, "havering")
    assert next(found)[1] == b"0"
    made[0].away, made[0].at = True, position
    with pytest.raises(Unavailable):
        next(found)
