"""Acknowledgements: believed when everything about them holds, and otherwise not at all."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from adapters.keys.signing import Ed25519Signer
from domain.canonical import JsonValue, canonical
from domain.errors import NotTrusted
from domain.reference.body_keys import fingerprint
from domain.statement import acknowledged_bytes
from domain.values import to_text
from services.hub_door import HubAnswer
from tests.services.borough.boroughs import Borough, assessment, referral
from tests.services.borough.fake_hub import FakeHub

Inner = dict[str, JsonValue]


Forge = Callable[[bytes], bytes]


def as_it_came(raw: bytes) -> bytes:
    """Change nothing."""
    return raw


@dataclass
class ForgingHub(FakeHub):
    """A hub whose answers somebody changes on the way."""

    forge: Forge = as_it_came

    def submit(self, document: bytes, *, atomic: bool) -> HubAnswer:
        """Answer with what became of the answer."""
        answer = super().submit(document, atomic=atomic)
        return HubAnswer(answer.status, self.forge(answer.body))


def resigned(change: Callable[[Inner], object], key: bytes | None = None) -> Forge:
    """Change what an answer says, and sign it: with the hub's own key, or with another."""

    def made(raw: bytes) -> bytes:
        inner: Inner = json.loads(raw)["acknowledgement"]
        change(inner)
        signer = Ed25519Signer(key or bytes(range(32)))
        signature = signer.sign(acknowledged_bytes(canonical(inner)))
        return canonical({"acknowledgement": inner, "signature": to_text(signature)})

    return made


def other_key(inner: Inner) -> None:
    """Name another key."""
    inner["key"] = to_text(fingerprint("hub", Ed25519Signer(b"o" * 32).public))


def fewer(inner: Inner) -> None:
    """Leave an event out."""
    events = inner["events"]
    assert isinstance(events, list)
    events.pop()


def exchanged(inner: Inner) -> None:
    """Exchange two events."""
    events = inner["events"]
    assert isinstance(events, list)
    events.reverse()


def unsigned(raw: bytes) -> bytes:
    """Change what is said and leave the signature."""
    return raw.replace(b'"position":0', b'"position":9')


FORGED: dict[str, Forge] = {
    "not json": lambda _: b"<html>",
    "a duplicate key": lambda raw: raw.replace(b'"signature"', b'"signature":"","signature"'),
    "not an acknowledgement": lambda _: b'{"acknowledgement":{},"signature":""}',
    "another field": lambda raw: raw.replace(b'{"ack', b'{"also":1,"ack'),
    "changed and not signed again": unsigned,
    "signed with a key of nobody's": resigned(other_key, b"o" * 32),
    "the hub's name on another key's signature": resigned(lambda _: None, b"o" * 32),
    "another ledger": resigned(lambda inner: inner.update(ledger="redbridge")),
    "another source": resigned(lambda inner: inner.update(source="/participants/a/b")),
    "another submission": resigned(
        lambda inner: inner.update(submission="018bcfe5-6800-7000-8000-000000000001")
    ),
    "an event left out": resigned(fewer),
    "two events exchanged": resigned(exchanged),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_a_forged_answer_moves_nothing(forgery: str) -> None:
    """What was sent stays in the outbox and goes again, the same bytes, until truly answered."""
    hub = ForgingHub()
    client = Borough(hub).client()
    client.publish([assessment("C1"), assessment("C2")])
    hub.forge = FORGED[forgery]
    waiting = client.status().waiting
    with pytest.raises(NotTrusted):
        client.send()
    assert client.status().waiting == waiting
    hub.forge = as_it_came
    assert client.send().left == 0
    assert hub.received[0] == hub.received[1]


def test_a_true_answer_is_kept_byte_for_byte() -> None:
    """The signed answer is the borough's own proof, and is kept as it came."""
    hub = FakeHub()
    client = Borough(hub).client()
    (submission,) = client.publish([referral()]).submissions
    client.send()
    assert client.acknowledgement(submission) == hub.answers[str(submission)][1]


def test_without_the_hubs_key_an_answer_waits() -> None:
    """A key that is vouched for but cannot be had yet is no reason to lose or believe anything."""
    hub = FakeHub()
    client = Borough(hub).client()
    client.publish([referral()])
    del hub.listed["bhr"]
    assert client.send().left
    hub.listed["bhr"] = [("hub", Ed25519Signer(b"o" * 32).public)]
    assert client.send().left
    hub.listed["bhr"] = [("hub", hub.signer.public)]
    assert client.send().left == 0


def test_the_hub_s_key_is_asked_for_once() -> None:
    """A load of many submissions does not ask for the same key at each of them."""
    hub = FakeHub()
    client = Borough(hub).client()
    client.publish([referral()])
    client.send()
    del hub.listed["bhr"]
    client.publish([referral("C2")])
    assert client.send().left == 0


def test_trust_that_is_taken_back_counts_at_once() -> None:
    """The trust file is asked at every answer, also by a client that has seen the key before."""
    borough = Borough(FakeHub())
    client = borough.client()
    client.publish([referral()])
    client.send()
    borough.trust.given.clear()
    client.publish([referral("C2")])
    with pytest.raises(NotTrusted, match="hub's signing key"):
        client.send()
