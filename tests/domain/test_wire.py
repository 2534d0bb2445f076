"""What is taken off the wire: strictly, event by event, and without an echo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.canonical import JsonValue, canonical
from domain.errors import Fault, SubmissionRefused
from domain.values import to_text
from domain.wire import BATCH_BYTES_MAX, EVENTS_MAX, Unread
from tests.domain.test_envelope import EVENT_ID, HEADER, TOKEN
from tests.hub_rig import WIRE
from tests.rig_publisher import Json

MARKER: Final = "Marker9f41"
Change = Callable[[Json], None]


def an_event() -> Json:
    """Give a valid event of a signed submission."""
    subject: Json = {
        "pseudonym": TOKEN,
        "restricted": {"commitment": TOKEN, "envelope": "A" * 40, "recipients": ["havering"]},
        "role": "child",
        "salt": TOKEN,
        "shared": {"sex": "female"},
    }
    salts: Json = {"facts": TOKEN, "header": TOKEN}
    return {
        **HEADER,
        "data": {"facts": {"source_code": "2A"}, "salts": salts, "subjects": [subject]},
    }


def a_plain_event() -> Json:
    """Give a valid event of a plain source."""
    subject: Json = {
        "pseudonym": TOKEN,
        "restricted": {"name": "Invented Child"},
        "role": "child",
        "shared": {"sex": "female"},
    }
    return {**HEADER, "data": {"facts": {"source_code": "2A"}, "subjects": [subject]}}


def a_document(*events: JsonValue, **changes: JsonValue) -> bytes:
    """Give a submission as it stands on the wire; `changes` replace fields of its head."""
    head: Json = {
        "id": EVENT_ID,
        "key": TOKEN,
        "ledger": "havering",
        "signature": to_text(bytes(64)),
        "source": "/participants/havering/cms",
        "statements": [TOKEN],
    }
    return json.dumps({"events": list(events), "submission": {**head, **changes}}).encode()


def refused(raw: bytes) -> tuple[Fault, ...]:
    """Give the faults with which a whole document is refused, signed or plain."""
    with pytest.raises(SubmissionRefused) as found:
        WIRE.signed_submission(raw)
    return found.value.faults


def test_a_valid_submission_is_read_whole() -> None:
    """Head and events come out as they were sent, in order."""
    second = {**an_event(), "sequence": "8"}
    parsed = WIRE.signed_submission(a_document(an_event(), second, statements=[TOKEN, TOKEN]))
    assert (parsed.head.id, parsed.head.statements) == (EVENT_ID, (TOKEN, TOKEN))
    read = [
        None if isinstance(one, Unread) else one.model_dump_json(exclude_unset=True).encode()
        for one in parsed.events
    ]
    assert read == [canonical(an_event()), canonical(second)]


def test_one_bad_event_never_holds_up_its_neighbours() -> None:
    """What is right beside it is read as if it stood alone."""
    good = an_event()
    parsed = WIRE.signed_submission(a_document(good, {**good, "time": MARKER}, good))
    alone = WIRE.signed_submission(a_document(good)).events[0]
    assert (parsed.events[0], parsed.events[2]) == (alone, alone)
    fault = Fault(1, "time", "string-pattern-mismatch")
    assert parsed.events[1] == Unread((fault,), EVENT_ID, "7")


def test_every_fault_of_an_event_comes_at_once() -> None:
    """By event and field, in order, with the code of each."""
    event: Json = {
        **an_event(),
        "time": MARKER,
        "sequence": -1,
        MARKER: MARKER,
        "data": {"facts": {MARKER: 1}, "salts": [], "subjects": [MARKER]},
    }
    (read,) = WIRE.signed_submission(a_document(event)).events
    assert read == Unread(
        (
            Fault(0, "(unknown)", "extra-forbidden"),
            Fault(0, "data.facts.(unknown)", "extra-forbidden"),
            Fault(0, "data.salts", "model-type"),
            Fault(0, "data.subjects.0", "model-type"),
            Fault(0, "sequence", "string-type"),
            Fault(0, "time", "string-pattern-mismatch"),
        ),
        EVENT_ID,
        None,
    )


NAMED = [
    ({"id": EVENT_ID.upper()}, None, "7"),
    ({"id": MARKER, "sequence": MARKER}, None, None),
    ({"id": None, "sequence": 7}, None, None),
    ({"id": [EVENT_ID], "sequence": "007"}, None, None),
    ({"sequence": "1" * 19, "time": 1}, EVENT_ID, None),
]


@pytest.mark.parametrize(("changes", "event_id", "sequence"), NAMED)
def test_an_unread_event_is_named_by_what_is_valid_alone(
    changes: Json, event_id: str | None, sequence: str | None
) -> None:
    """Its id and number are kept where they are an id and a number; nothing else of it is."""
    (signed,) = WIRE.signed_submission(a_document({**an_event(), **changes})).events
    (plain,) = WIRE.plain_events(canonical({**a_plain_event(), **changes}), batch=False)
    for read in (signed, plain):
        assert isinstance(read, Unread)
        assert (read.event_id, read.sequence) == (event_id, sequence)


WHOLE = [
    (b"\xff", "", "not-utf-8"),
    (b"{", "", "not-json"),
    (b'{"events":1,"events":1}', "", "duplicate-key"),
    (b'{"events":[1.5],"submission":1}', "", "not-a-whole-number"),
    (b'{"events":[NaN],"submission":1}', "", "not-a-whole-number"),
    (b'{"events":[' + b"1" * 20 + b'],"submission":1}', "", "number-too-long"),
    (b'{"events":["\\ud800"],"submission":1}', "", "lone-surrogate"),
    (b" " * (BATCH_BYTES_MAX + 1), "", "too-large"),
    (b"[]", "", "not-a-submission"),
    (b'"events"', "", "not-a-submission"),
    (json.dumps({"events": [], "submission": {}, MARKER: 1}).encode(), "", "not-a-submission"),
    (a_document(), "events", "too-few-or-too-many"),
    (a_document(*([1] * (EVENTS_MAX + 1))), "events", "too-few-or-too-many"),
    (a_document(an_event(), statements=[]), "submission.statements", "too-short"),
    (a_document(1, statements=[TOKEN] * (EVENTS_MAX + 1)), "submission.statements", "too-long"),
    (a_document(an_event(), signature=MARKER), "submission.signature", "string-pattern-mismatch"),
    (a_document(an_event(), **{MARKER: MARKER}), "submission.(unknown)", "extra-forbidden"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "place", "code"), WHOLE)
def test_a_document_without_a_head_is_refused_whole(raw: bytes, place: str, code: str) -> None:
    """What cannot be answered event by event is refused with a code and a place of our own."""
    assert refused(raw) == (Fault(-1, place, code),)


def test_a_plain_document_is_one_event_or_a_list_of_them() -> None:
    """Each in its own form, and never none or too many."""
    one = a_plain_event()
    (single,) = WIRE.plain_events(canonical(one), batch=False)
    assert WIRE.plain_events(canonical([one, one]), batch=True) == (single, single)
    for raw, code in (
        (canonical(one), "not-a-list"),
        (b"[]", "too-few-or-too-many"),
        (b'"ab"', "not-a-list"),
    ):
        with pytest.raises(SubmissionRefused) as found:
            WIRE.plain_events(raw, batch=True)
        assert found.value.faults == (Fault(-1, "", code),)


def test_a_plain_event_has_no_recipients_and_no_salts() -> None:
    """A plain source seals nothing, so it can address nobody."""
    (plain,) = WIRE.plain_events(canonical(an_event()), batch=False)
    assert isinstance(plain, Unread)
    places = {(fault.place, fault.code) for fault in plain.faults}
    assert {
        ("data.salts", "extra-forbidden"),
        ("data.subjects.0.restricted.recipients", "extra-forbidden"),
    } <= places


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_no_depth_gets_past(opening: bytes, closing: bytes) -> None:
    """However deep a document is nested, it is refused with a code, and nothing else is raised."""
    codes: set[str] = set()
    for depth in range(900, 1010):
        deep = opening * depth + b"1" + closing * depth
        for raw in (deep, a_document().replace(b"[]", b"[" + deep + b"]", 1)):
            try:
                (read,) = WIRE.signed_submission(raw).events
            except SubmissionRefused as refusal:
                codes |= {fault.code for fault in refusal.faults}
            else:
                assert isinstance(read, Unread)
                codes |= {fault.code for fault in read.faults}
    assert "too-deep" in codes
    assert codes <= {"too-deep", "not-a-submission", "json-invalid", "model-attributes-type"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.just(MARKER) | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.just(MARKER) | st.sampled_from(["id", "data", "facts"]), inside, max_size=3
        )
    ),
    max_leaves=6,
)


def paths(value: JsonValue, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Give the place of everything inside a document."""
    found = [at] if at else []
    if isinstance(value, dict):
        for name, inside in value.items():
            found += paths(inside, (*at, name))
    elif isinstance(value, list):
        for index, inside in enumerate(value):
            found += paths(inside, (*at, index))
    return found


def replaced(value: JsonValue, path: tuple[str | int, ...], by: JsonValue) -> JsonValue:
    """Put something else in one place of a document."""
    if not path:
        return by
    step, *further = path
    if isinstance(value, dict):
        return {k: replaced(v, tuple(further), by) if k == step else v for k, v in value.items()}
    assert isinstance(value, list)
    return [replaced(v, tuple(further), by) if i == step else v for i, v in enumerate(value)]


@given(st.data())
@settings(max_examples=150)
def test_nothing_that_is_sent_comes_back(data: st.DataObject) -> None:
    """Whatever stands in whichever place, a fault says a place of ours and a code, not a value."""
    document: JsonValue = json.loads(a_document(an_event(), an_event()))
    for path in data.draw(st.lists(st.sampled_from(paths(document)), min_size=1, max_size=3)):
        if path in paths(document):
            document = replaced(document, path, data.draw(JSON))
    try:
        parsed = WIRE.signed_submission(canonical(document))
    except SubmissionRefused as refusal:
        told = repr((refusal.faults, str(refusal)))
    else:
        told = repr([one for one in parsed.events if isinstance(one, Unread)])
    assert MARKER not in told
