"""Publishing the same again, at once, or all or nothing: one record each, the same bytes back."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.canonical import canonical
from domain.errors import AlreadyDifferent, Unavailable
from services.ports import Ledger
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import HubRig, open_rig
from tests.rig_faults import FailingKeyStore, FailingLedger, When
from tests.rig_publisher import Json, Publisher, inner, outcomes, stated, token
from tests.services.test_publishing import codes


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def bad(publisher: Publisher) -> Json:
    """Give an event that is refused."""
    return publisher.event(time="1980-01-01T00:00:00Z")


def test_the_same_bytes_are_answered_with_the_same_bytes(rig: HubRig, havering: Publisher) -> None:
    """However often a submission is sent, it stands once, and says so in the very same words."""
    raw = havering.submission(havering.event(), bad(havering), havering.event())
    first = havering.send(raw)
    sizes = rig.sizes()
    rig.clock.at_ms += 86_400_000
    for atomic in (False, True):
        again = havering.send(raw, atomic=atomic)
        assert again == first
    assert rig.sizes() == sizes


def test_a_resend_is_answered_as_then_though_the_world_has_changed(
    rig: HubRig, havering: Publisher
) -> None:
    """Agreement gone, fault mended, or the other way round: what was told is told again."""
    raw = havering.submission(havering.event(), havering.event(time="2025-06-17T00:00:00Z"))
    all_bad = havering.submission(havering.event(time="2025-06-18T00:00:00Z"))
    all_good = havering.submission(havering.event())
    told = [havering.send(one) for one in (raw, all_bad, all_good)]
    assert [(one.recorded, one.refused) for one in told] == [(1, 1), (0, 1), (1, 0)]
    assert [len(one.faults) for one in told] == [1, 1, 0]
    sizes = rig.sizes()
    rig.clock.at_ms += 30 * 86_400_000
    assert [havering.send(one) for one in (raw, all_bad, all_good)] == told
    rig.suspend("bhr-themes@1", "2025-07-01T00:00:00Z")
    assert [havering.send(one) for one in (raw, all_bad, all_good)] == told
    assert rig.sizes() == {**sizes, "bhr": sizes["bhr"] + 1}


def test_the_same_event_in_another_submission_is_the_same_event(
    rig: HubRig, havering: Publisher
) -> None:
    """Its place is told again, and it is not recorded a second time."""
    event = havering.event()
    first = outcomes(havering.publish(event))
    rig.clock.at_ms += 5
    again = outcomes(havering.publish(havering.event(), event, event))
    assert again[1:] == first * 2
    assert rig.havering.ledger.head().size == 2


def test_a_submission_id_is_for_one_content(rig: HubRig, havering: Publisher) -> None:
    """Other events under an id that stands are refused, and nothing is recorded."""
    raw = havering.submission(havering.event())
    havering.send(raw)
    head = json.loads(raw)["submission"]
    other = havering.event()
    sizes = rig.sizes()
    with pytest.raises(AlreadyDifferent):
        havering.send(havering.over([other], [stated(other)], submission_id=head["id"]))
    assert rig.sizes() == sizes


def test_an_event_id_is_for_one_content(rig: HubRig, havering: Publisher) -> None:
    """Another content under an id that stands is told as a conflict; its neighbour stands."""
    event = havering.event()
    havering.publish(event)
    other: Json = json.loads(canonical(event))
    inner(other, "data")["facts"] = {"source_code": "2B"}
    answer = havering.send(havering.submission(other, havering.event()))
    told = outcomes(answer)
    assert codes(told[0]) == {("id", "already-recorded-differently")}
    assert told[1]["position"] == 1
    assert (answer.recorded, answer.refused, answer.faults) == (1, 1, ())
    resalted: Json = json.loads(canonical(event))
    inner(inner(resalted, "data"), "salts")["facts"] = token()
    told = outcomes(havering.publish(resalted))
    assert codes(told[0]) == {("id", "already-recorded-differently")}
    facts = rig.havering.opened()[0].facts
    assert facts is not None
    assert facts.canonical() == b'{"source_code":"2A"}'


def test_a_conflict_fills_the_number_that_it_came_with(rig: HubRig, havering: Publisher) -> None:
    """Else the count had a gap that nothing explains; told once, however often it comes."""
    event, other = havering.event(), havering.event()
    havering.publish(event)
    raw = havering.submission({**other, "id": event["id"]}, havering.event(), bad(havering))
    answer = havering.send(raw)
    assert (answer.recorded, answer.refused) == (1, 2)
    refused = rig.havering.refusals()
    assert [(one.codes, one.sequence) for one in refused] == [
        (("before-1990",), str(int(str(other["sequence"])) + 2)),
        (("already-recorded-differently",), other["sequence"]),
    ]
    assert {one.event for one in refused} >= {event["id"]}
    sizes = rig.sizes()
    assert havering.send(raw) == answer
    assert rig.sizes() == sizes


def test_all_or_nothing_with_a_fault_records_nothing_but_refusals(
    rig: HubRig, havering: Publisher
) -> None:
    """The fault is told where it is, the others are held back, and every number is filled."""
    events = [havering.event(), bad(havering), havering.event()]
    raw = havering.submission(*events)
    answer = havering.send(raw, atomic=True)
    assert [codes(one) for one in outcomes(answer)] == [
        {("", "held-back")},
        {("time", "before-1990")},
        {("", "held-back")},
    ]
    assert [(fault.event, fault.code) for fault in answer.faults] == [(1, "before-1990")]
    refusals = rig.havering.refusals()
    assert [one.sequence for one in refusals] == [event["sequence"] for event in events]
    assert rig.havering.ledger.head().size == len(refusals)
    assert havering.send(raw, atomic=True) == answer
    assert [one["outcome"] for one in outcomes(havering.publish(events[0], events[2]))] == [
        "recorded",
        "recorded",
    ]


def test_all_or_nothing_with_a_conflict_records_nothing_but_refusals(
    rig: HubRig, havering: Publisher
) -> None:
    """One conflict holds the rest back; what stood already is told where it stands."""
    standing, other, fresh = havering.event(), havering.event(), havering.event()
    havering.publish(standing, other)
    changed: Json = json.loads(canonical(other))
    changed["precision"] = "month"
    raw = havering.submission(fresh, changed, standing)
    answer = havering.send(raw, atomic=True)
    told = outcomes(answer)
    assert codes(told[0]) == {("", "held-back")}
    assert codes(told[1]) == {("id", "already-recorded-differently")}
    assert told[2]["position"] == 0
    assert [(one.event, one.codes) for one in rig.havering.refusals()] == [
        (fresh["id"], ("held-back",)),
        (changed["id"], ("already-recorded-differently",)),
    ]
    assert rig.havering.ledger.head().size == 4
    assert havering.send(raw, atomic=True) == answer
    assert outcomes(havering.publish(fresh))[0]["position"] == 4


def test_all_or_nothing_is_all_when_nothing_is_wrong(rig: HubRig, havering: Publisher) -> None:
    """Every event stands, also those that stood already."""
    standing = havering.event()
    havering.publish(standing)
    answer = havering.send(havering.submission(havering.event(), standing), atomic=True)
    assert [one["position"] for one in outcomes(answer)] == [1, 0]


def test_the_same_submission_at_once_is_recorded_once(rig: HubRig, havering: Publisher) -> None:
    """Many threads with the same bytes are all told the same, and it stands once."""
    raws = [havering.submission(havering.event(), bad(havering)) for _ in range(5)]
    start = threading.Barrier(20)

    def send(number: int) -> tuple[int, bytes]:
        start.wait()
        return number % 5, havering.send(raws[number % 5]).acknowledgement

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert len(set(answers)) == 5
    assert rig.havering.ledger.head().size == 10
    assert len(rig.havering.refusals()) == 5


FAILURES: list[tuple[str, When]] = [
    ("find", "before"),
    ("add", "before"),
    ("add", "after"),
    ("head", "before"),
    ("append", "before"),
    ("append", "after"),
]


@pytest.mark.parametrize(("operation", "when"), FAILURES)
def test_whatever_fails_nothing_is_half_there(operation: str, when: When) -> None:
    """Key store or ledger, stored or not: sent again it stands, and what is acknowledged opens."""
    keys = FailingKeyStore(MemoryKeyStore())
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> Ledger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(key_store=keys, make_ledger=make)) as rig:
        havering = rig.publisher()
        raw = havering.submission(havering.event(), bad(havering), havering.event())
        plan = keys.plan if operation in {"find", "add"} else ledgers["havering"].plan
        plan.fail(operation, when)
        with pytest.raises(Unavailable):
            havering.send(raw)
        assert rig.sizes()["havering"] == (3 if (operation, when) == ("append", "after") else 0)
        rig.custody.forget()
        answer = havering.send(raw)
        assert havering.send(raw) == answer
        opened = rig.havering.opened()
        assert [one.get("position") for one in outcomes(answer)] == [0, None, 1]
        assert len(opened) == 3
        assert all(one.facts is not None for one in opened)
        assert len({one.event_id for one in opened}) == 3


def test_a_refusal_that_cannot_be_recorded_is_not_told() -> None:
    """Where even the refusal cannot be recorded the sender is told to try again."""
    ledgers: dict[str, FailingLedger] = {}

    def make(name: str) -> Ledger:
        return ledgers.setdefault(name, FailingLedger(MemoryLedger(name)))

    with open_rig(HubRig(make_ledger=make)) as rig:
        stranger = rig.stranger()
        ledgers["havering"].plan.fail("append")
        with pytest.raises(Unavailable):
            stranger.send(stranger.submission(stranger.event()))
        assert rig.sizes()["havering"] == 0
