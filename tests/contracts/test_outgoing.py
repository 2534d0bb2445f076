"""What participants' topics promise to whoever tells, over memory and over a real broker."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass

import pytest
from kafka import KafkaConsumer, TopicPartition

from adapters.kafka.administering import Administering
from adapters.kafka.dead_letters import ID_HEADER
from adapters.kafka.outgoing import KafkaOutgoing
from adapters.kafka.reaching import reach
from adapters.kafka.rules import Wanted
from adapters.kafka_settings import KafkaSettings
from services.outbox_ports import Message, NobodyTold, Outgoing, Outrun
from tests.fakes_outbox import MemoryOutgoing, Topics
from tests.kafka_server import CLIENTS, HUB, OPERATOR, broker, new_prefix

HAVERING, REDBRIDGE = CLIENTS
LEDGERS = ("bhr", "havering")
Told = list[tuple[uuid.UUID, bytes]]


@dataclass(frozen=True)
class Hall:
    """Who can begin to tell, and what a participant has been told so far."""

    teller: Callable[[], Outgoing]
    told: Callable[[str], Told]


def in_memory() -> Hall:
    """Give topics in memory."""
    topics = Topics(unmade={"police"})
    return Hall(
        lambda: MemoryOutgoing(topics),
        lambda body: [(one.id, one.value) for one in topics.of(body)],
    )


def on_broker(ending: ExitStack) -> Hall:
    """Give topics of a prefix of our own on a broker, each read under its participant's name."""
    prefix = new_prefix()

    def seen_by(name: str) -> KafkaSettings:
        at = broker()
        return KafkaSettings((at.bootstrap,), at.certificate(name), at.authority, prefix)

    wanted = Wanted(dict.fromkeys(LEDGERS, ()), CLIENTS)
    Administering(seen_by(OPERATOR), copies=1).bring(wanted)

    def told(body: str) -> Told:
        partition = TopicPartition(seen_by(body).told(body), 0)
        with closing(
            KafkaConsumer(isolation_level="read_committed", **reach(seen_by(body)))
        ) as consumer:
            consumer.assign([partition])
            consumer.seek_to_beginning(partition)
            end = consumer.end_offsets([partition])[partition]
            found: Told = []
            while consumer.position(partition) < end:
                for one in consumer.poll(timeout_ms=200).get(partition, ()):
                    found.append((uuid.UUID(bytes=dict(one.headers)[ID_HEADER]), one.value))
            return found

    return Hall(lambda: ending.enter_context(closing(KafkaOutgoing(seen_by(HUB)))), told)


@pytest.fixture(params=["memory", pytest.param("broker", marks=pytest.mark.kafka)])
def hall(request: pytest.FixtureRequest) -> Iterator[Hall]:
    """Give topics of each kind."""
    with ExitStack() as ending:
        yield in_memory() if request.param == "memory" else on_broker(ending)


def message(number: int, body: str) -> Message:
    """Give a message."""
    return Message(uuid.UUID(int=number), body, b"told %d" % number)


def seen(*numbers: int) -> Told:
    """Give messages as they are read."""
    return [(uuid.UUID(int=one), b"told %d" % one) for one in numbers]


def test_each_is_told_its_own_in_order(hall: Hall) -> None:
    """What is told stands in its participant's topic, in order, and in no other."""
    teller = hall.teller()
    for ledger, first in (("bhr", 1), ("havering", 5)):
        teller.begin(ledger)
        told = [
            message(first, HAVERING),
            message(first + 1, REDBRIDGE),
            message(first + 2, HAVERING),
        ]
        teller.tell(ledger, told)
    assert hall.told(HAVERING) == seen(1, 3, 5, 7)
    assert hall.told(REDBRIDGE) == seen(2, 6)


def test_all_of_it_or_nothing(hall: Hall) -> None:
    """Where one of several cannot be told nobody is; afterwards all are, each once."""
    teller = hall.teller()
    teller.begin("bhr")
    with pytest.raises(NobodyTold):
        teller.tell("bhr", [message(1, HAVERING), message(2, "police")])
    assert hall.told(HAVERING) == []
    teller.begin("bhr")
    teller.tell("bhr", [message(1, HAVERING), message(3, HAVERING)])
    assert hall.told(HAVERING) == seen(1, 3)


def test_who_begins_later_outruns_who_began_before(hall: Hall) -> None:
    """The one before tells nothing more of that ledger, until it begins anew itself."""
    first, second = hall.teller(), hall.teller()
    for ledger in LEDGERS:
        first.begin(ledger)
    first.tell("bhr", [message(1, HAVERING)])
    second.begin("bhr")
    second.tell("bhr", [message(2, HAVERING)])
    with pytest.raises(Outrun):
        first.tell("bhr", [message(3, HAVERING)])
    first.tell("havering", [message(4, HAVERING)])
    assert hall.told(HAVERING) == seen(1, 2, 4)
    first.begin("bhr")
    first.tell("bhr", [message(5, HAVERING)])
    with pytest.raises(Outrun):
        second.tell("bhr", [message(6, HAVERING)])
    assert hall.told(HAVERING) == seen(1, 2, 4, 5)
