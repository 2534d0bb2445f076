"""Whether the library still keeps its place in the group.

A consumer of kafka-python 3.0 can come into a state in which it sends no heartbeat, is given no
topic, never says so, and asks itself what to do as fast as it can (seen after another member of the
group had been killed, on a machine with more to do than it could). A new one joins at once.
"""

from __future__ import annotations

import math
import time

from kafka import KafkaConsumer

from domain.errors import Unavailable

SILENT_S = 15.0
"""More than twice as long as the group waits for a member, which it has put out by then."""
LOOK_S = 1.0
_GROUP, _AGO = "consumer-coordinator-metrics", "last-heartbeat-seconds-ago"


class Pulse:
    """Watches one consumer's heartbeats."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        """Begin with one that has sent none."""
        self._consumer = consumer
        self._sent = -math.inf
        self._changed = self._looked = time.monotonic()

    def check(self) -> None:
        """Raise Unavailable where no heartbeat was sent for too long; to be called often."""
        now = time.monotonic()
        if now - self._looked < LOOK_S:
            return
        self._looked = now
        # The library takes its times by another clock than it says its "ago" by: that makes "ago"
        # wrong by the same amount each time, and so a sending is seen by the change alone.
        sent = time.time() - float(self._consumer.metrics()[_GROUP][_AGO])
        if sent - self._sent > LOOK_S / 2:
            self._sent, self._changed = sent, now
        elif now - self._changed > SILENT_S:
            raise Unavailable("the group of Kafka's consumers")
