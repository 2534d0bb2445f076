"""The way by which a borough's submissions go: over HTTP, or by Kafka where that is configured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.kafka_settings import configured_kafka
from adapters.keys import encapsulation, signing
from services.borough.directory import KeyDirectory
from services.borough.queued import IntakeKeyFinder, QueuedDoor, Sealing
from services.borough.speaker import Speaker
from services.client_ports import Wait
from services.copy_ports import PostingDoor


@contextmanager
def by_queue(
    door: PostingDoor, directory: KeyDirectory, speaker: Speaker, patience: Callable[[], Wait]
) -> Iterator[PostingDoor]:
    """Give the way that submissions go; raises HomeNotReady for settings that are not whole.

    `patience` is for the answer to each of them.
    """
    settings = configured_kafka()
    if settings is None:
        yield door
        return
    from adapters.kafka.sending import KafkaQueue  # noqa: PLC0415 - half a second to import

    queue = KafkaQueue(settings, speaker.ledger)
    finder = IntakeKeyFinder(door, directory, signing.verify)
    sealing = Sealing(speaker, encapsulation.seal_to, patience)
    try:
        yield QueuedDoor(door, queue, finder, sealing)
    finally:
        queue.close()
