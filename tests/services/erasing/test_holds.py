"""Legal holds stand against an erasure; a certificate says what was done, and what was not."""

from __future__ import annotations

import pytest

from domain.decisions import subject_mark
from domain.errors import NotAuthorised
from services.erasing.certificate import certificate
from tests.rig_decisions import Decider
from tests.rig_erasing import ErasingRig, child_of, quiet
from tests.rig_publisher import Publisher

# --- legal holds ----------------------------------------------------------------------------------


def held(erasing: ErasingRig, **about: object) -> str:
    """Have Redbridge set a hold; gives the decision's id."""
    return erasing.rig.decisions.record(Decider("redbridge").hold("havering", **about)).event


@pytest.mark.parametrize("what", ["subject", "stream"])
def test_a_hold_stands_against_it(erasing: ErasingRig, publisher: Publisher, what: str) -> None:
    """On the child, or on a case that tells of it; until the body that set it lifts it."""
    event = publisher.event()
    publisher.publish(event)
    about: dict[str, object] = {"stream": event["subject"]}
    if what == "subject":
        about = {"subjects": (subject_mark("havering", child_of(event)),)}
    request = erasing.due(publisher, child_of(event))
    hold = held(erasing, **about)
    assert erasing.progress(request).held_by == ("redbridge",)
    with pytest.raises(NotAuthorised, match="erasure-held"):
        erasing.carry_out(request)
    assert erasing.carrying_out.carry_out_all(quiet) == []
    with pytest.raises(NotAuthorised, match="hold-of-another-body"):
        erasing.rig.decisions.record(Decider("havering").lift("havering", hold))
    erasing.rig.decisions.record(Decider("redbridge").lift("havering", hold))
    assert erasing.carry_out(request).subjects == 1


def test_a_hold_that_ended_or_is_on_another(erasing: ErasingRig, publisher: Publisher) -> None:
    """What is past, or about somebody else, stands in nobody's way."""
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    held(erasing, stream=event["subject"], until="2025-06-14")
    held(erasing, stream=other["subject"])
    held(erasing, subjects=(subject_mark("havering", child_of(other)),))
    held(erasing, subjects=(subject_mark("redbridge", child_of(event)),))
    request = erasing.due(publisher, child_of(event))
    assert erasing.progress(request).held_by == ()
    assert erasing.carry_out(request).subjects == 1


# --- the certificate ------------------------------------------------------------------------------


def test_the_certificate(erasing: ErasingRig, publisher: Publisher) -> None:
    """One page: what, by whom, until when a backup may hold it, and what is outside of it."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.due(publisher, child_of(event))
    with pytest.raises(NotAuthorised, match="erasure-approved"):
        certificate(erasing.progress(request))
    erasing.carry_out(request)
    page = certificate(erasing.progress(request))
    said = " ".join(page.split())
    for words in (
        "On 13 July 2025 the hub destroyed 2 encryption key(s) in the ledger of havering",
        "because an objection was upheld",
        "director of havering and director of redbridge",
        "LAPSES ON 17 August 2025",
        "sealed, for 8 days at most after it was sent, and for 31",
        "what recipients have opened",
        "No other body had fetched anything",
    ):
        assert words in said
    assert len(page.splitlines()) < 60
    assert max(map(len, page.splitlines())) <= 88
    assert child_of(event) not in page


def test_a_key_that_is_given_up_approves_nothing_and_holds_on(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """What is not carried out yet needs a key that is believed; a hold needs none any more."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.due(publisher, child_of(event))
    hold = held(erasing, stream=event["subject"])
    erasing.rig.clock.at_ms += 1
    erasing.rig.trust.remove(Decider("redbridge").key, erasing.rig.clock.at_ms)
    shown = erasing.progress(request)
    assert hold
    assert (shown.state, [one.body for one in shown.approvals]) == ("held", ["havering"])


def test_what_was_carried_out_keeps_its_approvals(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """A key that is given up later takes nothing from a certificate."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.erase(publisher, child_of(event))
    page = certificate(erasing.progress(request))
    erasing.rig.clock.at_ms += 1
    erasing.rig.trust.remove(Decider("redbridge").key, erasing.rig.clock.at_ms)
    assert certificate(erasing.progress(request)) == page
