"""Submissions by Kafka: from a borough's outbox to the ledger and back, through faults."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest

from domain.canonical import canonical, strict_json
from domain.told import message_id
from domain.vocabulary.hub import RightGranted
from tests.journeys.counts import factor_counts
from tests.journeys.kafka_clients import POISONS, may_read, may_write
from tests.journeys.kafka_returns import contents, of_return, publish_return
from tests.journeys.kafka_search import as_bytes, kept_before_sealing, words_of
from tests.journeys.kafka_stage import Kafka, kafka_stage
from tests.journeys.machines import wait_until
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import READER
from tests.kafka_server import HUB, OPERATOR

pytestmark = pytest.mark.kafka(own=True)
BARKING, HAVERING, REDBRIDGE = "barking-and-dagenham", "havering", "redbridge"
RELEASED = "uk.bhr.told.release-published.v1"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Everybody, for the whole module: what a test publishes it tells from the rest."""
    with kafka_stage(tmp_path_factory.mktemp("kafka") / "stage") as kafka:
        yield kafka


# --- the same by whatever way ---------------------------------------------------------------------


def test_the_same_events_by_whatever_way(kafka: Kafka) -> None:
    """HTTP, Kafka and a return leave equal headers, opened parts and views."""
    with kafka.stage.client(BARKING) as client:
        client.publish(of_return("301"))
        assert client.send().left == 0
    publish_return(kafka, HAVERING, "311")
    with kafka.intake() as running:
        publish_return(kafka, REDBRIDGE, "317", **kafka.settings(REDBRIDGE))
    assert "overtaken" not in running.said()
    expected = contents(kafka, BARKING)
    assert len(expected) >= 4
    assert contents(kafka, HAVERING) == expected
    assert contents(kafka, REDBRIDGE) == expected
    view = kafka.stage.read_folded("factors")
    figures = [factor_counts(view, borough) for borough in (BARKING, HAVERING, REDBRIDGE)]
    assert figures[0]
    assert figures == [figures[0]] * 3
    reached = kafka.stage.hub.run("ledger", "status")
    assert reached.status == 0


# --- what participants are told ------------------------------------------------------------------


def test_a_release_comes_to_its_reader_once(kafka: Kafka) -> None:
    """Whole, byte for byte, to the body of which an office may read it, and to no other."""
    with kafka.stage.rooms() as rooms:
        published = rooms.releasing().publish()
        ledger = rooms.ledgers["bhr"].read(0, 10_000)
        registry = rooms.hub.registry.documents()
        [stands] = registry["release", published.release.name]
        entry = ledger[stands.position].event_id
    kafka.tells_all()
    kafka.tells_all()
    [release] = [one for one in kafka.told(READER) if one["type"] == RELEASED]
    data = release["data"]
    assert isinstance(data, dict)
    assert canonical(data["release"]) == published.raw
    assert release["id"] == str(message_id("bhr", stands.position, entry, READER))
    assert RELEASED not in {one["type"] for one in kafka.told(HAVERING)}


def test_killed_before_it_moves_on_it_tells_again(kafka: Kafka) -> None:
    """Killed before telling it has told nothing; after, it repeats it under the same id."""
    kafka.tells_all()
    before = len(kafka.told(REDBRIDGE))
    grant(kafka)
    kafka.dies("not told", "outbox")
    assert len(kafka.told(REDBRIDGE)) == before
    kafka.dies("told, and not moved on", "outbox")
    kafka.tells_all()
    first, again = kafka.told(REDBRIDGE)[before:]
    assert first == again
    assert first["type"] == "uk.bhr.told.right-granted.v1"


def grant(kafka: Kafka) -> None:
    """Give an office of Redbridge a right, which Redbridge is to be told of."""
    granted = RightGranted.Facts(
        effective_from="2020-01-01",
        office="clerk",
        participant=REDBRIDGE,
        purposes=("partnership-themes",),
        right="released",
    )
    with kafka.stage.rooms() as rooms:
        rooms.registering.grant(granted)


# --- what the broker holds, and whom it lets in ---------------------------------------------------


def test_the_broker_holds_no_field_of_any_event(kafka: Kafka) -> None:
    """Its files, searched as bytes, hold nothing of what was published: no id, time or code.

    What the register says too, such as an agreement's name, participants are told of.
    """
    documents: list[bytes] = []
    with kafka.intake(), kept_before_sealing(documents.append):
        sent = kafka.publish(HAVERING, drafts_of(Told(number) for number in range(9)))
    assert (sent.left, sent.refused) == (0, 0)
    assert sent.recorded >= 18
    wanted = {
        one for raw in documents for word in words_of(strict_json(raw)) for one in as_bytes(word)
    }
    kafka.tells_all()
    with kafka.stage.rooms() as rooms:
        found = [one.document for of in rooms.hub.registry.documents().values() for one in of]
    public = {word for one in found for word in words_of(strict_json(one.canonical()))}
    public |= {one.reference() for one in found}
    public |= {HAVERING, "application/json"}  # a topic's name, and what each message says it is
    wanted -= {one for word in public for one in as_bytes(word)}
    assert len(wanted) > 100
    assert kafka.broker.held(wanted) == set()
    assert kafka.broker.held([f"{kafka.prefix}.submissions.havering".encode()]) != set()


def test_a_certificate_reaches_its_own_topic_alone(kafka: Kafka) -> None:
    """A borough may write to its own topic and read what it is told; nothing else of either."""
    own, other = (f"{kafka.prefix}.submissions.{name}" for name in (HAVERING, REDBRIDGE))
    letters = f"{kafka.prefix}.dead-letters.{HAVERING}"
    assert may_write(kafka, HAVERING, own)
    assert not any(may_write(kafka, HAVERING, topic) for topic in (other, letters))
    assert not any(may_read(kafka, HAVERING, topic) for topic in (own, other, letters))
    told = f"{kafka.prefix}.told."
    assert may_read(kafka, HAVERING, told + HAVERING)
    assert not may_read(kafka, HAVERING, told + REDBRIDGE)
    assert not any(may_write(kafka, HAVERING, told + one) for one in (HAVERING, REDBRIDGE))
    assert may_read(kafka, HUB, own)
    assert not may_write(kafka, HUB, own)


def test_what_is_made_is_made_once(kafka: Kafka) -> None:
    """`bhr kafka init` again changes nothing, and says nothing."""
    again = kafka.stage.hub.run("kafka", "init", "--copies", "1", **kafka.settings(OPERATOR))
    assert (again.status, again.out) == (0, "")


# --- faults ---------------------------------------------------------------------------------------


def numbers(kafka: Kafka) -> list[str]:
    """Give the numbers that Havering's events bear, each event once."""
    return sorted(one.header.sequence for one in kafka.opened(HAVERING))


def test_poison_is_put_away_and_what_follows_is_taken(kafka: Kafka) -> None:
    """Noise in a topic holds up nobody, and is listed as a dead letter, with a reason."""
    before = letters(kafka)
    with kafka.intake():
        topic = f"{kafka.prefix}.submissions.{HAVERING}"
        assert all(may_write(kafka, HAVERING, topic, poison) for poison in POISONS)
        sent = kafka.publish(HAVERING, drafts_of([Told(20)]))
    assert (sent.left, sent.refused, sent.recorded >= 2) == (0, 0, True)
    tried = kafka.stage.hub.run(
        "intake", "redrive", "--dry-run", "--limit", "9", **kafka.settings(HUB)
    )
    assert tried.status == 0, tried.said()
    fresh = [one for one in tried.out.splitlines()[:-1] if one.split()[1] not in before]
    # What another test wrote without a worker there is put away by now too.
    assert sum("headers-malformed -> " in one for one in fresh) >= len(POISONS), tried.out
    assert "headers-malformed -> not-kept" in tried.out
    assert tried.out.endswith("0 would be taken\n")


@pytest.mark.parametrize("step", ["opened, and not committed", "committed, and nothing noted"])
def test_killed_while_taking_in(kafka: Kafka, step: str) -> None:
    """A worker that is killed at any step has recorded a submission once or not yet."""
    number = 30 + len(step)
    before = numbers(kafka)
    assert kafka.publish(HAVERING, drafts_of([Told(number)]), patience_s=0.2).left == 1
    kafka.dies(step)
    with kafka.intake():
        assert kafka.publish(HAVERING, []).left == 0
    after = numbers(kafka)
    assert len(after) == len(before) + 2
    assert len(set(after)) == len(after)


def test_killed_between_putting_away_and_moving_on(kafka: Kafka) -> None:
    """Whenever it is killed, what cannot be taken is put away, twice at most and under one id."""
    before = letters(kafka)
    assert may_write(kafka, HAVERING, f"{kafka.prefix}.submissions.{HAVERING}")
    kafka.dies("not put away")
    assert letters(kafka) == before
    kafka.dies("put away, and not moved on")
    with kafka.intake():
        sent = kafka.publish(HAVERING, drafts_of([Told(40)]))
    assert sent.left == 0
    assert len(letters(kafka)) == len(before) + 1


def letters(kafka: Kafka) -> set[str]:
    """Give the ids of the dead letters there are."""
    tried = kafka.stage.hub.run(
        "intake", "redrive", "--dry-run", "--limit", "99", **kafka.settings(HUB)
    )
    assert tried.status == 0, tried.said()
    return {line.split()[1] for line in tried.out.splitlines()[:-1]}


def test_another_takes_over_and_the_first_is_overtaken(kafka: Kafka) -> None:
    """Work moves within seconds from a worker that hangs; when it wakes, it records nothing."""
    before = numbers(kafka)
    first = kafka.start_intake()
    assert kafka.publish(HAVERING, drafts_of([Told(50)])).left == 0
    assert first.process.pid is not None
    os.kill(first.process.pid, signal.SIGSTOP)
    second = kafka.start_intake()
    assert kafka.publish(HAVERING, drafts_of([Told(53)])).left == 0
    os.kill(first.process.pid, signal.SIGCONT)
    assert kafka.publish(HAVERING, drafts_of([Told(56)])).left == 0
    assert (first.stop(), second.stop()) == (0, 0), first.said() + second.said()
    after = numbers(kafka)
    assert len(after) == len(set(after)) == len(before) + 6


# Where nobody listens, the library leaves the socket that it tried with to be collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_broker_goes_and_comes_back(kafka: Kafka) -> None:
    """While the broker is away, what is to be sent waits in the outbox, and workers wait too."""
    before, told = numbers(kafka), len(kafka.told(REDBRIDGE))
    telling = kafka.start_outbox()
    with kafka.intake() as running:
        assert kafka.publish(HAVERING, drafts_of([Told(60)])).left == 0
        kafka.broker.kill()
        assert kafka.publish(HAVERING, drafts_of([Told(63)]), patience_s=0.2).left == 1
        assert running.alive()
        grant(kafka)
        wait_until(lambda: "outbox-waits ledger=bhr" in telling.said(), "it says that it waits")
        kafka.broker.start()
        wait_until(lambda: kafka.publish(HAVERING, []).left == 0, "it is taken in")
        assert running.alive()
    wait_until(lambda: len(kafka.told(REDBRIDGE)) > told, "it is told")
    assert telling.stop() == 0, telling.said()
    gc.collect()
    after = numbers(kafka)
    assert len(after) == len(set(after)) == len(before) + 4
