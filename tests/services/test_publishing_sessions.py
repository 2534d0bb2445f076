"""Sealing sessions at intake: a restricted part is taken only where its recipients can open it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from adapters.ledger.memory import MemoryLedger
from domain.canonical import canonical
from services import sessions
from services.sessions import StoredSessions
from tests.hub_rig import POLICE_IN_HAVERING, REDBRIDGE, HubRig, open_rig
from tests.rig_publisher import (
    CASE_WORK,
    PURPOSE,
    RESTRICTED,
    Json,
    Publisher,
    inner,
    outcomes,
    stated,
    subjects,
    token,
)
from tests.rig_recipient import Recipient
from tests.services.test_publishing import codes

RECIPIENTS = "data.subjects.restricted.recipients"


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def own(publisher: Publisher) -> dict[str, bytes]:
    """Give a publisher's body as the only recipient."""
    return {publisher.participant: publisher.recipient_public}


def told(publisher: Publisher, *events: Json) -> list[set[tuple[str, str]]]:
    """Publish; gives of each event what was wrong with it, nothing for what was recorded."""
    return [
        set() if one["outcome"] == "recorded" else codes(one)
        for one in outcomes(publisher.publish(*events))
    ]


NOT_OPENED = {("sealingsession", "not-opened-by-this-source")}


def test_a_session_may_be_opened_in_the_same_submission(rig: HubRig, havering: Publisher) -> None:
    """Before the event that uses it or after, or long before, also after a restart of the hub."""
    first, second = havering.session(own(havering)), havering.session(own(havering))
    one, other = havering.sealed(first.seal), havering.sealed(second.seal)
    assert told(havering, first.event, one, other, second.event) == [set()] * 4
    assert told(havering, havering.sealed(first.seal)) == [set()]
    fresh = StoredSessions(rig.havering.ledger, rig.custody, rig.havering.opening)
    found = fresh(first.seal.text)
    assert found is not None
    assert (found.event_id, found.source, found.recipients) == (
        first.event["id"],
        havering.source,
        ("havering",),
    )
    assert fresh(token()) is None
    for event in (one, other):
        assert Recipient(rig, havering).open("havering", event).content == canonical(RESTRICTED)


def test_a_restricted_part_needs_a_session_of_its_own_source(
    rig: HubRig, havering: Publisher
) -> None:
    """None, an unknown one, another source's, or another ledger's is told by field."""
    redbridge, police = rig.publisher(REDBRIDGE), rig.publisher(POLICE_IN_HAVERING)
    opening, theirs = havering.session(own(havering)), police.session(own(police))
    elsewhere = redbridge.session(own(redbridge))
    assert told(havering, opening.event) == told(police, theirs.event) == [set()]
    assert told(redbridge, elsewhere.event) == [set()]
    without = havering.sealed(opening.seal)
    del without["sealingsession"]
    assert told(havering, without) == [{("sealingsession", "missing")}]
    for session in (token(), theirs.seal.text, elsewhere.seal.text):
        event = havering.sealed(opening.seal, sealingsession=session)
        assert told(havering, event) == [NOT_OPENED]
    assert rig.havering.ledger.head().size == len(rig.havering.refusals()) + 2


def test_recipients_are_those_of_the_session_and_the_controller_is_among_them(
    rig: HubRig, havering: Publisher
) -> None:
    """A part that somebody named could not open, or its own controller, is not taken."""
    redbridge = rig.publisher(REDBRIDGE)
    both = {**own(havering), **own(redbridge)}
    opening, without = havering.session(both), havering.session(own(redbridge))
    event = havering.move(opening.seal)
    assert told(havering, opening.event, event, without.event) == [set()] * 3
    inner(subjects(event)[0], "restricted")["recipients"] = ["havering"]
    event["id"] = havering.event()["id"]
    assert told(havering, event) == [{(RECIPIENTS, "not-of-the-session")}]
    event = havering.move(without.seal)
    assert told(havering, event) == [{(RECIPIENTS, "without-the-controller")}]
    for wrong in (
        havering.sealed(opening.seal, purpose=CASE_WORK),
        havering.move(opening.seal, purpose=PURPOSE),
    ):
        assert told(havering, wrong) == [{(RECIPIENTS, "not-allowed")}]


def test_nobody_drops_a_recipient_or_swaps_an_envelope(rig: HubRig, havering: Publisher) -> None:
    """The statement covers recipients and envelope, so each change on the way is refused."""
    redbridge = rig.publisher(REDBRIDGE)
    opening = havering.session({**own(havering), **own(redbridge)})
    alone = havering.session(own(havering))
    assert told(havering, opening.event, alone.event) == [set(), set()]
    event = havering.move(opening.seal)
    changes: list[Json] = [
        {"recipients": ["havering"]},
        {"recipients": ["havering", "redbridge", "metropolitan-police-east"]},
        {"envelope": inner(subjects(havering.sealed(opening.seal))[0], "restricted")["envelope"]},
        {"commitment": token()},
    ]
    for change in changes:
        tampered: Json = json.loads(canonical(event))
        inner(subjects(tampered)[0], "restricted").update(change)
        answer = havering.send(havering.over([tampered], [stated(event)]))
        assert ("", "statement-differs") in codes(outcomes(answer)[0])
    dropped: Json = json.loads(canonical(event))
    dropped["sealingsession"] = alone.seal.text
    inner(subjects(dropped)[0], "restricted")["recipients"] = ["havering"]
    answer = havering.send(havering.over([dropped], [stated(event)]))
    assert codes(outcomes(answer)[0]) == {("", "statement-differs")}
    assert rig.havering.ledger.head().size == 2 + len(rig.havering.refusals())


SPOILT: dict[str, Callable[[Json], None]] = {
    "a time long ago": lambda event: event.update(time="1980-01-01T00:00:00Z"),
    "an agreement that is not in force": lambda event: event.update(agreement="bhr-themes@9"),
    "another stream": lambda event: event.update(subject=token()),
    "a field too many": lambda event: event.update(extra=1),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_session_whose_opening_is_refused_seals_nothing(
    rig: HubRig, havering: Publisher, how: str
) -> None:
    """What is sealed in it could never be opened, so it is refused beside it."""
    opening = havering.session(own(havering))
    SPOILT[how](opening.event)
    first, second = told(havering, opening.event, havering.sealed(opening.seal))
    assert first
    assert second == NOT_OPENED
    assert rig.havering.ledger.head().size == len(rig.havering.refusals()) == 2


def test_a_session_whose_opening_was_not_signed_seals_nothing(
    rig: HubRig, havering: Publisher
) -> None:
    """An opening that is not what was stated opens nothing."""
    opening = havering.session(own(havering))
    event = havering.sealed(opening.seal)
    answer = havering.send(havering.over([opening.event, event], [bytes(32), stated(event)]))
    assert [codes(one) for one in outcomes(answer)] == [{("", "statement-differs")}, NOT_OPENED]


def test_a_session_is_found_by_the_stream_that_bears_its_id(
    rig: HubRig, havering: Publisher
) -> None:
    """Opened in another stream it would be found by nobody, so that is a fault of its own."""
    opening = havering.session(own(havering))
    opening.event["subject"] = token()
    assert told(havering, opening.event) == [{("subject", "not-the-session")}]


def test_a_session_is_opened_once(rig: HubRig, havering: Publisher) -> None:
    """By the first event that opens it; the same event again changes nothing."""
    redbridge, police = rig.publisher(REDBRIDGE), rig.publisher(POLICE_IN_HAVERING)
    opening = havering.session(own(havering))
    again: Json = json.loads(canonical(opening.event))
    again["id"] = havering.event()["id"]
    before = ("data.facts.session", "opened-before")
    assert told(havering, opening.event, again) == [set(), {before}]
    assert told(havering, again) == [{before}]
    theirs = police.session(own(police), subject=opening.seal.text)
    inner(inner(theirs.event, "data"), "facts")["session"] = opening.seal.text
    assert told(police, theirs.event) == [{before}]
    wider = havering.session({**own(havering), **own(redbridge)}, subject=opening.seal.text)
    inner(inner(wider.event, "data"), "facts")["session"] = opening.seal.text
    event = havering.sealed(opening.seal)
    assert told(havering, wider.event, opening.event, event) == [{before}, set(), set()]
    assert Recipient(rig, havering).open("havering", event).source == havering.source


def test_an_opening_in_conflict_opens_nothing(rig: HubRig, havering: Publisher) -> None:
    """Under an id that stands with another content a session is not opened."""
    opening, standing = havering.session(own(havering)), havering.event()
    havering.publish(standing)
    opening.event["id"] = standing["id"]
    assert told(havering, opening.event, havering.sealed(opening.seal)) == [
        {("id", "already-recorded-differently")},
        NOT_OPENED,
    ]


def test_every_envelope_of_one_meaning_has_one_spelling(rig: HubRig, havering: Publisher) -> None:
    """Base64url that is not canonical is a fault of its event, and of nothing else."""
    opening = havering.session(own(havering))
    event = havering.sealed(opening.seal)
    sealed = inner(subjects(event)[0], "restricted")
    raw = havering.submission(opening.event, event, havering.event())
    spelt = str(sealed["envelope"]).encode()
    longer = spelt + b"A" * ((1 - len(spelt)) % 4 or 4)
    answer = havering.send(raw.replace(spelt, longer))
    assert [one["outcome"] for one in outcomes(answer)] == ["recorded", "refused", "recorded"]


def test_known_sessions_are_bounded_and_a_broken_opening_is_none(
    rig: HubRig, havering: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered has a bound; what does not open opens no session."""
    monkeypatch.setattr(sessions, "CACHED_SESSIONS_MAX", 2)
    openings = [havering.session(own(havering)) for _ in range(4)]
    havering.publish(*(one.event for one in openings))
    for _ in range(2):
        assert all(rig.havering.sessions(one.seal.text) is not None for one in openings)
    assert len(rig.havering.sessions._known) == 2
    ledger = rig.havering.ledger
    assert isinstance(ledger, MemoryLedger)
    tag = uuid.UUID(bytes=rig.custody.stream_tag("havering", openings[0].seal.text))
    ledger._streams[tag] = [replace(row, record=row.record[:-1]) for row in ledger._streams[tag]]
    assert rig.havering.sessions(openings[0].seal.text) is None
