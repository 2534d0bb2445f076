"""Submissions by Kafka: from a borough's outbox to the ledger and back, through faults."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest

from adapters.assembly.intake import NOT_KEPT
from adapters.kafka.rules import Rule
from domain.canonical import canonical, strict_json
from domain.queued import packed
from domain.told import message_id
from services.taking_in import TAKEN, TAKEN_BEFORE
from tests.inside_documents import texts
from tests.journeys.kafka_clients import POISONS, may_read, may_write, standing
from tests.journeys.kafka_letters import letters, put_away, redriven, without_intake_keys
from tests.journeys.kafka_returns import (
    AMENDED,
    CORRECTED,
    FIRST,
    KINDS,
    VIEWS,
    about_children,
    contents,
    figures,
    of_return,
    publish_return,
)
from tests.journeys.kafka_search import as_bytes, inside, kept_before_sealing
from tests.journeys.kafka_stage import Kafka, grant, kafka_stage
from tests.journeys.machines import wait_until
from tests.journeys.sources import Told, drafts_of
from tests.journeys.stage import READER
from tests.kafka_server import HUB

pytestmark = pytest.mark.kafka(own=True)
BARKING, HAVERING, REDBRIDGE = "barking-and-dagenham", "havering", "redbridge"
ALL = "all that begin with"
RELEASED = "uk.bhr.told.release-published.v1"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """Everybody, for the whole module: what a test publishes it tells from the rest."""
    with kafka_stage(tmp_path_factory.mktemp("kafka") / "stage") as kafka:
        yield kafka


# --- the same by whatever way ---------------------------------------------------------------------


def test_the_same_events_by_whatever_way(kafka: Kafka) -> None:
    """HTTP, Kafka and a return leave equal headers, opened parts and views, corrections too."""
    with kafka.intake() as running:
        for children in (FIRST, AMENDED):
            with kafka.stage.client(BARKING) as client:
                client.publish(of_return("301", children))
                assert client.send().left == 0
            publish_return(kafka, HAVERING, "311", children)
            publish_return(kafka, REDBRIDGE, "317", children, **kafka.settings(REDBRIDGE))
    assert "overtaken" not in running.said()
    assert {event.kind.name for event in about_children(kafka, BARKING)} == KINDS
    expected = contents(kafka, BARKING)
    assert sum(bool(corrected) for _, corrected in expected) == CORRECTED
    assert contents(kafka, HAVERING) == expected
    assert contents(kafka, REDBRIDGE) == expected
    for view in VIEWS:
        shown = figures(kafka, view, (BARKING, HAVERING, REDBRIDGE))
        assert shown[0], view
        assert shown == [shown[0]] * 3
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
    grant(kafka, REDBRIDGE)
    kafka.dies("not told", "outbox")
    assert len(kafka.told(REDBRIDGE)) == before
    kafka.dies("told, and not moved on", "outbox")
    kafka.tells_all()
    first, again = kafka.told(REDBRIDGE)[before:]
    assert first == again
    assert first["type"] == "uk.bhr.told.right-granted.v1"


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
        one for raw in documents for word in texts(strict_json(raw)) for one in as_bytes(word)
    }
    kafka.tells_all()
    with kafka.stage.rooms() as rooms:
        found = [one.document for of in rooms.hub.registry.documents().values() for one in of]
    public = {word for one in found for word in texts(strict_json(one.canonical()))}
    public |= {one.reference() for one in found}
    public |= {HAVERING, "application/json"}  # a topic's name, and what each message says it is
    wanted -= {one for word in public for one in as_bytes(word)}
    assert len(wanted) > 100
    unsealed = {inside(raw) for raw in documents}
    assert kafka.broker.held(wanted | unsealed) == set()
    own, first = f"{kafka.prefix}.submissions.{HAVERING}", documents[0]
    assert may_write(kafka, HAVERING, own, value=packed(first))
    assert kafka.broker.held(unsealed | {own.encode()}) == {inside(first), own.encode()}


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
    assert kafka.initialised() == []


def test_rules_of_somebody_else_are_left_and_named(kafka: Kafka) -> None:
    """`bhr kafka init` leaves what denies and what is wider than ours, and takes away what is."""
    submissions = f"{kafka.prefix}.submissions."
    wider = Rule("TOPIC", kafka.prefix, "User:weather", "READ", pattern="PREFIXED")
    denial = Rule("TOPIC", submissions + REDBRIDGE, "User:weather", "WRITE", permission="DENY")
    ours = Rule("TOPIC", submissions, "User:weather", "WRITE", pattern="PREFIXED")
    with standing(kafka, wider, denial, ours) as stands:
        said = [kafka.initialised() for _ in range(2)]
        assert [stands(rule) for rule in (wider, denial, ours)] == [True, True, False]
    left = [
        f"though it allows more than is ours: weather to read topic {ALL} {kafka.prefix}",
        f"though it denies: weather to write topic {submissions}{REDBRIDGE}",
    ]
    left = [f"left as it is, {one}" for one in left]
    gone = f"allowed no more weather to write topic {ALL} {submissions}"
    assert [sorted(lines) for lines in said] == [sorted([*left, gone]), sorted(left)]


# --- faults ---------------------------------------------------------------------------------------


def numbers(kafka: Kafka, borough: str = HAVERING) -> list[str]:
    """Give the numbers that a borough's events bear, each event once."""
    return sorted(one.header.sequence for one in kafka.opened(borough))


def test_poison_is_put_away_and_what_follows_is_taken(kafka: Kafka) -> None:
    """Noise in a topic holds up nobody, and is listed as a dead letter, with a reason."""
    before = {one.letter for one in letters(kafka)}
    with kafka.intake():
        topic = f"{kafka.prefix}.submissions.{HAVERING}"
        assert all(may_write(kafka, HAVERING, topic, poison) for poison in POISONS)
        sent = kafka.publish(HAVERING, drafts_of([Told(20)]))
    assert (sent.left, sent.refused, sent.recorded >= 2) == (0, 0, True)
    tried = letters(kafka)
    # What another test wrote without a worker there is put away by now too.
    fresh = [one.reason for one in tried if one.letter not in before]
    assert fresh.count("headers-malformed") >= len(POISONS)
    assert {one.outcome for one in tried} == {"headers-malformed", NOT_KEPT}


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


def test_letters_are_redriven_once_and_within_a_limit(kafka: Kafka) -> None:
    """Once they can be taken they are, as often as was asked for; what cannot be stays a letter."""
    before = {one.letter for one in letters(kafka)}
    numbered = {borough: numbers(kafka, borough) for borough in (HAVERING, REDBRIDGE)}
    for borough in numbered:
        assert kafka.publish(borough, drafts_of([Told(70)]), patience_s=0.2).left == 1
    assert may_write(kafka, HAVERING, f"{kafka.prefix}.submissions.{HAVERING}")
    with without_intake_keys(kafka):
        put_away(kafka, 3)
        redriven(kafka)
    first = redriven(kafka, "--limit", "1")
    second = redriven(kafka)
    outcomes = [
        sorted((one.ledger, one.reason, one.outcome) for one in tried if one.letter not in before)
        for tried in (first, second, letters(kafka))
    ]
    noise = (HAVERING, "headers-malformed", "headers-malformed")
    ours, theirs = (HAVERING, "key-unknown"), (REDBRIDGE, "key-unknown")
    assert outcomes == [
        [(*ours, TAKEN)],
        [noise, (*ours, TAKEN_BEFORE), (*theirs, TAKEN)],
        [noise, (*ours, TAKEN_BEFORE), (*theirs, TAKEN_BEFORE)],
    ]
    for borough, had in numbered.items():
        sent = kafka.publish(borough, [])
        assert (sent.left, sent.recorded) == (0, 2)
        now = numbers(kafka, borough)
        assert len(now) == len(set(now)) == len(had) + 2


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
        grant(kafka, REDBRIDGE)
        wait_until(lambda: "outbox-waits ledger=bhr" in telling.said(), "it says that it waits")
        kafka.broker.start()
        wait_until(lambda: kafka.publish(HAVERING, []).left == 0, "it is taken in")
        assert running.alive()
    wait_until(lambda: len(kafka.told(REDBRIDGE)) > told, "it is told")
    assert telling.stop() == 0, telling.said()
    gc.collect()
    after = numbers(kafka)
    assert len(after) == len(set(after)) == len(before) + 4
