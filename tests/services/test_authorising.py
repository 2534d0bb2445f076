"""May this source publish this event, now, under this agreement: every reason, all at once."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Mapping
from dataclasses import replace

import pytest

from adapters.reference.shipped import AGREEMENT, shipped_document
from domain.canonical import JsonValue
from domain.envelope import Header
from domain.record import Attestation
from domain.reference.agreements import Agreement
from domain.reference.documents import read_as
from domain.reference.participants import Source
from domain.statement import PartClass
from domain.vocabulary.catalogue import STANDARD
from domain.wire import EVENT_BYTES_MAX
from services.authorising import Session, Sessions, Standing, faults_of
from services.preparing import PreparedEvent, PreparedPart
from tests.domain.test_envelope import EVENT_ID, HEADER, TOKEN

NOW = datetime.datetime(2025, 6, 15, 12, tzinfo=datetime.UTC)
THEMES = read_as(Agreement, shipped_document(AGREEMENT).raw)
SOURCE = Source(
    controller="havering",
    description="The case system.",
    ledger="havering",
    name="/participants/havering/cms",
    participant="havering",
)
BOTH = ("havering", "redbridge")
SESSIONS = {
    "own": Session(EVENT_ID, SOURCE.name, ("havering",)),
    "both": Session(EVENT_ID, SOURCE.name, BOTH),
    "without": Session(EVENT_ID, SOURCE.name, ("redbridge",)),
    "another": Session(EVENT_ID, "/participants/havering/other", ("havering",)),
}
NAMES = {
    name: TOKEN[:-2] + letter + TOKEN[-1]
    for name, letter in zip([*SESSIONS, "unknown"], "abcde", strict=True)
}
WHICH = {token: name for name, token in NAMES.items()}
STANDING = Standing(
    bound=lambda body, _: body == "havering",
    source=SOURCE,
    keeper="havering",
    catalogue=STANDARD,
    agreement=lambda reference: THEMES if reference == "bhr-themes@1" else None,
    session=SESSIONS.get,
    now=NOW,
)


def part(number: int, part_class: PartClass, name: str = "child", size: int = 10) -> PreparedPart:
    """Give a part of some size."""
    key = "stream" if part_class is PartClass.FACTS else "subject"
    return PreparedPart(number, part_class, key, name, bytes(size), bytes(32))  # type: ignore[arg-type]  # one of the two classes


FACTS = part(0, PartClass.FACTS)
CHILD = part(1, PartClass.SHARED)


def sealed(*recipients: str) -> PreparedPart:
    """Give a restricted part for these recipients."""
    return part(2, PartClass.RESTRICTED)._replace(recipients=recipients)


def faults(
    changes: Mapping[str, JsonValue] | None = None,
    *parts: PreparedPart,
    standing: Standing = STANDING,
) -> set[tuple[str, str]]:
    """Judge an event; gives place and code of each fault."""
    header = Header.model_validate_json(json.dumps({**HEADER, **(changes or {})}))
    event = PreparedEvent(
        event_id=uuid.UUID(EVENT_ID),
        source=header.source,
        sequence=1,
        stream=header.subject,
        attestation=Attestation.SIGNED,
        header=b"{}",
        header_salt=bytes(32),
        header_commitment=bytes(32),
        parts=parts or (FACTS, CHILD),
    )
    found = faults_of(3, header, event, standing)
    assert {fault.event for fault in found} <= {3}
    assert len(set(found)) == len(found)
    return {(fault.place, fault.code) for fault in found}


def kind(name: str) -> dict[str, JsonValue]:
    """Give the header fields of a kind."""
    return {"type": f"uk.bhr.safeguarding.{name}.v1", "dataschema": f"urn:bhr:schema:{name}:v1"}


def test_what_may_be_published_has_no_fault() -> None:
    """In force, covered, of this source, in time."""
    assert faults() == set()


TIMES = [
    ("1989-12-31T23:59:59.999999Z", {("time", "before-1990")}),
    ("1990-01-01T00:59:59+01:00", {("time", "before-1990")}),
    ("1990-01-01T00:00:00Z", set()),
    ("2025-06-16T12:00:00Z", set()),
    ("2025-06-16T13:00:00+01:00", set()),
    ("2025-06-16T12:00:00.000001Z", {("time", "in-the-future")}),
    ("2099-12-31T23:59:59.999999999Z", {("time", "in-the-future")}),
]


@pytest.mark.parametrize(("time", "expected"), TIMES)
def test_times_from_1990_to_a_day_ahead(time: str, expected: set[tuple[str, str]]) -> None:
    """To the microsecond, whatever the offset."""
    assert faults({"time": time}) == expected


UNCOVERED = ("type", "not-covered-by-the-agreement")
HEADERS: list[tuple[Mapping[str, JsonValue], set[tuple[str, str]]]] = [
    ({"source": "/participants/havering/other"}, {("source", "not-of-this-token")}),
    ({"source": "/participants/redbridge/cms"}, {("source", "not-of-this-token")}),
    ({"dataschema": "urn:bhr:schema:referral-received:v2"}, {("dataschema", "another-schema")}),
    ({"dataschema": "urn:bhr:schema:referral-closed:v1"}, {("dataschema", "another-schema")}),
    ({"agreement": "bhr-themes@2"}, {("agreement", "not-in-force")}),
    ({"purpose": "marketing"}, {("purpose", "not-covered-by-the-agreement")}),
    (kind("view-read"), {UNCOVERED, ("data.subjects", "about-no-person")}),
    (kind("gang-risk-identified"), {UNCOVERED}),
    (
        {"source": "/participants/x/y", "time": "1980-01-01T00:00:00Z", "purpose": "x"},
        {
            ("source", "not-of-this-token"),
            ("time", "before-1990"),
            ("purpose", "not-covered-by-the-agreement"),
        },
    ),
]


@pytest.mark.parametrize(("changes", "expected"), HEADERS)
def test_a_header_that_may_not_be(
    changes: Mapping[str, JsonValue], expected: set[tuple[str, str]]
) -> None:
    """Each reason is told by field, and all of them at once."""
    assert faults(changes) == expected


def test_a_stranger_to_the_agreement_publishes_nothing_under_it() -> None:
    """The source's participant must be a party."""
    source = SOURCE.model_copy(update={"participant": "nhs-havering-ccg"})
    assert faults(standing=replace(STANDING, source=source)) == {("agreement", "not-a-party")}


def test_the_number_of_persons_is_the_kind_s() -> None:
    """Too few, the same one twice, or any at all where an event is about nobody."""
    second = part(3, PartClass.SHARED, "another child")
    assert faults(None, FACTS) == {("data.subjects", "too-few-or-too-many")}
    assert faults(None, FACTS, CHILD, second) == set()
    twice = second._replace(key_name="child")
    assert faults(None, FACTS, CHILD, twice) == {("data.subjects", "same-person-twice")}
    assert faults(kind("canary"), FACTS) == set()
    assert faults(kind("canary"), FACTS, CHILD) == {("data.subjects", "about-no-person")}
    assert faults(kind("identity-linked"), FACTS, CHILD) == {
        ("data.subjects", "too-few-or-too-many")
    }


def test_a_withdrawal_names_the_event_that_it_takes_back() -> None:
    """It is named in the header, which stays when the keys of everything else are gone."""
    gone = kind("record-withdrawn")
    assert faults(gone, FACTS) == {("supersedes", "missing")}
    assert faults({**gone, "supersedes": EVENT_ID}, FACTS) == set()


def test_whose_ledger_it_is_restricts_and_lifts_alone() -> None:
    """Another controller's system in the ledger takes nobody out of the views, and back."""
    police = replace(STANDING, source=replace_controller("metropolitan-police-east"))
    for name in ("restriction-placed", "restriction-lifted"):
        assert faults(kind(name), FACTS, CHILD) == set()
        found = faults(kind(name), FACTS, CHILD, standing=police)
        assert ("type", "of-the-ledgers-controller-alone") in found


def replace_controller(controller: str) -> Source:
    """Give the source as another body's."""
    return SOURCE.model_copy(update={"controller": controller})


def test_an_event_holds_at_most_32_kib() -> None:
    """Header and parts together, to the byte."""
    most = EVENT_BYTES_MAX - len(b"{}") - 10
    assert faults(None, FACTS._replace(content=bytes(most)), CHILD) == set()
    too_large = {("", "event-too-large")}
    assert faults(None, FACTS._replace(content=bytes(most + 1)), CHILD) == too_large


CASE = {"purpose": "case-work"}
MOVE = {**kind("cross-border-move-notified"), **CASE}
RECIPIENTS = "data.subjects.restricted.recipients"
SEALED: list[tuple[Mapping[str, JsonValue], PreparedPart, set[tuple[str, str]]]] = [
    ({"sealingsession": "own"}, sealed("havering"), set()),
    ({}, sealed("havering"), {("sealingsession", "missing")}),
    (
        {"sealingsession": "unknown"},
        sealed("havering"),
        {("sealingsession", "not-opened-by-this-source")},
    ),
    (
        {"sealingsession": "another"},
        sealed("havering"),
        {("sealingsession", "not-opened-by-this-source")},
    ),
    ({"sealingsession": "both"}, sealed("havering"), {(RECIPIENTS, "not-of-the-session")}),
    ({**MOVE, "sealingsession": "both"}, sealed(*BOTH), set()),
    ({**MOVE, "sealingsession": "own"}, sealed(*BOTH), {(RECIPIENTS, "not-of-the-session")}),
    (
        {**MOVE, "sealingsession": "both"},
        sealed("redbridge", "havering"),
        {(RECIPIENTS, "not-of-the-session")},
    ),
    (
        {**MOVE, "sealingsession": "without"},
        sealed("redbridge"),
        {(RECIPIENTS, "without-the-controller")},
    ),
    ({**CASE, "sealingsession": "both"}, sealed(*BOTH), {(RECIPIENTS, "not-allowed")}),
    (
        {**kind("cross-border-move-notified"), "sealingsession": "both"},
        sealed(*BOTH),
        {(RECIPIENTS, "not-allowed")},
    ),
]


@pytest.mark.parametrize(("changes", "restricted", "expected"), SEALED)
def test_a_restricted_part_goes_where_it_may(
    changes: Mapping[str, JsonValue], restricted: PreparedPart, expected: set[tuple[str, str]]
) -> None:
    """Session, recipients, type and purpose fit together, and the controller can always open it."""
    session = changes.get("sealingsession")
    spelt = {**changes} if session is None else {**changes, "sealingsession": NAMES[str(session)]}
    standing = replace(STANDING, session=lambda found: SESSIONS.get(WHICH[found]))
    assert faults(spelt, FACTS, CHILD, restricted, standing=standing) == expected


def test_sessions_of_the_submission_come_before_those_of_the_ledger() -> None:
    """A session may be opened in the very submission that uses it."""
    sessions = Sessions(SESSIONS.get, {"new": SESSIONS["both"]})
    assert sessions("new") == SESSIONS["both"]
    assert sessions("own") == SESSIONS["own"]
    assert sessions("unknown") is None
