"""A lane: one ledger's queue as it is taken in by one process, in a thread of its own.

The poll loop feeds it, and it takes one message after another. What is not to be had now (a
database, a place for dead letters) it waits for, with the message in its hand; meanwhile what it is
fed piles up, until the loop sees that it is full and lets the queue rest. A lane that was overtaken
takes nothing more: the loop opens another where the ledger says that the queue stands.
"""

from __future__ import annotations

import logging
import queue
import threading
import uuid

from services.intake_ports import Arrived, OffsetMoved
from services.taking_in import TakingIn

FULL_BYTES = 8 * 1024 * 1024
FULL_MESSAGES = 256
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
_LOG = logging.getLogger("bhr.intake")


class Lane:
    """Takes one queue in, from where its ledger says that it stands."""

    def __init__(self, ledger: str, queue_id: uuid.UUID, reached: int, taking: TakingIn) -> None:
        """Begin with nothing to take."""
        self.ledger = ledger
        self.queue = queue_id
        self.reached = reached
        """The first message that is not taken in."""
        self.fed = reached
        """The first message that this lane was not given."""
        self.end = reached
        """The end of the queue, as far as it is known."""
        self.overtaken = False
        self.waits = False
        """The message in hand cannot be taken now, and will be tried again."""
        self._taking = taking
        self._inbox: queue.SimpleQueue[Arrived | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._counting = threading.Lock()
        self._bytes = 0
        self._messages = 0
        self._thread = threading.Thread(target=self._run, name=f"intake-{ledger}", daemon=True)
        self._thread.start()

    def feed(self, message: Arrived) -> None:
        """Give it a message; one that it was given before is passed over."""
        if message.offset < self.fed:
            return
        self.fed = message.offset + 1
        with self._counting:
            self._bytes += _bytes(message)
            self._messages += 1
        self._inbox.put(message)

    @property
    def behind(self) -> int:
        """Say how many messages are known of and not taken."""
        return max(0, self.end - self.reached)

    @property
    def full(self) -> bool:
        """Say whether it is to be given no more for now."""
        with self._counting:
            return self._bytes > FULL_BYTES or self._messages > FULL_MESSAGES

    @property
    def empty(self) -> bool:
        """Say whether it has nothing left to take."""
        with self._counting:
            return self._messages == 0

    def stop(self, patience_s: float | None = None) -> None:
        """Let it finish the message in its hand, and no other."""
        self._stopping.set()
        self._inbox.put(None)
        self._thread.join(patience_s)

    def _run(self) -> None:
        while (message := self._inbox.get()) is not None and not self._stopping.is_set():
            if not self._took(message):
                return
            with self._counting:
                self._bytes -= _bytes(message)
                self._messages -= 1

    def _took(self, message: Arrived) -> bool:
        """Take a message, however long that takes; False when this lane is to take no more."""
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                self.reached = self._taking.take(message, self.reached)
            except OffsetMoved:
                _LOG.warning("intake-overtaken ledger=%s", self.ledger)
                self.overtaken = True
                return False
            except Exception as error:  # noqa: BLE001 - else the lane would end, and nobody would know
                if not self.waits:
                    kind = type(error).__name__
                    _LOG.warning("intake-waits ledger=%s kind=%s", self.ledger, kind)
                self.waits = True
                self._stopping.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_S)
            else:
                self.waits = False
                return True
        return False


def _bytes(message: Arrived) -> int:
    """Give what a message takes up: its headers are a stranger's too, and of any size."""
    headers = sum(len(name) + len(value) for name, value in message.headers.items())
    return headers + len(message.value)
