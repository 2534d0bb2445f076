"""A producer that has something left to send is let go all the same."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from kafka.errors import KafkaTimeoutError

from adapters.kafka.reaching import let_go


@dataclass
class Sender:
    """What sends, of a producer; told to give up, it drops what is left."""

    left: int

    def force_close(self) -> None:
        """Drop what is left."""
        self.left = 0


@dataclass
class Producer:
    """A producer as the library has it: it does not close while anything is left to send."""

    left: int
    closed: bool = False
    _sender: Sender = field(init=False)

    def __post_init__(self) -> None:
        """Have something left to send."""
        self._sender = Sender(self.left)

    def close(self, timeout: float) -> None:
        """Close, or raise after so many seconds."""
        assert timeout == 1
        if self._sender.left:
            raise KafkaTimeoutError("left to send")
        self.closed = True


@pytest.mark.parametrize("left", [0, 3])
def test_it_is_closed_whatever_is_left(left: int) -> None:
    """Nothing is raised to who has a fault in hand already, and nothing goes on in a thread."""
    producer = Producer(left)
    let_go(producer)
    assert producer.closed
