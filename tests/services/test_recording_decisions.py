"""What bodies sign is recorded once, and believed only while its signature and key are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from adapters.keys import signing
from domain.decisions import decision_of, facts_of, from_file
from domain.errors import AlreadyDifferent, NotAuthorised, NotFound
from domain.values import to_text
from domain.vocabulary.deciding import DecidedFacts, LegalHoldSet, WarrantGranted
from services.deciding import Deciding
from services.fetching import Wanted
from services.ports import Caller
from services.reading import Reading
from services.trust import Vouched
from tests.hub_rig import SHIPPED_AGREEMENT, HubRig, open_rig
from tests.rig_decisions import Decider, fresh_id
from tests.rig_publisher import AGREEMENT, PURPOSE, outcomes

HAVERING, REDBRIDGE = Decider("havering"), Decider("redbridge")
OPERATOR = Decider("redbridge", seed="made-up-by-the-operator")


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub whose bodies have signed."""
    with open_rig() as opened:
        yield opened


def recorded(rig: HubRig, file: bytes, ledger: str = "havering") -> DecidedFacts:
    """Record a decision; gives the facts of the event that records it."""
    entry = rig.stands[ledger].ledger.find(uuid.UUID(rig.decisions.record(file).event))
    assert entry is not None
    facts = rig.stands[ledger].opening.event(entry).facts
    assert isinstance(facts, DecidedFacts)
    return facts


def test_a_decision_is_recorded_whole_and_once(rig: HubRig) -> None:
    """The event has the decision's id and carries it; the same file again changes nothing."""
    file = HAVERING.warrant()
    facts = recorded(rig, file)
    assert isinstance(facts, WarrantGranted.Facts)
    assert facts.signed == from_file(file)
    size = rig.havering.ledger.head().size
    again = rig.decisions.record(file)
    assert (again.again, again.event) == (True, decision_of(from_file(file)).id)
    assert rig.havering.ledger.head().size == size


def test_an_id_that_stands_for_something_else(rig: HubRig) -> None:
    """Another decision under the same id is refused, whoever signed it."""
    file = HAVERING.hold("havering", stream="A" * 43)
    decision = decision_of(from_file(file))
    rig.decisions.record(file)
    other = HAVERING.file(decision.model_copy(update={"office": "clerk"}))
    with pytest.raises(AlreadyDifferent):
        rig.decisions.record(other)


def test_the_operator_cannot_decide_for_a_body(rig: HubRig) -> None:
    """Not with a key of the operator's own, registered or not, nor with another body's key."""
    file = OPERATOR.warrant()
    for prepare in (lambda: None, lambda: rig.registering.register(OPERATOR.document())):
        prepare()
        with pytest.raises(NotAuthorised, match="deciding-key-not-trusted"):
            rig.decisions.record(file)
    decision = decision_of(from_file(REDBRIDGE.warrant()))
    signed = from_file(HAVERING.file(decision)).model_copy(update={"key": to_text(REDBRIDGE.key)})
    with pytest.raises(NotAuthorised, match="decision-signature-does-not-hold"):
        rig.deciding.checked(facts_of(decision, signed).facts)


def test_what_the_hub_wrote_itself_decides_nothing(rig: HubRig) -> None:
    """An event of a decided kind that the operator made up is not believed by its reader."""
    decision = decision_of(from_file(REDBRIDGE.warrant()))
    forged = facts_of(decision, from_file(OPERATOR.file(decision)))
    made = rig.hub_events.made(forged.kind, forged.facts, None, decision.id)
    rig.hub_events.append("redbridge", made)
    assert not rig.deciding.stands(forged.facts)
    true = facts_of(decision, from_file(REDBRIDGE.file(decision))).facts
    widened = true.model_copy(update={"auditor": "somebody-else"})
    assert rig.deciding.stands(true)
    with pytest.raises(NotAuthorised, match="decision-differs"):
        rig.deciding.checked(widened)


def test_a_key_that_is_not_vouched_for_any_more(rig: HubRig) -> None:
    """Everything that it decided stands no longer, and stands again once it is believed again."""
    facts = recorded(rig, HAVERING.warrant())
    assert rig.deciding.stands(facts)
    rig.trust.withdraw(HAVERING.key)
    assert not rig.deciding.stands(facts)
    assert not rig.deciding.is_bound("havering", SHIPPED_AGREEMENT)
    rig.trust.add(Vouched("havering", "deciding", HAVERING.key))
    assert rig.deciding.stands(facts)


def test_a_key_that_is_given_up_decides_nothing_more(rig: HubRig) -> None:
    """What was recorded of it before stands as of then, agreements for good; nothing new does."""
    facts = recorded(rig, HAVERING.warrant())
    before_ms = rig.clock.at_ms
    rig.clock.at_ms += 1_000
    rig.trust.remove(HAVERING.key, rig.clock.at_ms)
    assert rig.deciding.stands(facts, before_ms)
    assert not rig.deciding.stands(facts, rig.clock.at_ms)
    assert not rig.deciding.stands(facts)
    assert rig.deciding.is_bound("havering", SHIPPED_AGREEMENT)
    with pytest.raises(NotAuthorised, match="deciding-key-not-trusted"):
        rig.decisions.record(HAVERING.warrant())


def test_a_signing_key_decides_nothing(rig: HubRig) -> None:
    """The key that a client holds to publish with is not the one that its body decides with."""
    publisher = rig.publisher()
    decision = decision_of(from_file(HAVERING.warrant()))
    signed = from_file(HAVERING.file(decision)).model_copy(update={"key": to_text(publisher.key)})
    with pytest.raises(NotAuthorised, match="deciding-key-not-trusted"):
        rig.deciding.checked(facts_of(decision, signed).facts)


def test_what_a_body_may_not_decide(rig: HubRig) -> None:
    """A warrant for another's ledger, another's hold, an unknown agreement, text or request."""
    hold = rig.decisions.record(HAVERING.hold("havering", stream="A" * 43)).event
    refused = {
        "warrant-of-another-ledger": REDBRIDGE.warrant(ledger="havering"),
        "hold-of-another-body": REDBRIDGE.lift("havering", hold),
        "agreement-of-another-text": HAVERING.agreement(SHIPPED_AGREEMENT, bytes(32)),
    }
    for code, file in refused.items():
        with pytest.raises(NotAuthorised, match=code):
            rig.decisions.record(file)
    for file in (
        HAVERING.agreement("nobodys@1", bytes(32)),
        HAVERING.lift("havering", fresh_id()),
        HAVERING.lift("redbridge", hold),
        HAVERING.approval("havering", uuid.UUID(hold), bytes(32)),
        HAVERING.hold("elsewhere", stream="A" * 43),
    ):
        with pytest.raises(NotFound):
            rig.decisions.record(file)
    assert isinstance(
        recorded(rig, REDBRIDGE.hold("havering", stream="B" * 42 + "A")), DecidedFacts
    )


def test_a_body_that_is_no_participant(rig: HubRig) -> None:
    """A key that is registered and vouched for is not enough: the body takes part, or not."""
    stranger = Decider("camden")
    rig.registering.register(stranger.document())
    rig.trust.add(Vouched("camden", "deciding", stranger.key))
    with pytest.raises(NotAuthorised, match="body-not-registered"):
        rig.decisions.record(stranger.hold("havering", stream="A" * 43))


def test_an_agreement_binds_who_signed_it_and_nobody_else(rig: HubRig) -> None:
    """Without the controller's signature nothing is taken, without the reader's nothing shown."""
    publisher = rig.publisher()
    rig.trust.withdraw(HAVERING.key)
    (told,) = outcomes(publisher.publish(publisher.event()))
    assert told["outcome"] == "refused"
    reading = Reading(Caller("havering", None, "analyst", "person-1"), AGREEMENT, PURPOSE, "json")
    with pytest.raises(NotAuthorised, match="agreement-not-signed"):
        rig.reading.allow(reading, "factors")
    assert not Deciding(rig.registry, signing.verify).is_bound("havering", AGREEMENT)
    assert rig.deciding.is_bound("redbridge", AGREEMENT)
    assert not rig.deciding.is_bound("redbridge", "bhr-themes@2")


def test_a_part_is_fetched_by_who_signed(rig: HubRig) -> None:
    """Not even its controller fetches a part under an agreement that it does not stand by."""
    publisher = rig.publisher()
    session = publisher.session({"havering": publisher.recipient_public})
    event = publisher.sealed(session.seal)
    publisher.publish(session.event, event)
    wanted = Wanted("havering", uuid.UUID(str(event["id"])), 2, AGREEMENT, PURPOSE)
    caller = Caller("havering", publisher.source, None, "system")
    assert rig.fetching.part(wanted, caller)
    rig.trust.withdraw(HAVERING.key)
    with pytest.raises(NotAuthorised, match="agreement-not-signed"):
        rig.fetching.part(wanted, caller)


def test_a_hold_may_be_lifted_by_its_body(rig: HubRig) -> None:
    """Hold and lift stand in one stream, that of all erasing in the ledger."""
    facts = recorded(rig, HAVERING.hold("havering", stream="A" * 43))
    assert isinstance(facts, LegalHoldSet.Facts)
    hold = decision_of(facts.signed).id
    rig.decisions.record(HAVERING.lift("havering", hold))
    events = rig.havering.opened()
    streams = {one.header.subject for one in events if isinstance(one.facts, DecidedFacts)}
    assert len(streams) == 1
