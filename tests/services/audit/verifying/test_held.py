"""What was destroyed while a legal hold stood is found, whoever went around the hub's own check."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from domain.decisions import subject_mark
from domain.erasure import DAY_MS
from domain.errors import NotAuthorised
from services.audit.verifying import report
from services.custody import KeyName
from tests.hub_rig import HubRig, open_rig
from tests.rig_decisions import Decider
from tests.rig_erasing import ErasingRig, child_of, said_to_be_destroyed
from tests.rig_publisher import Json, Publisher
from tests.services.audit.test_erasures import seen
from tests.services.audit.verifying.test_contents import looked_into

HELD = "destroyed-under-a-legal-hold"


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def on(event: Json, what: str) -> dict[str, object]:
    """Name what a hold is on: the child of an event, or its case."""
    if what == "subject":
        return {"subjects": (subject_mark("havering", child_of(event)),)}
    return {"stream": event["subject"]}


def hold(rig: HubRig, **about: object) -> str:
    """Have Redbridge set a hold; gives the decision's id."""
    return rig.decisions.record(Decider("redbridge").hold("havering", **about)).event


def due(rig: HubRig) -> tuple[ErasingRig, Publisher, Json, str]:
    """Have a child published whose erasure was approved and waited for."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event, publisher.event())
    return erasing, publisher, event, erasing.due(publisher, child_of(event))


@pytest.mark.parametrize("what", ["subject", "stream"])
def test_what_went_while_a_hold_stood_is_found(rig: HubRig, what: str) -> None:
    """It is named where the ledger says that the key went, when nobody knows the child any more."""
    erasing, publisher, event, request = due(rig)
    keys = erasing.requests.find(request).key_ids()
    hold(rig, **on(event, what))
    position = said_to_be_destroyed(rig, request, *keys, fence=True)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, HELD)}
    (one,) = seen(erasing)
    assert (one.faults, one.positions) == ((HELD,), [position])


@pytest.mark.parametrize("what", ["subject", "stream"])
def test_a_hold_that_did_not_stand_is_no_finding(rig: HubRig, what: str) -> None:
    """Lifted by whoever set it, past its day, set too late, or on another: nothing is found."""
    erasing, publisher, event, request = due(rig)
    other = publisher.event()
    publisher.publish(other)
    today = rig.registry.today()
    lifted = hold(rig, **on(event, what))
    hold(rig, **on(event, what), until=today)
    hold(rig, **on(other, what))
    rig.decisions.record(Decider("redbridge").lift("havering", lifted))
    rig.clock.at_ms += DAY_MS
    erasing.carry_out(request)
    hold(rig, **on(event, what))
    assert looked_into(rig, [publisher.signer.public])[1] == set()
    assert [one.faults for one in seen(erasing)] == [()]


def test_a_request_that_marks_another_child_is_not_carried_out(rig: HubRig) -> None:
    """Else a hold on the child would not meet it: the hub counts it not, and an audit finds it."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    wrong = [subject_mark("havering", child_of(other))]
    request = erasing.asked_for(publisher, child_of(event), marks=wrong)
    with pytest.raises(NotAuthorised, match="request-marks-others"):
        erasing.requests.find(request[0])
    erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    position = said_to_be_destroyed(rig, request[0])
    _, found = looked_into(rig, [publisher.signer.public])
    assert (report.DECISIONS, position, "destroyed-for-a-request-that-marks-others") in found


def test_a_request_that_does_not_open_leaves_holds_unchecked(rig: HubRig) -> None:
    """Whom it was about is not known any more: "not checked", and never "ok"."""
    erasing, publisher, event, request = due(rig)
    found = erasing.requests.find(request)
    hold(rig, **on(event, "subject"))
    entry = rig.havering.ledger.find(uuid.UUID(request))
    assert entry is not None
    name = KeyName("havering", "stream", rig.havering.opening.event(entry).header.subject)
    own = rig.custody.keys_for([name])[name].key_id
    said_to_be_destroyed(rig, request, *found.key_ids(), fence=True)
    said_to_be_destroyed(rig, request, own, as_streams=True)
    contents, _ = looked_into(rig, [publisher.signer.public])
    why = [one.not_checked for one in contents.checked() if one.step == report.DECISIONS]
    assert why == ["", "whether holds stood against 2 destructions: their requests do not open"]
    assert [one.holds_unknown for one in seen(erasing)] == [True]
