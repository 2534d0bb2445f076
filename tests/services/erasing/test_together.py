"""Two at once: one erasure by two processes, and two erasures that reach the same case or child."""

from __future__ import annotations

import pytest

from domain.errors import NotAuthorised
from tests.hub_rig import POLICE_IN_HAVERING
from tests.rig_erasing import ErasingRig, child_of, quiet
from tests.rig_faults import Broken
from tests.rig_publisher import Json, Publisher, a_subject, inner
from tests.services.erasing.test_faults import Hub, finished


def test_two_processes_say_once_what_is_destroyed() -> None:
    """Whoever comes second finds it said, though no key is gone yet, and finishes it."""
    hub = Hub()
    second = hub.fresh()

    def first_says_it() -> None:
        hub.store.plan.fail("destroy", "before")
        with pytest.raises(Broken):
            hub.erasing.carry_out(hub.request)

    hub.ledger.pausing.append(first_says_it)
    assert second.carry_out(hub.request).refused is None
    finished(hub, second)
    assert second.progress(hub.request).keys == 2
    second.rig.close()
    hub.erasing.rig.close()


def test_a_case_of_two_goes_with_both(erasing: ErasingRig, publisher: Publisher) -> None:
    """It goes with the last of whom it tells: that is each of them, where they go together."""
    event = siblings(publisher)
    requests = [erasing.asked_for(publisher, one) for one in children(event)]
    for request in requests:
        erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    done = erasing.carrying_out.carry_out_all(quiet)
    assert [(one.subjects, one.streams) for one in done] == [(1, 1), (1, 1)]
    assert [erasing.progress(one).keys for one, _ in requests] == [2, 2]


def test_a_child_of_two_requests_goes_with_the_one_that_stands(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """What the other asks for beside it is refused, and takes nothing of this one along."""
    event, theirs = publisher.event(), erasing.rig.publisher(POLICE_IN_HAVERING)
    publisher.publish(event)
    other = theirs.event()
    theirs.publish(other)
    stands = erasing.asked_for(publisher, child_of(event))
    refused = erasing.asked_for(publisher, child_of(event), child_of(other))
    for request in (stands, refused):
        erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    done = {one.request: one for one in erasing.carrying_out.carry_out_all(quiet)}
    assert done[refused[0]].refused == "subject-of-another-controller"
    assert (done[stands[0]].subjects, done[stands[0]].streams) == (1, 1)
    (gone,) = [one for one in erasing.rig.havering.opened() if one.header.id == event["id"]]
    assert gone.facts is None
    with pytest.raises(NotAuthorised, match="subject-of-another-controller"):
        erasing.carry_out(refused[0])


def siblings(publisher: Publisher) -> Json:
    """Publish an event about two children."""
    event = publisher.event()
    both = sorted([a_subject(), a_subject()], key=lambda one: str(one["pseudonym"]))
    inner(event, "data")["subjects"] = [*both]
    publisher.publish(event)
    return event


def children(event: Json) -> list[str]:
    """Give the pseudonyms of an event's children."""
    listed = inner(event, "data")["subjects"]
    assert isinstance(listed, list)
    return [str(one["pseudonym"]) for one in listed]
