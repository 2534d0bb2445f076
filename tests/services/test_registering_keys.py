"""A body's list of keys, registered anew: nothing is dropped, and what is replaced is recorded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.keys.ceremony import body_keys
from adapters.keys.key_list import Replacing, Voice, next_list
from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue
from domain.errors import NotAuthorised, ReferenceRefused
from domain.reference.body_keys import BodyKeys, fingerprint
from domain.reference.documents import read_as
from domain.values import to_text
from domain.vocabulary.custody import KeyRotated
from services.audit.verifying.trusted import PublisherKeys
from services.rotating import Reason
from tests.hub_rig import HAVERING, HubRig, open_rig
from tests.key_chains import TODAY, Body
from tests.rig_publisher import Json, Publisher

NEW = Ed25519Signer(b"n" * 32)


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub with the shipped documents registered."""
    with open_rig() as opened:
        yield opened


def rotate(rig: HubRig, publisher: Publisher, reason: Reason) -> None:
    """Register a successor of a publisher's signing key, signed for by the key before."""
    before = rig.registry.body_keys(publisher.participant)
    assert before is not None
    voice = Voice(to_text(publisher.key), publisher.signer.sign)
    replacing = Replacing("signing", publisher.signer.public, NEW.public, voice)
    raw = next_list(before, [replacing], reason, today=TODAY)
    assert raw is not None
    rig.registering.register(raw)


def with_new_key(publisher: Publisher) -> None:
    """Let a publisher sign with the successor."""
    publisher.signer, publisher.key = NEW, fingerprint("signing", NEW.public)


def outcomes(acknowledgement: Json) -> list[JsonValue]:
    """Give what became of each event."""
    events = acknowledgement["events"]
    assert isinstance(events, list)
    return [one["outcome"] for one in events if isinstance(one, dict)]


def test_a_successor_signs_from_when_it_is_registered(rig: HubRig) -> None:
    """Before, nobody knows it; then it is believed for the key before, which is taken as well."""
    publisher, later = rig.publisher(), rig.stranger()
    with_new_key(later)
    with pytest.raises(NotAuthorised, match="signing-key-not-trusted"):
        later.publish(later.event())
    rotate(rig, publisher, "due")
    for one in (publisher, later):
        assert outcomes(one.publish(one.event())) == ["recorded"]


def test_a_withdrawn_key_signs_nothing_more(rig: HubRig) -> None:
    """After a compromise the old key is refused at once; its chain is believed all the same."""
    publisher, later = rig.publisher(), rig.stranger()
    rotate(rig, publisher, "compromised")
    with pytest.raises(NotAuthorised, match="signing-key-not-trusted"):
        publisher.publish(publisher.event())
    with_new_key(later)
    assert outcomes(later.publish(later.event())) == ["recorded"]
    assert rig.registry.public_key("havering", "signing", publisher.key) is not None


def test_a_key_of_which_belief_was_taken_back_signs_nothing_more(rig: HubRig) -> None:
    """Nor does who follows it, without a word of its own; what it signed can be checked still."""
    publisher, later = rig.publisher(), rig.stranger()
    publisher.publish(publisher.event())
    before_ms = rig.clock.at_ms
    rig.clock.at_ms += 1
    rig.trust.remove(publisher.key, rig.clock.at_ms)
    rotate(rig, publisher, "due")
    with_new_key(later)
    for one in (publisher, later):
        with pytest.raises(NotAuthorised, match="signing-key-not-trusted"):
            one.publish(one.event())
    keys = PublisherKeys(rig.registry)
    assert publisher.signer.public in keys(HAVERING, before_ms)
    assert keys(HAVERING, rig.clock.at_ms) == []


def test_what_is_replaced_is_recorded_with_the_list(rig: HubRig) -> None:
    """One event for each key that follows another, in the transaction of the list itself."""
    body = Body()
    rig.registering.register(body.first().canonical())
    start = rig.sizes()["bhr"]
    second = body.rotated(body.first(), 1)
    for _ in range(2):  # registered again it changes nothing
        rig.registering.register(second.canonical())
    facts = [event.facts for event in rig.partnership.opened(start)]
    rotated = [one for one in facts if isinstance(one, KeyRotated.Facts)]
    assert [(one.key_class, one.owner, one.reason) for one in rotated] == [
        ("recipient", "havering", "due"),
        ("signing", "havering", "due"),
    ]
    assert [one.key for one in rotated] == [key.fingerprint for key in second.keys[2:]]


def test_no_key_is_dropped(rig: HubRig) -> None:
    """A later list that leaves out a key is refused, and nothing is recorded."""
    body = Body()
    second = body.rotated(body.first(), 1)
    rig.registering.register(second.canonical())
    sizes = rig.sizes()
    other = read_as(BodyKeys, body_keys("havering", [], effective_from=TODAY).replace(
        b'"keys":[]', b'"keys":[' + body.first().keys[0].canonical() + b"]"
    ).replace(b'"version":1', b'"version":3'))  # fmt: skip
    with pytest.raises(ReferenceRefused) as refused:
        rig.registering.register(other.canonical())
    assert {one.code for one in refused.value.faults} == {"dropped"}
    assert rig.sizes() == sizes
