"""`bhr intake` or `bhr outbox` that dies, as by a power cut, at one step of its work."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping

from adapters.command_line import main
from adapters.kafka.dead_letters import KafkaDeadLetters
from adapters.kafka.outgoing import KafkaOutgoing
from adapters.ledger.sqlite_offsets import SqliteOffsets
from services.publishing import Publishing

Method = Callable[..., object]


def _dies(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _after(method: Method) -> Method:
    def done(*given: object, **named: object) -> None:
        method(*given, **named)
        _dies()

    return done


STEPS: Mapping[str, tuple[type, str, Callable[[Method], Method]]] = {
    "opened, and not committed": (Publishing, "take_in", lambda _: _dies),
    "committed, and nothing noted": (Publishing, "take_in", _after),
    "put away, and not moved on": (SqliteOffsets, "advance", lambda _: _dies),
    "not put away": (KafkaDeadLetters, "put", lambda _: _dies),
    "told, and not moved on": (KafkaOutgoing, "tell", _after),
    "not told": (KafkaOutgoing, "tell", lambda _: _dies),
}
"""By step: what is done there, and what is done instead."""


def worker(command: str, step: str, settings: dict[str, str]) -> None:
    """Play a worker of this command that works until it comes to this step."""
    os.environ.update(settings)
    kind, name, instead = STEPS[step]
    setattr(kind, name, instead(getattr(kind, name)))
    sys.argv = ["bhr", command]
    main.run()
