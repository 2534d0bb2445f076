"""Publishing over HTTP: each outcome has its status, its document, and what is recorded of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping, Sequence

import pytest

from adapters.http.bodies import BATCH_TYPE, ONE_TYPE
from adapters.http.described import ACKNOWLEDGEMENT_TYPE
from adapters.http.documents import Acknowledgement
from adapters.keys import signing
from domain.canonical import JsonValue, canonical
from domain.statement import acknowledged_bytes
from domain.values import to_bytes, to_text
from domain.wire import SIGNED_TYPE
from services.ports import Caller
from tests.http_rig import EVENTS, PLAIN_TYPES, HttpRig, faults_in, problem_in
from tests.hub_rig import POLICE_IN_HAVERING, REDBRIDGE
from tests.rig_publisher import Json, inner, stated


def test_a_submission_is_answered_with_the_signed_acknowledgement(door: HttpRig) -> None:
    """The answer's bytes are those that are stored, and the hub's signature covers them."""
    raw = door.publisher.submission(door.publisher.event(), door.publisher.event())
    answer = door.post(raw)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == ACKNOWLEDGEMENT_TYPE
    assert answer.headers["cache-control"] == "no-store"
    told = Acknowledgement.model_validate_json(answer.content)
    assert [one.outcome for one in told.acknowledgement.events] == ["recorded", "recorded"]
    signed = acknowledged_bytes(canonical(json.loads(answer.content)["acknowledgement"]))
    public = door.rig.signer.public
    assert signing.verify(public, to_bytes(told.signature), signed)


@pytest.mark.parametrize("encoding", ["identity", "gzip", "GZip"])
def test_the_same_bytes_again_have_the_same_answer(door: HttpRig, encoding: str) -> None:
    """However often and in whichever coding a submission is sent, it is recorded once."""
    raw = door.publisher.submission(door.publisher.event())
    sent = raw if encoding == "identity" else gzip.compress(raw)
    first = door.post(raw)
    sizes = door.rig.sizes()
    again = door.post(sent, content_encoding=encoding)
    assert (again.status_code, again.content) == (200, first.content)
    assert door.rig.sizes() == sizes


def test_some_refused_is_still_an_acknowledgement(door: HttpRig) -> None:
    """What stands is told beside what does not: 200, since something was recorded."""
    late = door.publisher.event(time="2031-01-01T00:00:00Z")
    answer = door.post(door.publisher.submission(door.publisher.event(), late))
    assert answer.status_code == 200
    told = Acknowledgement.model_validate_json(answer.content).acknowledgement.events
    assert [one.outcome for one in told] == ["recorded", "refused"]
    assert door.refusals() == [("in-the-future",)]


def test_all_refused_is_a_problem_with_the_acknowledgement_inside(door: HttpRig) -> None:
    """Every fault of every event at once, by event and place; the refusals alone are recorded."""
    late = door.publisher.event(time="2031-01-01T00:00:00Z", purpose="curiosity")
    unread = {**door.publisher.event(), "precision": "week"}
    told = problem_in(door.post(door.publisher.submission(late, unread)), 422, "events-refused")
    assert faults_in(told) == {
        (0, "purpose", "not-covered-by-the-agreement"),
        (0, "time", "in-the-future"),
        (1, "precision", "literal-error"),
    }
    assert told.acknowledgement is not None
    judged = told.acknowledgement.acknowledgement.events
    assert [one.id for one in judged] == [late["id"], unread["id"]]
    assert door.refusals() == [
        ("in-the-future", "not-covered-by-the-agreement"),
        ("literal-error",),
    ]
    assert door.rig.havering.ledger.head().size == 2


@pytest.mark.parametrize("query", [{}, {"atomic": "false"}])
def test_without_atomic_each_event_stands_for_itself(door: HttpRig, query: dict[str, str]) -> None:
    """One bad event never holds up its neighbours unless the publisher asked for it."""
    late = door.publisher.event(time="2031-01-01T00:00:00Z")
    answer = door.post(door.publisher.submission(door.publisher.event(), late), query=query)
    assert answer.status_code == 200
    assert outcomes_in(answer.json()) == ["recorded", "refused"]


def test_with_atomic_one_fault_holds_back_everything(door: HttpRig) -> None:
    """`?atomic=true` records all of the batch or nothing but its refusals."""
    late = door.publisher.event(time="2031-01-01T00:00:00Z")
    raw = door.publisher.submission(door.publisher.event(), late)
    told = problem_in(door.post(raw, query={"atomic": "true"}), 422, "events-refused")
    assert faults_in(told) == {(1, "time", "in-the-future")}
    assert told.acknowledgement is not None
    assert outcomes_in(told.acknowledgement.model_dump()) == ["refused", "refused"]
    assert door.refusals() == [("held-back",), ("in-the-future",)]


def outcomes_in(signed: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Give the outcome of each event, in order."""
    events = inner(signed, "acknowledgement")["events"]
    assert isinstance(events, Sequence)
    return [inner({"one": event}, "one")["outcome"] for event in events]


# --- refused as a whole ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source": REDBRIDGE}, "not-of-this-token"),
        ({"source": POLICE_IN_HAVERING}, "not-of-this-token"),
        ({"ledger": "redbridge"}, "another-ledger"),
        ({"ledger": "bhr"}, "another-ledger"),
        ({"key": to_text(bytes(32))}, "signing-key-not-trusted"),
        ({"signature": to_text(bytes(64))}, "signature-does-not-hold"),
    ],
)
def test_what_the_head_may_not_say_is_forbidden(door: HttpRig, changes: Json, code: str) -> None:
    """Another source, ledger, key or signature: 403, and the refusal alone is recorded."""
    sizes = door.rig.sizes()
    raw = door.publisher.submission(door.publisher.event(), **changes)
    problem_in(door.post(raw), 403, code)
    assert door.refusals() == [(code,)]
    assert door.rig.sizes() == {**sizes, "havering": sizes["havering"] + 1}


@pytest.mark.parametrize(
    ("body", "status", "code", "faults"),
    [
        (b"", 400, "not-json", {(-1, "", "not-json")}),
        (b"{", 400, "not-json", {(-1, "", "not-json")}),
        (b"\xff", 400, "not-json", {(-1, "", "not-utf-8")}),
        (b"[]", 422, "submission-refused", {(-1, "", "not-a-submission")}),
        (b'{"a":1,"a":1}', 422, "submission-refused", {(-1, "", "duplicate-key")}),
        (
            b'{"events":[],"submission":{"id":7}}',
            422,
            "submission-refused",
            {
                (-1, f"submission.{name}", "missing")
                for name in ("key", "ledger", "signature", "source", "statements")
            }
            | {(-1, "submission.id", "string-type")},
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_every_reason(
    door: HttpRig, body: bytes, status: int, code: str, faults: set[tuple[int, str, str]]
) -> None:
    """400 for what is no JSON, 422 for JSON that is no submission; codes alone are recorded."""
    assert faults_in(problem_in(door.post(body), status, code)) == faults
    assert door.refusals() == [tuple(sorted({one for _, _, one in faults}))]


def test_a_submission_id_recorded_with_another_content_is_a_conflict(door: HttpRig) -> None:
    """What stands is not replaced, and not answered as if it had been sent."""
    first = door.publisher.submission(door.publisher.event())
    assert door.post(first).status_code == 200
    sizes = door.rig.sizes()
    name = str(inner(json.loads(first), "submission")["id"])
    event = door.publisher.event()
    other = door.publisher.over([event], [stated(event)], name)
    problem_in(door.post(other), 409, "already-recorded-differently")
    assert door.rig.sizes() == sizes


def test_event_ids_recorded_with_another_content_are_a_conflict(door: HttpRig) -> None:
    """Where nothing of a batch stands and nothing is to be corrected, the answer is 409."""
    event = door.publisher.event()
    assert door.post(door.publisher.submission(event)).status_code == 200
    altered = {**event, "time": "2024-05-02T00:00:00Z"}
    told = problem_in(
        door.post(door.publisher.submission(altered)), 409, "already-recorded-differently"
    )
    assert told.faults is None
    assert told.acknowledgement is not None
    assert outcomes_in(told.acknowledgement.model_dump()) == ["refused"]


# --- plain sources --------------------------------------------------------------------------------


def test_a_plain_event_is_sealed_and_recorded(door: HttpRig) -> None:
    """A source that cannot run the client sends one CloudEvent; the hub opens a session for it."""
    answer = door.post(canonical(door.plain_event()), ONE_TYPE)
    assert (answer.status_code, answer.headers["content-type"]) == (200, ACKNOWLEDGEMENT_TYPE)
    kinds = [event.header.kind_name() for event in door.rig.havering.opened()]
    assert kinds == ["sealing-session-opened", "referral-received"]


def test_a_plain_batch_is_judged_event_by_event(door: HttpRig) -> None:
    """A batch of plain CloudEvents is answered as any batch is, atomic or not."""
    batch = canonical([door.plain_event(), {**door.plain_event(), "precision": "week"}])
    assert outcomes_in(door.post(batch, BATCH_TYPE).json()) == ["recorded", "refused"]
    sizes = door.rig.sizes()
    problem_in(door.post(batch, BATCH_TYPE, query={"atomic": "true"}), 422, "events-refused")
    assert door.rig.sizes() == {**sizes, "havering": sizes["havering"] + 2}


@pytest.mark.parametrize(
    ("kind", "body"),
    [(ONE_TYPE, b"[]"), (BATCH_TYPE, b"{}"), (BATCH_TYPE, b"[]"), (ONE_TYPE, b"7")],
)
def test_one_event_is_no_batch_and_a_batch_no_event(door: HttpRig, kind: str, body: bytes) -> None:
    """The content type says what the body is; another shape is refused, and recorded so."""
    assert door.post(body, kind).status_code == 422
    assert len(door.refusals()) == 1


@pytest.mark.parametrize("kind", PLAIN_TYPES)
def test_a_source_that_seals_may_not_send_plain(door: HttpRig, kind: str) -> None:
    """What is configured to run the client cannot fall back to being read by the hub."""
    problem_in(door.post(b"[]", kind, as_plain=False), 403, "not-a-plain-source")
    assert door.refusals() == [("not-a-plain-source",)]


def test_a_plain_source_may_sign_if_it_can(door: HttpRig) -> None:
    """Plain is what a source may do, not what it must; its body's key signs for it as well."""
    publisher = door.publisher_of_plain_source()
    raw = publisher.submission(publisher.event())
    headers = {**door.plain, "content-type": SIGNED_TYPE}
    assert door.client.post(EVENTS, content=raw, headers=headers).status_code == 200


# --- who may not publish --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caller", "code"),
    [
        (Caller("havering", None, "analyst", "person-1"), "not-a-publishing-token"),
        (
            Caller("havering", "/participants/havering/unheard-of", None, "system"),
            "source-not-registered",
        ),
        (
            Caller("nowhere", "/participants/nowhere/system", None, "system"),
            "source-not-registered",
        ),
    ],
)
def test_who_may_not_publish_is_told_before_the_body_is_read(
    door: HttpRig, caller: Caller, code: str
) -> None:
    """A token that speaks for no registered source: 403 whatever is sent, and nothing recorded."""
    sizes = door.rig.sizes()
    for body in (b"", b"x" * 6_000_000):
        headers = {**door.bearer(caller), "content-type": "text/plain"}
        problem_in(door.client.post(EVENTS, content=body, headers=headers), 403, code)
    assert door.rig.sizes() == sizes


# --- the hub's own troubles -----------------------------------------------------------------------


def test_a_ledger_that_does_not_answer_is_503(door: HttpRig) -> None:
    """Nothing is recorded, and the publisher is told when to come back."""
    door.rig.havering.committer.close()
    sizes = door.rig.sizes()
    problem_in(door.post(door.publisher.submission(door.publisher.event())), 503, "not-available")
    problem_in(door.post(b"not json"), 503, "not-available")
    assert door.rig.sizes() == sizes


def test_a_plain_source_whose_controller_has_no_trusted_key_is_refused(door: HttpRig) -> None:
    """The hub seals to nobody whom it was not told to believe: the event is refused, by field."""
    for one in door.rig.trust.entries():
        if one.purpose == "recipient":
            door.rig.trust.withdraw(one.fingerprint)
    told = problem_in(door.post(canonical(door.plain_event()), ONE_TYPE), 422, "events-refused")
    assert faults_in(told) == {(0, "data.subjects.restricted", "no-trusted-key")}
