"""Nobody deletes quietly: an auditor sees every erasure, and which of them nobody agreed to."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from domain.decisions import decision_of, facts_of, from_file
from domain.erasure import erasures_stream
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from services.audit.erasures import ErasureSeen, erasures
from services.audit.history import Unopened
from services.custody import KeyName
from tests.rig_decisions import Decider
from tests.rig_erasing import ErasingRig, approved_unseen, child_of, quiet
from tests.rig_publisher import Json, Publisher


@pytest.fixture
def erasing() -> Iterator[ErasingRig]:
    """Give a hub that erases."""
    made = ErasingRig()
    yield made
    made.rig.close()


@pytest.fixture
def publisher(erasing: ErasingRig) -> Publisher:
    """Give a publisher of Havering's."""
    return erasing.rig.publisher()


def seen(erasing: ErasingRig) -> list[ErasureSeen]:
    """Read Havering's ledger from end to end."""
    stand = erasing.rig.havering
    found = list(
        erasures(
            {"havering": stand.ledger}, {"havering": stand.opening}, erasing.rig.deciding, quiet
        )
    )
    assert not [one for one in found if isinstance(one, Unopened)]
    return [one for one in found if isinstance(one, ErasureSeen)]


def destroy_quietly(erasing: ErasingRig, event: Json, request: str | None) -> None:
    """Destroy a child's key as an operator could who writes the entry by hand."""
    rig = erasing.rig
    name = KeyName("havering", "subject", child_of(event))
    key = rig.custody.keys_for([name])[name].key_id
    said: dict[str, object] = {"erasure": request} if request else {}
    facts = KeyDestroyed.Facts.model_validate(
        {
            **said,
            "fence": 1,
            "fenced": (to_text(rig.custody.tag(name)),),
            "key_class": "subject",
            "keys": (to_text(key),),
            "lapses": "2025-07-20",
        }
    )
    made = rig.hub_events.made(KeyDestroyed, facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made, fence=True)
    rig.key_store.destroy([key], [rig.custody.tag(name)])


def test_an_erasure_as_it_should_be(erasing: ErasingRig, publisher: Publisher) -> None:
    """Who asked, whose signatures hold, how many keys went and where the ledger says so."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.erase(publisher, child_of(event))
    (found,) = seen(erasing)
    assert (found.request, found.subjects, found.keys, found.lapses) == (
        request, 1, 2, "2025-08-17",
    )  # fmt: skip
    assert found.approvals == {"havering": True, "redbridge": True}
    assert found.fault() is None
    size = erasing.rig.havering.ledger.head().size
    assert found.positions == [size - 2, size - 1]


def test_a_request_that_waits(erasing: ErasingRig, publisher: Publisher) -> None:
    """What was asked for and not carried out is no fault."""
    erasing.asked_for(publisher, child_of(publisher.event()))
    (found,) = seen(erasing)
    assert (found.destroyed_ms, found.fault()) == (None, None)


def test_keys_that_nobody_asked_to_destroy(erasing: ErasingRig, publisher: Publisher) -> None:
    """The entry shows, and says what it lacks."""
    event = publisher.event()
    publisher.publish(event)
    destroy_quietly(erasing, event, None)
    (found,) = seen(erasing)
    assert (found.request, found.fault()) == ("", "destroyed-without-request")


def test_approvals_that_the_operator_made_up(erasing: ErasingRig, publisher: Publisher) -> None:
    """Entries that look like two approvals are none."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    erasing.approve(request, "havering")
    honest = seen(erasing)[0]
    forger = Decider("redbridge", seed="made-up")
    approval = forger.approval("havering", uuid.UUID(request[0]), request[1])
    signed = from_file(approval)
    forged = facts_of(decision_of(signed), signed)
    rig = erasing.rig
    made = rig.hub_events.made(forged.kind, forged.facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made)
    destroy_quietly(erasing, event, request[0])
    (found,) = seen(erasing)
    assert honest.approvals == {"havering": True}
    assert found.approvals == {"havering": True, "redbridge": False}
    assert found.fault() == "destroyed-without-two-approvals"


def test_an_approver_that_is_not_believed_any_more(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """Judged by the auditor's own trust: a key that it does not vouch for allowed nothing."""
    event = publisher.event()
    publisher.publish(event)
    erasing.erase(publisher, child_of(event))
    erasing.rig.trust.withdraw(Decider("redbridge").key)
    (found,) = seen(erasing)
    assert found.fault() == "destroyed-without-two-approvals"


@pytest.mark.parametrize("named", ["2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"])
def test_keys_that_went_too_early(erasing: ErasingRig, publisher: Publisher, named: str) -> None:
    """Two bodies approved it, and the operator did not wait: not as agreed, or not as asked."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event), waiting_until=named)
    erasing.approve(request, "havering", "redbridge")
    destroy_quietly(erasing, event, request[0])
    (found,) = seen(erasing)
    assert found.fault() == "destroyed-too-early"


def test_keys_that_nobody_asked_for_under_an_erasure_that_was_agreed(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """What was agreed for one child lets nobody destroy the key of another."""
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    request = erasing.due(publisher, child_of(event))
    destroy_quietly(erasing, other, request)
    (found,) = seen(erasing)
    assert found.fault() == "destroyed-beyond-the-request"


def test_approvals_of_another_statement_or_without_the_controller(
    erasing: ErasingRig, publisher: Publisher
) -> None:
    """Two signatures that hold are not enough: of what, and whose, is asked."""
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    approved_unseen(erasing.rig, request[0], "havering")
    erasing.approve(request, "redbridge", "barking-and-dagenham")
    erasing.wait()
    destroy_quietly(erasing, event, request[0])
    (found,) = seen(erasing)
    assert found.fault() == "destroyed-without-two-approvals"
