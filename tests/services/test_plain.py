"""Plain sources: configured ones alone, sealed at intake, and the same again is the same."""

from __future__ import annotations

import json
import logging
import traceback
import uuid
from collections.abc import Iterator

import pytest

from adapters.keys.cipher import AesGcmCipher
from domain.canonical import JsonValue, canonical
from domain.errors import HubError, NotAuthorised, ReferenceRefused, SubmissionRefused
from domain.record import Attestation, decode_record
from domain.values import to_bytes
from domain.vocabulary.custody import SealingSessionOpened
from domain.vocabulary.hub import OWN_SOURCE
from services import plain_sessions
from services.borough.sealing import PartPlace, SealedContent, SessionName, SessionSeal
from services.borough.sessions import DAY_MS
from services.identifiers import uuid7
from services.sessions import session_recipients
from tests.domain.test_wire import paths, replaced
from tests.hub_rig import HubRig, open_rig
from tests.rig_plain import CALLER, RESTRICTED, SOURCE, an_event, send, with_source
from tests.rig_publisher import Json, Publisher, inner, outcomes, subjects, token
from tests.rig_recipient import Recipient
from tests.services.test_publishing import codes

MARKER = "Marker9f41"


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub on which a plain source is registered."""
    with open_rig() as opened:
        opened.registering.register(with_source())
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give the controller, whose recipient key is registered and trusted."""
    return rig.publisher()


def test_an_event_is_recorded_as_plain(rig: HubRig, havering: Publisher) -> None:
    """Facts and shared parts fold as everybody's; the leaf says that the hub could have read it."""
    one, other = an_event(havering), an_event(havering, restricted=False)
    answer = send(rig, one, other)
    assert (answer.recorded, answer.refused) == (2, 0)
    single = rig.plain.submit(canonical(an_event(havering)), CALLER, batch=False)
    assert single.recorded == 1
    for position, sent in ((1, one), (2, other)):
        opened = rig.havering.opened()[position]
        assert opened.attestation is Attestation.PLAIN
        assert (str(opened.event_id), opened.header.source) == (sent["id"], SOURCE)
        assert opened.facts is not None
        assert opened.facts.canonical() == b'{"outcome":"advice"}'
        assert opened.subjects[0].pseudonym == subjects(sent)[0]["pseudonym"]


def test_only_a_source_configured_so_may_send_plainly(rig: HubRig, havering: Publisher) -> None:
    """Anybody else is refused, and that is recorded."""
    sizes = rig.sizes()
    with pytest.raises(NotAuthorised, match="not-a-plain-source"):
        rig.plain.submit(canonical([an_event(havering)]), havering.caller, batch=True)
    assert rig.sizes() == {**sizes, "havering": sizes["havering"] + 1}
    assert rig.havering.refusals()[0].codes == ("not-a-plain-source",)


@pytest.mark.parametrize(
    "changes",
    [
        {"shielded": True},
        {"controller": "metropolitan-police-east"},
        {
            "participant": "metropolitan-police-east",
            "name": "/participants/metropolitan-police-east/crime",
        },
    ],
)
def test_police_and_shielded_sources_are_never_plain(changes: Json) -> None:
    """They cannot even be registered so."""
    with open_rig() as rig, pytest.raises(ReferenceRefused) as found:
        rig.registering.register(with_source(**changes))
    assert {fault.code for fault in found.value.faults} == {"never-plain"}


def test_a_plain_source_addresses_nobody_and_opens_no_session(
    rig: HubRig, havering: Publisher
) -> None:
    """Recipients, sessions and whatever else belongs to signed events is refused by field."""
    addressed = an_event(havering)
    inner(subjects(addressed)[0], "restricted")["recipients"] = ["redbridge"]
    sealed = an_event(havering)
    subjects(sealed)[0]["restricted"] = {
        "commitment": token(), "envelope": "A" * 40, "recipients": ["redbridge"],
    }  # fmt: skip
    named = an_event(havering, sealingsession=token())
    opening = havering.session({"havering": havering.recipient_public}).event
    opening["source"] = SOURCE
    opening["data"] = {"facts": inner(opening, "data")["facts"]}
    told = [codes(one) for one in outcomes(send(rig, addressed, sealed, named, opening))]
    place = "data.subjects.0.restricted."
    assert told[0] == {(f"{place}recipients", "extra-forbidden")}
    assert {(f"{place}recipients", "extra-forbidden")} <= told[1]
    assert told[2] == {("sealingsession", "of-signed-events-alone")}
    assert told[3] == {("type", "of-signed-events-alone")}
    assert rig.havering.ledger.head().size == len(rig.havering.refusals()) == 4


def test_the_controller_opens_what_the_hub_sealed(rig: HubRig, havering: Publisher) -> None:
    """To its registered and trusted key, in a session of the hub's own, recorded first."""
    event = an_event(havering)
    send(rig, event)
    part = Recipient(rig, havering).open("havering", event)
    assert (part.content, part.source) == (canonical(RESTRICTED), OWN_SOURCE)
    opening, recorded = rig.havering.opened()[:2]
    assert opening.header.subject == recorded.header.sealingsession
    assert opening.attestation is Attestation.HUB


def sessions(rig: HubRig) -> list[str]:
    """Give the sessions that were opened, in order."""
    facts = (event.facts for event in rig.havering.opened())
    return [one.session for one in facts if isinstance(one, SealingSessionOpened.Facts)]


def test_a_session_is_used_for_a_day_or_so_many_parts(
    rig: HubRig, havering: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts are counted, not events; a clock that was set back makes no day longer."""
    monkeypatch.setattr(plain_sessions, "PARTS_MAX", 5)
    for expected in (1, 1, 2):
        event = an_event(havering)
        person = subjects(event)[0]
        inner(event, "data")["subjects"] = [person, {**person, "pseudonym": token()}]
        send(rig, event)
        assert len(sessions(rig)) == expected
    for step, expected in ((DAY_MS - 1, 2), (1, 3), (-1, 4)):
        rig.clock.at_ms += step
        send(rig, an_event(havering))
        assert len(set(sessions(rig))) == expected


def test_no_key_that_the_hub_keeps_opens_it(rig: HubRig, havering: Publisher) -> None:
    """With the session no longer in use, nothing in custody or key store opens what was sealed."""
    event = an_event(havering)
    send(rig, event)
    rig.plain = rig.another_plain_desk()
    entry = rig.havering.ledger.find(uuid.UUID(str(event["id"])))
    assert entry is not None
    header, envelope, commitment = rig.havering.opening.envelope(entry, 2)
    found = rig.havering.sessions.facts(str(header.sealingsession))
    assert found is not None
    session = to_bytes(found[1].session)
    name = SessionName("havering", OWN_SOURCE, session, session_recipients(found[1]))
    assert name.recipients == ("havering",)
    place = PartPlace(entry.event_id, 2)
    for key in [*rig.custody._by_id.values()]:
        for secret in (key.secret, key.key_id):
            with pytest.raises(HubError):
                SessionSeal(name, secret, AesGcmCipher()).open(
                    place, SealedContent(envelope, commitment)
                )
    assert canonical(RESTRICTED) not in decode_record(entry.record).sealed_parts[2]


def test_without_a_trusted_key_of_the_controller_nothing_is_taken(rig: HubRig) -> None:
    """What could be sealed to nobody is refused; what has no restricted part is taken."""
    stranger = rig.stranger()
    rig.register_keys(stranger)
    answer = send(rig, an_event(stranger), an_event(stranger, restricted=False))
    told = outcomes(answer)
    assert codes(told[0]) == {("data.subjects.restricted", "no-trusted-key")}
    assert told[1]["outcome"] == "recorded"


def test_a_refused_event_has_no_session_opened_for_it(rig: HubRig, havering: Publisher) -> None:
    """And all or nothing holds the others back, with every number filled."""
    events = [an_event(havering), an_event(havering, purpose="curiosity")]
    answer = send(rig, *events, atomic=True)
    assert [codes(one) for one in outcomes(answer)] == [
        {("", "held-back")},
        {("purpose", "not-covered-by-the-agreement")},
    ]
    assert [one.sequence for one in rig.havering.refusals()] == [e["sequence"] for e in events]
    send(rig, events[1])
    assert len(rig.havering.opened()) == len(rig.havering.refusals()) + 1


def test_an_unread_event_fills_its_number(rig: HubRig, havering: Publisher) -> None:
    """Its id and its number are recorded with the refusal, if they are valid."""
    unread = an_event(havering, precision="week")
    send(rig, unread)
    (refusal,) = rig.havering.refusals()
    assert (refusal.event, refusal.sequence) == (unread["id"], unread["sequence"])
    foreign = an_event(havering, source=havering.source)
    assert codes(outcomes(send(rig, foreign))[0]) == {("source", "not-of-this-token")}
    assert rig.havering.refusals()[-1].sequence is None


def test_an_event_counts_with_its_restricted_part(rig: HubRig, havering: Publisher) -> None:
    """32 KiB, whichever part it is that is too large."""
    event = an_event(havering)
    person = subjects(event)[0]
    inner(event, "data")["subjects"] = [
        {**person, "pseudonym": token(), "restricted": {"narrative": "é" * 1900}} for _ in range(9)
    ]
    assert codes(outcomes(send(rig, event))[0]) == {("", "event-too-large")}
    event["id"] = str(uuid7(rig.clock.now_ms()))
    subjects(event).pop()
    assert outcomes(send(rig, event))[0]["outcome"] == "recorded"


def test_no_value_that_was_sent_comes_back(
    rig: HubRig, havering: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    """Planted in every place, as value or as name, a marker is in nothing that anybody is told."""
    caplog.set_level(logging.DEBUG)
    document: JsonValue = json.loads(canonical(an_event(havering)))
    for path in [(), *paths(document)]:
        for put in (MARKER, {MARKER: MARKER}, [MARKER]):
            raw = canonical([replaced(document, path, put)])
            said: list[object] = []
            try:
                answer = rig.plain.submit(raw, CALLER, batch=True)
                said += [answer.acknowledgement, answer.faults]
            except SubmissionRefused as error:
                said += [*traceback.format_exception(error), error.faults]
            assert MARKER not in str(said)
    refusals = [one.model_dump_json() for one in rig.havering.refusals()]
    assert len(refusals) > 50
    assert MARKER not in str(refusals) + caplog.text
