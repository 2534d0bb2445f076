"""A plain source that sends again: the same content has the same place, another is a conflict."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.canonical import canonical
from services.borough.sessions import DAY_MS
from services.custody import KeyName
from tests.fakes_keys import MemoryKeyStore
from tests.hub_rig import HubRig, open_rig
from tests.rig_plain import an_event, changed, send, with_source
from tests.rig_publisher import Json, Publisher, outcomes, subjects, token
from tests.services.test_publishing import codes


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub on which a plain source is registered."""
    with open_rig() as opened:
        opened.registering.register(with_source())
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give the controller, whose recipient key is registered and trusted."""
    return rig.publisher()


def test_the_same_again_is_answered_with_the_same_place(rig: HubRig, havering: Publisher) -> None:
    """Sent again, alone, in another batch, twice in one, after a day or after a restart."""
    events = [an_event(havering), an_event(havering, restricted=False)]
    first = outcomes(send(rig, *events))
    assert outcomes(send(rig, *events)) == first
    rig.clock.at_ms += 2 * DAY_MS
    assert outcomes(send(rig, events[1], events[0], events[0])) == [first[1], first[0], first[0]]
    size = rig.havering.ledger.head().size
    rig.plain = rig.another_plain_desk()
    assert outcomes(send(rig, *events)) == first
    assert rig.havering.ledger.head().size == size + 1  # the session that it opened anew
    fresh = an_event(havering)
    told = outcomes(send(rig, fresh, fresh))
    assert told[0] == told[1]
    assert told[0]["outcome"] == "recorded"


CHANGES = [
    ("time", "2024-05-02T00:00:00Z"),
    ("subject", token()),
    ("incidentla", None),
    ("facts", "outcome", "referral"),
    ("shared", "sex", "male"),
    ("restricted", "name", "Another Child"),
    ("restricted", "postcode", "RM1 1AA"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_another_content_under_the_same_id_is_a_conflict(
    rig: HubRig, havering: Publisher, change: tuple[str, ...]
) -> None:
    """Header, facts, shared and restricted parts are compared, the last without being opened."""
    event = an_event(havering)
    send(rig, event)
    size = rig.havering.ledger.head().size
    answer = send(rig, changed(event, *change[:-1], by=change[-1]))
    assert codes(outcomes(answer)[0]) == {("id", "already-recorded-differently")}
    assert (answer.recorded, answer.refused, answer.faults) == (0, 1, ())
    without: Json = json.loads(canonical(event))
    del subjects(without)[0]["restricted"]
    assert codes(outcomes(send(rig, without))[0]) == {("id", "already-recorded-differently")}
    refused = rig.havering.refusals(size)
    assert rig.havering.ledger.head().size == size + len(refused)
    assert [(one.event, one.sequence) for one in refused] == [(event["id"], event["sequence"])] * 2


def test_the_same_at_once_is_recorded_once(rig: HubRig, havering: Publisher) -> None:
    """However many threads send it, all are told the one place; refusals are recorded each once."""
    bad = an_event(havering, time="1980-01-01T00:00:00Z")
    for _ in range(5):
        event, start = an_event(havering), threading.Barrier(8)
        refusals = len(rig.havering.refusals())

        def submit(_: int, event: Json = event, start: threading.Barrier = start) -> Json:
            start.wait()
            return outcomes(send(rig, event, bad))[0]

        with ThreadPoolExecutor(8) as pool:
            told = list(pool.map(submit, range(8)))
        assert [one["outcome"] for one in told] == ["recorded"] * 8
        assert len({canonical(one) for one in told}) == 1
        assert len(rig.havering.refusals()) == refusals + 8
    assert len({one.event_id for one in rig.havering.opened()}) == rig.havering.ledger.head().size


def test_what_cannot_be_compared_any_more_is_a_conflict(rig: HubRig, havering: Publisher) -> None:
    """Once a key is destroyed nobody can say that it is the same: it is not recorded anew."""
    event = an_event(havering)
    send(rig, event)
    store = rig.key_store
    assert isinstance(store, MemoryKeyStore)
    tag = rig.custody.tag(KeyName("havering", "subject", str(subjects(event)[0]["pseudonym"])))
    del store._rows[tag]
    rig.custody.forget()
    size = rig.havering.ledger.head().size
    assert codes(outcomes(send(rig, event))[0]) == {("id", "already-recorded-differently")}
    assert rig.havering.ledger.head().size == size + 1
    assert len(rig.havering.refusals(size)) == 1
