"""Who is due by the retention that agreements name: the hub proposes, the controller asks."""

from __future__ import annotations

import datetime

import pytest

from domain.errors import NotFound
from services.erasing.lapsed import ProposedBatch
from tests.hub_rig import POLICE_IN_HAVERING
from tests.rig_erasing import ErasingRig, child_of, quiet
from tests.rig_publisher import Json, Publisher, a_subject, inner

KEPT_DAYS = 2192
"""How long the draft agreement keeps a referral."""


def proposed(erasing: ErasingRig) -> list[ProposedBatch]:
    """Give what is proposed for Havering's ledger today."""
    return list(erasing.lapsed.proposed("havering", quiet))


def years_later(erasing: ErasingRig, day: str) -> None:
    """Let the clock run to noon of a day."""
    noon = datetime.datetime.fromisoformat(f"{day}T12:00:00+00:00")
    erasing.rig.clock.at_ms = int(noon.timestamp() * 1000)


def referral(publisher: Publisher, day: str, child: str | None = None) -> Json:
    """Give a referral of a day."""
    event = publisher.event(time=f"{day}T00:00:00Z")
    if child is not None:
        inner(event, "data")["subjects"] = [a_subject(pseudonym=child)]
    return event


def test_to_the_day(erasing: ErasingRig, publisher: Publisher) -> None:
    """Kept until its last day, proposed on the next."""
    event = referral(publisher, "2024-05-01")
    publisher.publish(event)
    last = datetime.date(2024, 5, 1) + datetime.timedelta(days=KEPT_DAYS)
    years_later(erasing, last.isoformat())
    assert proposed(erasing) == []
    years_later(erasing, (last + datetime.timedelta(days=1)).isoformat())
    assert proposed(erasing) == [
        ProposedBatch("havering", "havering", last.isoformat(), (child_of(event),))
    ]


def test_the_last_event_of_a_child_counts(erasing: ErasingRig, publisher: Publisher) -> None:
    """Of whom anything is kept still, nothing is proposed; nor of whom all is gone already."""
    first, gone = referral(publisher, "2018-01-01"), referral(publisher, "2018-01-01")
    publisher.publish(first, referral(publisher, "2024-05-01", child_of(first)), gone)
    years_later(erasing, "2025-06-16")
    assert [one.subjects for one in proposed(erasing)] == [(child_of(gone),)]
    request = erasing.asked_for(publisher, child_of(gone), waiting_until="2025-06-16T00:00:00Z")
    assert [one.subjects for one in proposed(erasing)] == [(child_of(gone),)]
    erasing.approve(request, "havering", "redbridge")
    erasing.wait()
    erasing.carry_out(request[0])
    assert proposed(erasing) == []


def test_batches_of_a_request_each(erasing: ErasingRig, publisher: Publisher) -> None:
    """As many as one event names, the longest lapsed first."""
    events = [referral(publisher, f"2010-01-{day:02}") for day in range(1, 32)]
    events += [referral(publisher, f"2009-03-{day:02}") for day in range(1, 10)]
    publisher.publish(*events)
    batches = proposed(erasing)
    assert [len(one.subjects) for one in batches] == [31, 9]
    assert set(batches[0].subjects[:9]) == {child_of(one) for one in events[31:]}
    named = [child for one in batches for child in one.subjects]
    assert sorted(named) == sorted(child_of(one) for one in events)


def test_each_controller_has_its_own(erasing: ErasingRig, publisher: Publisher) -> None:
    """What two controllers tell of one pseudonym is proposed to neither."""
    police = erasing.rig.publisher(POLICE_IN_HAVERING)
    ours, both = referral(publisher, "2010-01-01"), referral(publisher, "2010-01-01")
    publisher.publish(ours, both)
    theirs = referral(police, "2010-01-01")
    police.publish(theirs, referral(police, "2010-01-01", child_of(both)))
    assert {one.controller: one.subjects for one in proposed(erasing)} == {
        "havering": (child_of(ours),),
        "metropolitan-police-east": (child_of(theirs),),
    }


def test_a_ledger_that_is_not_here(erasing: ErasingRig) -> None:
    """It is said so."""
    with pytest.raises(NotFound, match="ledger"):
        list(erasing.lapsed.proposed("camden", quiet))
