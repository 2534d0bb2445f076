"""What is opened is held to what was signed: by publishers, and by the bodies that decide."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator, Sequence

import pytest

from adapters.keys import signing
from adapters.ledger.memory import MemoryLedger
from domain.decisions import decision_of, facts_of, from_file
from domain.erasure import DAY_MS, erasures_stream
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from services.audit.verifying import report
from services.audit.verifying.contents import Contents, Means
from services.audit.verifying.judging import Gap
from services.audit.verifying.looking import looked_through, unexplained
from services.audit.verifying.statements import Submissions
from services.custody import KeyName
from services.deciding import Deciding
from services.log_ports import SignedList
from tests.hub_rig import HAVERING, HubRig, open_rig
from tests.rig_decisions import Decider
from tests.rig_erasing import ErasingRig, approved_unseen, child_of, said_to_be_destroyed
from tests.rig_publisher import Publisher, a_subject, inner

Found = set[tuple[int, int, str]]


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub in memory."""
    with open_rig() as opened:
        yield opened


def published(rig: HubRig) -> Publisher:
    """Publish a sealed event and a plain one; gives who did."""
    publisher = rig.publisher()
    session = publisher.session({"havering": publisher.recipient_public})
    publisher.publish(session.event, publisher.sealed(session.seal), publisher.event())
    return publisher


def as_it_is(kept: SignedList | None) -> SignedList | None:
    """Leave a submission as it is kept."""
    return kept


def looked_into(
    rig: HubRig,
    keys: Sequence[bytes],
    change: Callable[[SignedList | None], SignedList | None] = as_it_is,
    gaps: dict[str, list[Gap]] | None = None,
) -> tuple[Contents, Found]:
    """Look into Havering's ledger, with its submissions changed on the way."""
    stand = rig.havering
    ledger = stand.ledger
    assert isinstance(ledger, MemoryLedger)
    submissions = Submissions(
        "havering", lambda one: change(ledger.signed(one)), lambda *_: keys, signing.verify
    )
    means = Means(
        ledger,
        stand.opening,
        ringed=stand.opening.ringed,
        submissions=submissions,
        deciding=Deciding(rig.registry, signing.verify),
    )
    contents = Contents("havering", means)
    looked = looked_through(contents, ledger.head().size, lambda *_: None)
    findings = [*looked.findings, *unexplained("havering", gaps or {}, looked.filled)]
    return contents, {(one.step, one.position, one.code) for one in findings}


def test_what_a_publisher_signed_is_what_is_logged(rig: HubRig) -> None:
    """Every statement, put together anew, is in the list that its publisher signed."""
    publisher = published(rig)
    contents, found = looked_into(rig, [publisher.signer.public])
    assert found == set()
    assert contents.stated == 3


def _other_digest(kept: SignedList | None) -> SignedList | None:
    return kept and dataclasses.replace(kept, digests=(bytes(32), *kept.digests[1:]))


def _other_source(kept: SignedList | None) -> SignedList | None:
    return kept and dataclasses.replace(kept, source="/participants/havering/mash")


def _nothing(_: SignedList | None) -> SignedList | None:
    return None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_other_digest, "signature-does-not-hold"),
        (_other_source, "signature-does-not-hold"),
        (_nothing, "submission-missing"),
    ],
)
def test_a_changed_submission_is_found(
    rig: HubRig, change: Callable[[SignedList | None], SignedList | None], code: str
) -> None:
    """A list that was exchanged, moved or dropped is named at each event that it was of."""
    publisher = published(rig)
    _, found = looked_into(rig, [publisher.signer.public], change)
    assert {one for step, _, one in found if step == report.OPENINGS} == {code}


def test_a_publisher_whose_key_nobody_trusts_is_found(rig: HubRig) -> None:
    """Without a trusted key nothing shows who signed."""
    published(rig)
    _, found = looked_into(rig, [])
    assert {code for _, _, code in found} == {"signing-key-not-trusted"}


def test_a_refusal_explains_the_number_that_it_fills(rig: HubRig) -> None:
    """A gap is explained by a recorded refusal of that number, and by nothing else."""
    publisher = published(rig)
    bad = publisher.event(time="1980-01-01T00:00:00Z")
    number = int(str(bad["sequence"]))
    publisher.publish(bad, publisher.event())
    position = rig.havering.ledger.head().size - 1
    key = [publisher.signer.public]
    filled = {HAVERING: [Gap(number, number, position)]}
    assert looked_into(rig, key, gaps=filled)[1] == set()
    open_one = {HAVERING: [Gap(number, number + 1, position)]}
    assert looked_into(rig, key, gaps=open_one)[1] == {(report.GAPS, position, "gap-unexplained")}


def test_a_key_that_was_destroyed_for_no_request_is_found(rig: HubRig) -> None:
    """The operator can say that a key was destroyed, but cannot have had it asked for."""
    publisher = published(rig)
    position = said_to_be_destroyed(rig, str(uuid.UUID(int=7 << 76 | 2 << 62 | 1)))
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-without-request")}


def test_a_key_that_was_given_up_decides_nothing_more(rig: HubRig) -> None:
    """What was recorded before is no finding; what a thief of the key signed later is, there."""
    publisher, havering = published(rig), Decider("havering")
    rig.decisions.record(havering.warrant())
    rig.clock.at_ms += 1
    rig.trust.remove(havering.key, rig.clock.at_ms)
    signed = from_file(havering.warrant())
    decision = decision_of(signed)
    made = facts_of(decision, signed)
    rig.hub_events.append("havering", rig.hub_events.made(made.kind, made.facts, None, decision.id))
    position = rig.havering.ledger.head().size - 1
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "deciding-key-not-trusted")}


@pytest.mark.parametrize(
    ("named", "later_ms"),
    [
        ("2020-01-01T00:00:00Z", 28 * DAY_MS - 1),  # what was agreed for every erasure
        ("2025-08-01T00:00:00Z", 29 * DAY_MS),  # what this request names
    ],
)
def test_a_key_that_was_destroyed_too_early_is_found(
    rig: HubRig, named: str, later_ms: int
) -> None:
    """Two bodies approved it, and it was not waited for; had it been, nothing would be found."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event), waiting_until=named)
    erasing.approve(request, "havering", "redbridge")
    found_as = erasing.requests.find(request[0])
    rig.clock.at_ms = found_as.recorded_ms + later_ms
    position = said_to_be_destroyed(rig, request[0], *found_as.key_ids())
    rig.clock.at_ms += 28 * DAY_MS
    said_to_be_destroyed(rig, request[0], *found_as.key_ids())
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-too-early")}


def test_keys_of_whom_nobody_asked_for_are_found(rig: HubRig) -> None:
    """Two bodies approved the erasure of one child: another's key is not destroyed under that."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    request = erasing.due(publisher, child_of(event))
    mine = erasing.requests.find(request).key_ids()
    name = KeyName("havering", "subject", child_of(other))
    position = said_to_be_destroyed(rig, request, *mine, rig.custody.keys_for([name])[name].key_id)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-beyond-the-request")}


def test_a_persons_key_that_goes_as_a_streams_is_found(rig: HubRig) -> None:
    """Under an erasure of one child another's key cannot go by calling it that of a case."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event, other = publisher.event(), publisher.event()
    publisher.publish(event, other)
    request = erasing.due(publisher, child_of(event))
    name = KeyName("havering", "subject", child_of(other))
    kept = rig.custody.keys_for([name])[name].key_id
    position = said_to_be_destroyed(rig, request, kept, as_streams=True)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "persons-key-destroyed-as-a-streams")}


def test_an_erasure_that_its_controller_did_not_approve_is_found(rig: HubRig) -> None:
    """Two other bodies cannot erase what a controller answers for."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    erasing.approve(request, "redbridge", "metropolitan-police-east")
    erasing.wait()
    keys = erasing.requests.find(request[0]).key_ids()
    position = said_to_be_destroyed(rig, request[0], *keys)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-without-two-approvals")}


def test_an_erasure_as_it_should_be_is_no_finding(rig: HubRig) -> None:
    """Carried out by the hub, with the keys of the child and of its case, nothing is found."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event, publisher.event())
    erasing.erase(publisher, child_of(event))
    assert looked_into(rig, [publisher.signer.public])[1] == set()


def test_a_case_that_went_before_its_persons_is_found(rig: HubRig) -> None:
    """Whoever destroys a case's key under the erasure of one of two siblings took too much."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    siblings = sorted([a_subject(), a_subject()], key=lambda one: str(one["pseudonym"]))
    inner(event, "data")["subjects"] = [*siblings]
    publisher.publish(event)
    request = erasing.erase(publisher, str(siblings[0]["pseudonym"]))
    assert looked_into(rig, [publisher.signer.public])[1] == set()
    name = KeyName("havering", "stream", str(event["subject"]))
    key = rig.custody.keys_for([name])[name].key_id
    facts = KeyDestroyed.Facts(
        erasure=request,
        fence=2,
        fenced=(to_text(rig.custody.tag(name)),),
        key_class="stream",
        keys=(to_text(key),),
        lapses="2030-01-01",
    )
    made = rig.hub_events.made(KeyDestroyed, facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made, fence=True)
    assert looked_into(rig, [publisher.signer.public])[1] == {
        (report.MISSING, 0, "case-destroyed-before-its-persons")
    }


def test_an_approval_of_another_statement_allows_nothing(rig: HubRig) -> None:
    """Bodies approve what was asked for then, word for word, under whatever id it stands."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    approved_unseen(rig, request[0], "havering", "redbridge")
    erasing.wait()
    keys = erasing.requests.find(request[0]).key_ids()
    position = said_to_be_destroyed(rig, request[0], *keys)
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-without-two-approvals")}


def test_an_approval_that_came_afterwards_allowed_nothing(rig: HubRig) -> None:
    """What was destroyed had been agreed to when it went, not since."""
    publisher, erasing = rig.publisher(), ErasingRig(rig)
    event = publisher.event()
    publisher.publish(event)
    request = erasing.asked_for(publisher, child_of(event))
    erasing.wait()
    keys = erasing.requests.find(request[0]).key_ids()
    position = said_to_be_destroyed(rig, request[0], *keys)
    approved_unseen(rig, request[0], "havering", "redbridge", statement=request[1])
    _, found = looked_into(rig, [publisher.signer.public])
    assert found == {(report.DECISIONS, position, "destroyed-without-two-approvals")}
