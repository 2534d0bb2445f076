"""From a request to keys that are nowhere: who must agree, what goes, and what stays."""

from __future__ import annotations

import uuid

import pytest

from adapters.reference.shipped import shipped_document
from domain.decisions import decision_of, facts_of, from_file
from domain.erasure import erasures_stream
from domain.errors import NotAuthorised, NotFound
from domain.opened import OpenedEvent
from domain.reference.documents import read_as
from domain.reference.participants import Participants
from domain.values import instant_of
from domain.vocabulary.custody import KeyDestroyed
from domain.vocabulary.erasing import ErasureRequested
from tests.hub_rig import POLICE_IN_HAVERING, SHIPPED_AGREEMENT
from tests.rig_decisions import Decider
from tests.rig_erasing import ErasingRig, a_request, child_of, quiet
from tests.rig_publisher import Json, Publisher, a_subject, inner, outcomes


def opened(erasing: ErasingRig, event: Json) -> OpenedEvent:
    """Open an event."""
    (found,) = [one for one in erasing.rig.havering.opened() if one.header.id == event["id"]]
    return found


def destructions(erasing: ErasingRig) -> list[tuple[str, int]]:
    """Give class and number of the keys of each destruction that the ledger tells of."""
    return [
        (one.facts.key_class, len(one.keys))
        for one in erasing.rig.havering.destroyed.destructions()
    ]


def test_from_a_request_to_nothing(erasing: ErasingRig, publisher: Publisher) -> None:
    """Requested, approved by two, waited for, destroyed: child and case go, the rest stays."""
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    request = erasing.asked_for(publisher, child_of(event))
    states = [erasing.progress(request[0]).state]
    for body in ("redbridge", "havering"):
        erasing.approve(request, body)
        states.append(erasing.progress(request[0]).state)
    erasing.wait()
    states.append(erasing.progress(request[0]).state)
    done = erasing.carry_out(request[0])
    states.append(erasing.progress(request[0]).state)
    assert states == ["requested", "requested", "waiting", "approved", "destroyed"]
    assert (done.subjects, done.streams, done.told) == (1, 1, ())
    gone = opened(erasing, event)
    assert (gone.facts, gone.subjects[0].pseudonym, gone.subjects[0].shared) == (None, None, None)
    stays = opened(erasing, other)
    assert (stays.facts is None, stays.subjects[0].pseudonym) == (False, child_of(other))
    asked = next(one for one in erasing.rig.havering.opened() if one.header.id == request[0])
    assert isinstance(asked.facts, ErasureRequested.Facts)
    assert asked.subjects[0].pseudonym is None
    assert destructions(erasing) == [("subject", 1), ("stream", 1)]


def test_an_erasure_is_carried_out_once(erasing: ErasingRig, publisher: Publisher) -> None:
    """Carried out it is not due any more, and cannot be asked for a second time."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.erase(publisher, child_of(event))
    assert list(erasing.carrying_out.due()) == []
    assert erasing.carrying_out.carry_out_all(quiet) == []
    with pytest.raises(NotAuthorised, match="erasure-destroyed"):
        erasing.carry_out(request)
    (told,) = outcomes(publisher.publish(a_request(publisher, child_of(event))))
    assert told["outcome"] == "refused"


@pytest.mark.parametrize(
    "bodies",
    [
        (),
        ("havering",),
        ("havering", "havering"),
        ("redbridge", "metropolitan-police-east"),
    ],
)
def test_two_bodies_approve_and_one_is_the_controller(
    erasing: ErasingRig, publisher: Publisher, bodies: tuple[str, ...]
) -> None:
    """Nobody erases alone, nor others what a controller answers for."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    erasing.approve(request, *bodies)
    erasing.wait()
    with pytest.raises(NotAuthorised, match="erasure-requested"):
        erasing.carry_out(request[0])
    assert opened(erasing, event).subjects[0].pseudonym is not None


def test_the_operator_approves_nothing(erasing: ErasingRig, publisher: Publisher) -> None:
    """An approval that the hub made up counts for nothing; one that is disowned counts no more."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    rig = erasing.rig
    rig.trust.withdraw(Decider("redbridge").key)
    file = Decider("metropolitan-police-east", seed="made-up").approval(
        "havering", uuid.UUID(request[0]), request[1]
    )
    signed = from_file(file)
    forged = facts_of(decision_of(signed), signed)
    made = rig.hub_events.made(forged.kind, forged.facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made)
    assert [one.body for one in erasing.progress(request[0]).approvals] == ["havering"]
    with pytest.raises(NotAuthorised, match="erasure-requested"):
        erasing.carry_out(request[0])


def test_an_approval_is_of_one_statement(erasing: ErasingRig, publisher: Publisher) -> None:
    """What a body did not see, it did not approve."""
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    request = erasing.asked_for(publisher, child_of(event))
    another = erasing.asked_for(publisher, child_of(other))
    with pytest.raises(NotAuthorised, match="request-of-another-statement"):
        erasing.approve((request[0], another[1]), "havering")


LONG_AGO, LATER = "2020-01-01T00:00:00Z", "2025-08-01T00:00:00.001Z"


@pytest.mark.parametrize("named", [LONG_AGO, LATER])
def test_nothing_before_it_was_waited_for(
    erasing: ErasingRig, publisher: Publisher, named: str
) -> None:
    """To the millisecond: what was agreed for all is waited for, and what a request names."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event), waiting_until=named)
    erasing.approve(request, "havering", "redbridge")
    days = erasing.rig.agreement(SHIPPED_AGREEMENT).erasure_waiting_days
    agreed_ms = erasing.requests.find(request[0]).recorded_ms + days * 24 * 3_600_000
    named_ms = round(instant_of(named).timestamp() * 1000)
    erasing.rig.clock.at_ms = max(agreed_ms, named_ms) - 1
    with pytest.raises(NotAuthorised, match="erasure-waiting"):
        erasing.carry_out(request[0])
    erasing.rig.clock.at_ms += 1
    assert erasing.carry_out(request[0]).subjects == 1


def test_a_sibling_stays(erasing: ErasingRig, publisher: Publisher) -> None:
    """Of two children in one event one is erased; the case goes with the second of them."""
    event = publisher.event()
    one, other = a_subject(), a_subject()
    inner(event, "data")["subjects"] = [one, other]
    publisher.publish(event)
    erasing.erase(publisher, str(one["pseudonym"]))
    left = opened(erasing, event)
    assert [each.pseudonym for each in left.subjects] == [None, other["pseudonym"]]
    assert left.facts is not None
    assert destructions(erasing) == [("subject", 1)]
    erasing.erase(publisher, str(other["pseudonym"]))
    assert opened(erasing, event).facts is None
    assert destructions(erasing) == [("subject", 1), ("subject", 1), ("stream", 1)]


def test_a_stream_that_tells_of_another_stays(erasing: ErasingRig, publisher: Publisher) -> None:
    """Whether both are in one event or each in one of its own."""
    event = publisher.event()
    publisher.publish(event, publisher.event(subject=event["subject"]))
    erasing.erase(publisher, child_of(event))
    assert opened(erasing, event).facts is not None


def test_several_children_and_streams(erasing: ErasingRig, publisher: Publisher) -> None:
    """All that was asked for in one request goes together, and every request that is due."""
    events = [publisher.event() for _ in range(6)]
    publisher.publish(*events)
    first = erasing.asked_for(publisher, *(child_of(one) for one in events[:3]))
    second = erasing.asked_for(publisher, child_of(events[3]))
    for request in (first, second):
        erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    done = erasing.carrying_out.carry_out_all(quiet)
    assert sorted((one.subjects, one.streams) for one in done) == [(1, 1), (3, 3)]
    assert [opened(erasing, one).facts is None for one in events] == [True] * 4 + [False] * 2
    assert erasing.rig.havering.ledger.head().fences == 1


def test_another_controllers_word_stays(erasing: ErasingRig, publisher: Publisher) -> None:
    """What the police told of a child under the same pseudonym is not the borough's to erase."""
    police = erasing.rig.publisher(POLICE_IN_HAVERING)
    event = publisher.event()
    publisher.publish(event)
    theirs = police.event()
    inner(theirs, "data")["subjects"] = [a_subject(pseudonym=child_of(event))]
    police.publish(theirs)
    request = erasing.due(publisher, child_of(event))
    with pytest.raises(NotAuthorised, match="subject-of-another-controller"):
        erasing.carry_out(request)
    (done,) = erasing.carrying_out.carry_out_all(quiet)
    assert done.refused == "subject-of-another-controller"
    assert opened(erasing, event).facts is not None


def of_havering(*, until: str | None, version: int) -> bytes:
    """Give the participants with a body whose source Havering controls, and its last day."""
    shipped = read_as(Participants, shipped_document("participants.json").raw)
    police = POLICE_IN_HAVERING.split("/")[2]
    sources = tuple(
        one.model_copy(update={"controller": "havering"} if one.name == POLICE_IN_HAVERING else {})
        for one in shipped.sources
    )
    bodies = tuple(
        one.model_copy(update={"effective_until": until} if until and one.code == police else {})
        for one in shipped.participants
    )
    changed = {"participants": bodies, "sources": sources, "version": version}
    return shipped.model_copy(update=changed).canonical()


def test_what_a_former_body_told_is_erased(erasing: ErasingRig, publisher: Publisher) -> None:
    """A body that is no more leaves its controller behind, who can have all of a child erased."""
    erasing.rig.registering.register(of_havering(until=None, version=2))
    former = erasing.rig.publisher(POLICE_IN_HAVERING)
    event = publisher.event()
    publisher.publish(event)
    theirs = former.event()
    inner(theirs, "data")["subjects"] = [a_subject(pseudonym=child_of(event))]
    (told,) = outcomes(former.publish(theirs))
    assert told["outcome"] == "recorded", told
    erasing.rig.registering.register(of_havering(until="2025-06-01", version=3))
    erasing.erase(publisher, child_of(event))
    assert (opened(erasing, event).facts, opened(erasing, theirs).facts) == (None, None)


def test_another_controllers_word_in_the_stream(erasing: ErasingRig, publisher: Publisher) -> None:
    """Nor does a stream go in which somebody else said something, about whomever."""
    police = erasing.rig.publisher(POLICE_IN_HAVERING)
    event = publisher.event()
    publisher.publish(event)
    beat = police.event("canary", subject=event["subject"])
    salts = inner(inner(event, "data"), "salts")
    inner(beat, "data").clear()
    inner(beat, "data").update(facts={"beat": 1, "sent_at": "2025-06-15T15:00:00Z"}, salts=salts)
    (told,) = outcomes(police.publish(beat))
    assert told["outcome"] == "recorded", told
    erasing.erase(publisher, child_of(event))
    assert opened(erasing, event).facts is not None
    assert opened(erasing, event).subjects[0].pseudonym is None


def test_a_request_is_its_controllers(publisher: Publisher) -> None:
    """Nobody asks in another's name."""
    child = child_of(publisher.event())
    event = a_request(publisher, child, by_participant="redbridge")
    (told,) = outcomes(publisher.publish(event))
    faults = told["faults"]
    assert isinstance(faults, list)
    assert {fault["code"] for fault in faults} == {"not-the-controller"}


def test_what_is_no_request(erasing: ErasingRig, publisher: Publisher) -> None:
    """Another event's id, or nobody's, is no request for erasure."""
    event = publisher.event()
    publisher.publish(event)
    for wrong in (str(event["id"]), "01890a5d-ac96-774b-bcce-b302099a8057"):
        with pytest.raises(NotFound):
            erasing.progress(wrong)


def test_the_request_and_the_erasing_stay(erasing: ErasingRig, publisher: Publisher) -> None:
    """However often children are erased, every reason for it can be read."""
    for _ in range(3):
        event = publisher.event()
        publisher.publish(event)
        request = erasing.erase(publisher, child_of(event))
        assert erasing.progress(request).state == "destroyed"
    facts = [one.facts for one in erasing.rig.havering.opened()]
    assert len([one for one in facts if isinstance(one, KeyDestroyed.Facts)]) == 6
    assert len([one for one in facts if isinstance(one, ErasureRequested.Facts)]) == 3
