"""Fetching sealed parts over HTTP: to whom they are addressed, still sealed, and recorded first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from adapters.http.documents import PartAnswer
from adapters.http.notices_documents import NoticesAnswer, WaitingAnswer
from domain.vocabulary.hub import PartFetched
from services.identifiers import uuid7
from services.ports import Caller
from tests.fakes_keys import MemoryKeyStore
from tests.http_rig import WHY, HttpRig, problem_in
from tests.hub_rig import REDBRIDGE
from tests.rig_publisher import AGREEMENT, inner, subjects

CASE_WORK = {"agreement": AGREEMENT, "purpose": "case-work"}


@dataclass(frozen=True)
class Sealed:
    """A served hub that holds one event about one child, sealed to its controller."""

    door: HttpRig
    event: str
    envelope: str
    recipient: Mapping[str, str]

    def path(self, *, ledger: str = "havering", event: str | None = None, number: int = 2) -> str:
        """Give where a part is fetched."""
        return f"/v1/parts/{ledger}/{event or self.event}/{number}"


@pytest.fixture
def sealed(door: HttpRig) -> Sealed:
    """Publish a sealed part."""
    publisher = door.publisher
    session = publisher.session({"havering": publisher.recipient_public})
    event = publisher.sealed(session.seal)
    assert door.post(publisher.submission(session.event, event)).status_code == 200
    envelope = str(inner(subjects(event)[0], "restricted")["envelope"])
    recipient = door.bearer(Caller("havering", None, "social-worker", "person-9"))
    return Sealed(door, str(event["id"]), envelope, recipient)


def test_a_recipient_is_given_the_part_as_it_was_sealed(sealed: Sealed) -> None:
    """The publisher's envelope, byte for byte, with the session that it opens in."""
    door = sealed.door
    response = door.client.get(sealed.path(), params=CASE_WORK, headers=sealed.recipient)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    answer = PartAnswer.model_validate_json(response.content)
    assert (answer.ledger, answer.event, answer.part) == ("havering", sealed.event, 2)
    assert answer.envelope == sealed.envelope
    assert [one.participant for one in answer.session.recipients] == ["havering"]


def test_a_fetch_is_recorded_where_the_sender_sees_it(sealed: Sealed) -> None:
    """Who fetched which part, why: in the event's own ledger, before the part leaves."""
    door = sealed.door
    sizes = door.rig.sizes()
    door.client.get(sealed.path(), params=CASE_WORK, headers=sealed.recipient)
    assert door.rig.sizes() == {**sizes, "havering": sizes["havering"] + 1}
    facts = door.rig.havering.opened()[-1].facts
    assert isinstance(facts, PartFetched.Facts)
    assert (facts.event, facts.ledger, facts.part) == (sealed.event, "havering", 2)
    assert (facts.participant, facts.reader) == ("havering", "person-9")
    assert (facts.agreement, facts.purpose) == (AGREEMENT, "case-work")


def test_what_cannot_be_recorded_is_not_handed_out(sealed: Sealed) -> None:
    """503, and no envelope."""
    sealed.door.rig.havering.committer.close()
    response = sealed.door.client.get(sealed.path(), params=CASE_WORK, headers=sealed.recipient)
    problem_in(response, 503, "not-available")
    assert sealed.envelope not in response.text


def test_nobody_else_is_told_that_there_is_such_a_part(sealed: Sealed) -> None:
    """Another body, ledger, event or number: 404 in the very same words, and no record."""
    door = sealed.door
    other = door.bearer(Caller("redbridge", None, "social-worker", "person-8"))
    sizes = door.rig.sizes()
    answers = [
        door.client.get(path, params=CASE_WORK, headers=who)
        for path, who in [
            (sealed.path(), other),
            (sealed.path(number=4), sealed.recipient),
            (sealed.path(number=1), sealed.recipient),
            (sealed.path(number=0), sealed.recipient),
            (sealed.path(ledger="redbridge"), sealed.recipient),
            (sealed.path(ledger="nowhere"), sealed.recipient),
            (sealed.path(event=str(uuid7(door.rig.clock.now_ms()))), sealed.recipient),
        ]
    ]
    for answer in answers:
        problem_in(answer, 404, "not-found")
    assert len({answer.content for answer in answers}) == 1
    assert door.rig.sizes() == sizes


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ({**WHY, "agreement": "bhr-themes@9"}, "agreement-not-in-force"),
        ({**WHY, "purpose": "curiosity"}, "agreement-does-not-cover"),
    ],
)
def test_agreement_and_purpose_are_needed(sealed: Sealed, why: dict[str, str], code: str) -> None:
    """A recipient fetches under an agreement in force, for a purpose that it names."""
    sizes = sealed.door.rig.sizes()
    answer = sealed.door.client.get(sealed.path(), params=why, headers=sealed.recipient)
    problem_in(answer, 403, code)
    assert sealed.door.rig.sizes() == sizes


def test_a_part_whose_key_is_destroyed_is_gone(sealed: Sealed) -> None:
    """410 for what was erased, without a record of a fetch that was none."""
    door = sealed.door
    keys = door.rig.key_store
    assert isinstance(keys, MemoryKeyStore)
    keys._rows = {tag: row for tag, row in keys._rows.items() if row.key_class != "subject"}
    door.rig.custody.forget()
    sizes = door.rig.sizes()
    answer = door.client.get(sealed.path(), params=CASE_WORK, headers=sealed.recipient)
    problem_in(answer, 410, "not-opened")
    assert door.rig.sizes() == sizes


def test_what_waits_is_told_to_whom_it_was_sent(door: HttpRig) -> None:
    """Each body its own: a recipient the part that it has not fetched, its controller none."""
    publisher, redbridge = door.publisher, door.rig.publisher(REDBRIDGE)
    both = {one.participant: one.recipient_public for one in (publisher, redbridge)}
    session = publisher.session(both)
    move = publisher.move(session.seal)
    assert door.post(publisher.submission(session.event, move)).status_code == 200
    told = {}
    for body in ("redbridge", "havering"):
        caller = door.bearer(Caller(body, None, "social-worker", "person-9"))
        response = door.client.get("/v1/waiting", headers=caller)
        answer = WaitingAnswer.model_validate_json(response.content)
        assert (response.status_code, answer.participant) == (200, body)
        told[body] = [(one.ledger, one.event, one.part) for one in answer.waiting]
    assert told == {"havering": [], "redbridge": [("havering", move["id"], 2)]}
    assert door.client.get("/v1/waiting").status_code == 401


def test_what_became_of_a_part_is_told_to_whom_it_was_sent(door: HttpRig) -> None:
    """Each body its own notices: a recipient that its source took the event back."""
    publisher, redbridge = door.publisher, door.rig.publisher(REDBRIDGE)
    both = {one.participant: one.recipient_public for one in (publisher, redbridge)}
    session = publisher.session(both)
    move = publisher.move(session.seal)
    taking = publisher.event("record-withdrawn", subject=move["subject"], supersedes=move["id"])
    inner(taking, "data").update(facts={"reason": "wrong-file"}, subjects=[])
    assert door.post(publisher.submission(session.event, move, taking)).status_code == 200
    told = {}
    for body in ("redbridge", "havering"):
        caller = door.bearer(Caller(body, None, "social-worker", "person-9"))
        response = door.client.get("/v1/notices", headers=caller)
        assert response.status_code == 200
        answer = NoticesAnswer.model_validate_json(response.content)
        assert answer.participant == body
        told[body] = [(one.what, one.because, one.event) for one in answer.notices]
    assert told == {"havering": [], "redbridge": [("withdrawn", taking["id"], move["id"])]}
