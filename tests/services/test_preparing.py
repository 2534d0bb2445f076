"""From a parsed event to exact bytes, salts and commitments."""

from __future__ import annotations

import uuid

import pytest

from domain.canonical import canonical
from domain.envelope import Header
from domain.record import Attestation
from domain.statement import PartClass, commit
from domain.values import to_bytes
from domain.vocabulary import hub
from domain.wire import Unread
from services.preparing import PreparedEvent, from_signed, own_event
from tests.hub_rig import WIRE, HubRig, open_rig
from tests.rig_publisher import Json, Publisher, a_subject, inner, stated, subjects


def prepared(publisher: Publisher, event: Json) -> PreparedEvent:
    """Take an event off the wire and prepare it."""
    (read,) = WIRE.signed_submission(publisher.submission(event)).events
    assert not isinstance(read, Unread)
    return from_signed(read)


@pytest.fixture(scope="module")
def publisher() -> Publisher:
    """Give a publisher; nothing is published here."""
    with open_rig(HubRig()) as rig:
        return rig.publisher()


def a_sealed_event(publisher: Publisher) -> Json:
    """Give an event about two children, one of them with a restricted part."""
    opening = publisher.session({"havering": publisher.recipient_public})
    event = publisher.sealed(opening.seal)
    inner(event, "data")["subjects"] = [a_subject(), *subjects(event)]
    return event


def test_the_digest_is_that_of_what_was_sent(publisher: Publisher) -> None:
    """What the hub recomputes from models is what the publisher stated from its own JSON."""
    for event in (publisher.event(), a_sealed_event(publisher)):
        assert prepared(publisher, event).digest == stated(event)


def test_each_part_has_its_bytes_its_salt_and_its_key(publisher: Publisher) -> None:
    """Facts go under the stream's key, all of a person under that person's, sealed or not."""
    event = a_sealed_event(publisher)
    made = prepared(publisher, event)
    first, second = subjects(event)
    sealed = inner(second, "restricted")
    names = [first["pseudonym"], second["pseudonym"], second["pseudonym"]]
    assert [(one.number, one.part_class, one.key_class, one.key_name) for one in made.parts] == [
        (0, PartClass.FACTS, "stream", event["subject"]),
        (1, PartClass.SHARED, "subject", names[0]),
        (3, PartClass.SHARED, "subject", names[1]),
        (4, PartClass.RESTRICTED, "subject", names[2]),
    ]  # fmt: skip
    facts, shared, _, restricted = made.parts
    assert facts.content == canonical(inner(event, "data")["facts"])
    assert shared.content == canonical({k: v for k, v in first.items() if k != "salt"})
    assert restricted.content == to_bytes(str(sealed["envelope"]))
    assert restricted.commitment == to_bytes(str(sealed["commitment"]))
    assert (restricted.salt, restricted.recipients) == (b"", ("havering",))
    for part in made.parts[:3]:
        assert part.commitment == commit(part.salt, part.content)


def test_an_event_says_who_and_what_it_is(publisher: Publisher) -> None:
    """Id, source, number, stream and attestation are the header's."""
    event = publisher.event()
    made = prepared(publisher, event)
    assert (made.event_id, made.source, str(made.sequence), made.stream, made.attestation) == (
        uuid.UUID(str(event["id"])),
        event["source"],
        event["sequence"],
        event["subject"],
        Attestation.SIGNED,
    )
    assert made.header_commitment == commit(made.header_salt, made.header)


def test_size_is_what_has_to_be_stored(publisher: Publisher) -> None:
    """Header and parts as bytes, the envelope decoded."""
    event = a_sealed_event(publisher)
    made = prepared(publisher, event)
    header = canonical({name: value for name, value in event.items() if name != "data"})
    assert made.size() == len(header) + sum(len(part.content) for part in made.parts)


def test_the_hub_s_own_events_have_salts_of_their_own(publisher: Publisher) -> None:
    """About no person, attested by the hub, and never twice the same digest."""
    raw = canonical({k: v for k, v in publisher.event().items() if k != "data"})
    header = Header.model_validate_json(raw)
    facts = hub.Canary.Facts(beat=1, sent_at="2024-05-01T00:00:00Z")
    one, other = own_event(header, facts), own_event(header, facts)
    assert (one.header, [part.part_class for part in one.parts]) == (raw, [PartClass.FACTS])
    assert one.attestation is Attestation.HUB
    assert one.digest != other.digest
    assert {len(one.header_salt), len(one.parts[0].salt)} == {32}
