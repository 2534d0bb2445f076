"""Publishing: each event's own outcome, every fault at once, nothing recorded but the refusal."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator

import pytest

from domain.errors import NotAuthorised, SubmissionRefused
from domain.record import Attestation, decode_record
from domain.values import to_text
from services.acknowledging import instant
from services.identifiers import uuid7
from services.ports import Caller
from tests.hub_rig import (
    HAVERING,
    POLICE_IN_HAVERING,
    REDBRIDGE,
    HubRig,
    open_rig,
)
from tests.rig_publisher import (
    Json,
    Publisher,
    a_subject,
    inner,
    outcomes,
    stated,
    subjects,
    token,
)


@pytest.fixture
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def codes(outcome: Json) -> set[tuple[str, str]]:
    """Give place and code of what an outcome says was wrong."""
    faults = outcome["faults"]
    assert isinstance(faults, list)
    return {(fault["place"], fault["code"]) for fault in faults}


def test_what_is_right_is_recorded_and_told_where(rig: HubRig, havering: Publisher) -> None:
    """Positions and time of each event are answered in the order that they were sent."""
    events = [havering.event() for _ in range(3)]
    answer = havering.send(havering.submission(*events))
    assert (answer.recorded, answer.refused, answer.faults) == (3, 0, ())
    assert outcomes(answer) == [
        {
            "id": event["id"],
            "outcome": "recorded",
            "position": position,
            "recorded": instant(rig.clock.now_ms()),
        }
        for position, event in enumerate(events)
    ]
    opened = rig.havering.opened()
    assert [str(one.event_id) for one in opened] == [event["id"] for event in events]
    assert {one.attestation for one in opened} == {Attestation.SIGNED}


def test_a_leaf_names_submission_index_and_number(rig: HubRig, havering: Publisher) -> None:
    """An auditor finds each record's place in what was signed."""
    submission = str(havering.publish(havering.event(), havering.event())["submission"])
    leaves = [decode_record(row.record).leaf for row in rig.havering.ledger.read(0, 9)]
    assert [(leaf.submission, leaf.index, leaf.sequence) for leaf in leaves] == [
        (uuid.UUID(submission), 0, 1),
        (uuid.UUID(submission), 1, 2),
    ]


def test_one_bad_event_never_holds_up_its_neighbours(rig: HubRig, havering: Publisher) -> None:
    """What stands is recorded; what does not is told and recorded as refused, by codes alone."""
    late = havering.event(time="2025-06-17T00:00:00Z")
    unread = {**havering.event(), "precision": "week"}
    events = [havering.event(), late, unread, havering.event()]
    answer = havering.send(havering.submission(*events))
    told = outcomes(answer)
    assert [one.get("position") for one in told] == [0, None, None, 1]
    assert codes(told[1]) == {("time", "in-the-future")}
    assert codes(told[2]) == {("precision", "literal-error")}
    assert [(fault.event, fault.code) for fault in answer.faults] == [
        (1, "in-the-future"),
        (2, "literal-error"),
    ]
    refusals = rig.havering.refusals()
    assert [(one.codes, one.event, one.sequence) for one in refusals] == [
        (("in-the-future",), late["id"], late["sequence"]),
        (("literal-error",), unread["id"], unread["sequence"]),
    ]
    submissions = {
        decode_record(row.record).leaf.submission for row in rig.havering.ledger.read(0, 9)
    }
    assert {one.submission for one in refusals} == {str(one) for one in submissions}
    assert {one.source for one in refusals} == {HAVERING}


def test_every_fault_of_every_event_comes_at_once(rig: HubRig, havering: Publisher) -> None:
    """By event and field, all of them, also what authorising and the statement say."""
    wrong = havering.event(
        time="1980-01-01T00:00:00Z",
        purpose="curiosity",
        dataschema="urn:bhr:schema:referral-closed:v1",
        source="/participants/havering/other",
    )
    uncovered = havering.event("office-ended")
    inner(uncovered, "data")["facts"] = {
        "effective_until": "2025-06-01", "holder": "x", "office": "director",
        "participant": "havering",
    }  # fmt: skip
    subjects(uncovered).clear()
    raw = havering.over([wrong, uncovered], [secrets.token_bytes(32), stated(uncovered)])
    answer = havering.send(raw)
    assert [codes(one) for one in outcomes(answer)] == [
        {
            ("time", "before-1990"),
            ("purpose", "not-covered-by-the-agreement"),
            ("dataschema", "another-schema"),
            ("source", "not-of-this-token"),
            ("", "statement-differs"),
        },
        {("type", "not-covered-by-the-agreement")},
    ]
    refusals = rig.havering.refusals()
    assert rig.sizes()["havering"] == len(refusals) == 2
    # Another source's number fills no gap in this one's count.
    assert [one.sequence for one in refusals] == [None, uncovered["sequence"]]


def salts(event: Json) -> Json:
    """Give the salts of an event."""
    return inner(inner(event, "data"), "salts")


TAMPERINGS: dict[str, Callable[[Json], None]] = {
    "another time": lambda event: event.update(time="2024-05-02T00:00:00Z"),
    "another header salt": lambda event: salts(event).update(header=token()),
    "other facts": lambda event: inner(event, "data").update(facts={"source_code": "2B"}),
    "another person": lambda event: subjects(event)[0].update(pseudonym=token()),
    "another shared part": lambda event: subjects(event)[0].update(shared={}),
    "a person more": lambda event: subjects(event).append(a_subject()),
    "another correction": lambda event: event.update(supersedes=str(uuid7(1))),
    "a null more": lambda event: event.update(incidentla=None),
}


@pytest.mark.parametrize("what", TAMPERINGS)
def test_an_event_that_is_not_what_was_signed_is_refused(
    rig: HubRig, havering: Publisher, what: str
) -> None:
    """The hub recomputes each statement; its neighbour stands."""
    event, good = havering.event(), havering.event()
    digests = [stated(event), stated(good)]
    TAMPERINGS[what](event)
    told = outcomes(havering.send(havering.over([event, good], digests)))
    assert codes(told[0]) == {("", "statement-differs")}
    assert told[1]["outcome"] == "recorded"


def test_events_cannot_be_dropped_added_or_reordered(rig: HubRig, havering: Publisher) -> None:
    """The signature covers their number and order."""
    events = [havering.event() for _ in range(3)]
    digests = [stated(event) for event in events]
    for changed in (events[:2], [*events, havering.event()]):
        with pytest.raises(SubmissionRefused) as found:
            havering.send(havering.over(changed, digests))
        assert {fault.code for fault in found.value.faults} == {"not-one-an-event"}
    answer = havering.send(havering.over([events[1], events[0], events[2]], digests))
    assert [one["outcome"] for one in outcomes(answer)] == ["refused", "refused", "recorded"]
    dropped = [to_text(digest) for digest in digests[:2]]
    with pytest.raises(NotAuthorised, match="signature-does-not-hold"):
        havering.send(
            havering.submission(*events[:2], statements=dropped, signature=to_text(bytes(64)))
        )
    assert len(rig.havering.opened()) == len(rig.havering.refusals()) + 1


def reason_of(publisher: Publisher, raw: bytes) -> str:
    """Give the reason for which a whole submission is refused."""
    try:
        publisher.send(raw)
    except NotAuthorised as refusal:
        return refusal.reason
    except SubmissionRefused as refusal:
        (fault,) = refusal.faults
        assert fault.event == -1
        return fault.code
    return "it was taken"


def refused_whole(rig: HubRig, publisher: Publisher, raw: bytes) -> str:
    """Give the reason for which a whole submission is refused; nothing else is recorded."""
    before = rig.sizes()
    reason = reason_of(publisher, raw)
    after = rig.sizes()
    assert after == {**before, publisher.ledger: before[publisher.ledger] + 1}
    (refusal,) = rig.stands[publisher.ledger].refusals(before[publisher.ledger])
    assert (refusal.codes, refusal.source) == ((reason,), publisher.source)
    assert (refusal.event, refusal.sequence, refusal.submission) == (None, None, None)
    return reason


def test_a_head_that_does_not_hold_is_refused_whole(rig: HubRig, havering: Publisher) -> None:
    """Wrong signature, key, source or ledger: one refusal is recorded, and no event."""
    redbridge = rig.publisher(REDBRIDGE)
    stranger = rig.stranger()
    heads: dict[str, Json] = {
        "signature-does-not-hold": {"signature": to_text(bytes(64))},
        "signing-key-not-trusted": {"key": to_text(redbridge.key)},
        "not-of-this-token": {"source": REDBRIDGE},
        "another-ledger": {"ledger": "redbridge"},
    }
    for reason, head in heads.items():
        assert refused_whole(rig, havering, havering.submission(havering.event(), **head)) == reason
    raw = stranger.submission(stranger.event())
    assert refused_whole(rig, stranger, raw) == "signing-key-not-trusted"
    raw = redbridge.submission(redbridge.event())
    with pytest.raises(NotAuthorised, match="not-of-this-token"):
        havering.send(raw)
    named = havering.submission(havering.event(), key=to_text(bytes(31)))
    assert refused_whole(rig, havering, named) == "string-pattern-mismatch"


def test_a_signature_is_bound_to_its_submission(rig: HubRig, havering: Publisher) -> None:
    """A signature that holds for one submission does not hold under another id."""
    raw = havering.submission(havering.event(), id=str(uuid7(rig.clock.now_ms())))
    assert refused_whole(rig, havering, raw) == "signature-does-not-hold"


@pytest.mark.parametrize("missing", ["registered", "vouched for"])
def test_a_key_is_believed_only_when_registered_and_vouched_for(rig: HubRig, missing: str) -> None:
    """Registering makes a key findable, the trust file makes it believable; both are needed."""
    publisher = rig.stranger()
    (rig.vouch_for if missing == "registered" else rig.register_keys)(publisher)
    raw = publisher.submission(publisher.event())
    assert refused_whole(rig, publisher, raw) == "signing-key-not-trusted"
    (rig.register_keys if missing == "registered" else rig.vouch_for)(publisher)
    assert publisher.send(raw).recorded == 1
    rig.trust.withdraw(publisher.key)
    raw = publisher.submission(publisher.event())
    assert refused_whole(rig, publisher, raw) == "signing-key-not-trusted"


CALLERS = {
    "not-a-publishing-token": Caller("havering", None, "analyst", "system"),
    "source-not-registered": Caller("havering", "/participants/havering/other", None, "system"),
}


@pytest.mark.parametrize("reason", CALLERS)
def test_a_token_that_names_no_source_of_its_own_is_only_counted(
    rig: HubRig, havering: Publisher, reason: str
) -> None:
    """Where no source is known nothing is recorded at all."""
    before = rig.sizes()
    mixed = Caller("redbridge", HAVERING, None, "system")
    for caller in (CALLERS[reason], mixed):
        with pytest.raises(NotAuthorised):
            rig.publishing.submit(havering.submission(havering.event()), caller)
    havering.caller = CALLERS[reason]
    with pytest.raises(NotAuthorised, match=reason):
        havering.send(havering.submission(havering.event()))
    assert rig.sizes() == before


def test_a_police_source_publishes_into_a_borough_s_ledger(rig: HubRig) -> None:
    """A source belongs to one ledger, which need not bear its participant's name."""
    police = rig.publisher(POLICE_IN_HAVERING)
    assert police.ledger == "havering"
    event = police.event("weapon-incident-recorded")
    inner(event, "data")["facts"] = {"offence": "possession", "weapon": "knife"}
    subjects(event).clear()
    assert outcomes(police.publish(event))[0]["outcome"] == "recorded"
    assert rig.havering.opened()[0].header.source == POLICE_IN_HAVERING
