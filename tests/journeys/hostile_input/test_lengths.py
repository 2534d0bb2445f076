"""Wrong lengths everywhere inside a submission: a byte, a digit, a person too many or too few."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from adapters.http.bodies import BATCH_TYPE
from domain.canonical import JsonValue, canonical
from domain.values import to_text
from domain.wire import EVENT_BYTES_MAX
from tests.journeys.hostile_input.watching import MARKER, Change, Watch, put
from tests.rig_publisher import Json, a_subject, inner, stated, subjects, token


def lengths(place: str, *sizes: int) -> dict[str, Change]:
    """Give the changes that put so many bytes, as text, into a place."""
    return {f"{place}: {size} bytes": put(place, to_text(bytes(size))) for size in sizes}


def many(place: str, value: JsonValue, *counts: int) -> dict[str, Change]:
    """Give the changes that put so many of a value into a place."""
    return {f"{place}: {count} of them": put(place, [value] * count) for count in counts}


def people(count: int) -> Change:
    """Give the change to so many people, each with a sealed part: 1 + 2 * count parts."""

    def change(event: Json) -> None:
        restricted = inner(subjects(event)[0], "restricted")
        inner(event, "data")["subjects"] = [a_subject(restricted=restricted) for _ in range(count)]

    return change


SEALED = "data.subjects.0.restricted"
LINK: Json = {"basis": "upn", "key": token(), "token": token()}
WRONG_LENGTHS: Mapping[str, Change] = {
    **lengths("data.salts.header", 0, 31, 33, 64),
    **lengths("data.salts.facts", 0, 31, 33),
    **lengths("data.subjects.0.salt", 0, 31, 33),
    **lengths("data.subjects.0.pseudonym", 0, 31, 33),
    **lengths("subject", 0, 31, 33),
    **lengths("sealingsession", 0, 31, 32, 33),
    **lengths(f"{SEALED}.commitment", 0, 31, 33),
    **lengths(f"{SEALED}.envelope", 0, 1, 27, 32_300, 100_000),
    **many(f"{SEALED}.recipients", "havering", 0, 2, 17, 1000),
    **many("data.subjects", a_subject(), 0, 2, 32, 1000),
    **many("data.subjects.0.linkage", LINK, 9, 100),
    "32 people, 65 parts": people(32),
    "1000 people": people(1000),
    "a key of 31 bytes": put("data.subjects.0.linkage", [{**LINK, "key": to_text(bytes(31))}]),
    "no id": put("id", ""),
    "an id too long": put("id", "0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b0"),
    "an id of another version": put("id", "0190a8c4-6f00-4a10-8b20-3c4d5e6f7a8b"),
    "an id in capitals": put("id", "0190A8C4-6F00-7A10-8B20-3C4D5E6F7A8B"),
    "an id in braces": put("id", "{0190a8c4-6f00-7a10-8b20-3c4d5e6f7a8b}"),
    "an id without hyphens": put("id", "0190a8c46f007a108b203c4d5e6f7a8b"),
    "a sequence of 19 digits": put("sequence", "1" * 19),
    "a sequence with a zero before": put("sequence", "01"),
    "a sequence below zero": put("sequence", "-1"),
    "a sequence as a number": put("sequence", 1),
    "a time with ten decimals": put("time", "2024-05-01T00:00:00.0123456789Z"),
    "a day that there is not": put("time", "2023-02-29T00:00:00Z"),
    "a leap second": put("time", "2016-12-31T23:59:60Z"),
    "a time of five digits": put("time", "12024-05-01T00:00:00Z"),
    "a time without a zone": put("time", "2024-05-01T00:00:00"),
    "Arabic digits": put("time", "٢٠٢٤-05-01T00:00:00Z"),
    "a slug too long": put("purpose", "a" * 64),
    "a version of seven digits": put("agreement", "bhr-themes@1000000"),
    "padding": put("subject", token() + "="),
    "the ordinary alphabet": put("subject", "+/" + token()[2:]),
    "spare bits": put("subject", token()[:-1] + "B"),
    "a line's end": put("subject", token() + "\n"),
    "full-width letters": put("purpose", "\N{FULLWIDTH LATIN SMALL LETTER P}artnership-themes"),
    "too large an event": put("data.facts", {"source_code": "2A", "x": "y" * EVENT_BYTES_MAX}),
}


@pytest.mark.parametrize("name", WRONG_LENGTHS)
def test_wrong_lengths_inside_an_event_are_refused(watch: Watch, name: str) -> None:
    """A byte, a digit, a person, a part too many or too few: the event is refused, its id told."""
    publisher = watch.door.publisher
    session = publisher.session({"havering": publisher.recipient_public})
    assert watch.door.post(publisher.submission(session.event)).status_code == 200
    event = publisher.sealed(session.seal)
    digest = stated(event)
    WRONG_LENGTHS[name](event)
    raw = publisher.over([event], [digest])
    response = watch.refused(lambda: watch.door.post(raw))
    faults = response.json()["faults"]
    assert {fault["event"] for fault in faults} == {0}
    assert any(fault["code"] != "statement-differs" for fault in faults)


HEADS: Mapping[str, Json] = {
    "a key of 31 bytes": {"key": to_text(bytes(31))},
    "a key of 33 bytes": {"key": to_text(bytes(33))},
    "a signature of 63 bytes": {"signature": to_text(bytes(63))},
    "a signature of 65 bytes": {"signature": to_text(bytes(65))},
    "no signature": {"signature": ""},
    "no statements": {"statements": []},
    "a statement of 31 bytes": {"statements": [to_text(bytes(31))]},
    "a statement of 33 bytes": {"statements": [to_text(bytes(33))]},
    "a statement too many": {"statements": [token(), token()]},
    "1001 statements": {"statements": [token()] * 1001},
    "100 000 statements": {"statements": [token()] * 100_000},
    "another ledger": {"ledger": MARKER},
    "another source": {"source": f"/participants/{MARKER}/x"},
    "another id": {"id": MARKER},
    "a field too many": {MARKER: MARKER},
}


@pytest.mark.parametrize("name", HEADS)
def test_wrong_lengths_in_the_head_are_refused(watch: Watch, name: str) -> None:
    """Nothing of such a submission is judged: one refusal."""
    publisher = watch.door.publisher
    raw = publisher.submission(publisher.event(), **HEADS[name])
    watch.refused(lambda: watch.door.post(raw))


@pytest.mark.parametrize("count", [0, 1001, 100_000])
def test_too_few_and_too_many_events_are_refused_as_a_whole(watch: Watch, count: int) -> None:
    """One refusal, however many were sent."""
    publisher = watch.door.publisher
    head = inner(json.loads(publisher.submission(publisher.event())), "submission")
    signed = canonical({"events": [0] * count, "submission": head})
    watch.refused(lambda: watch.door.post(signed))
    plain = canonical([0] * count)
    watch.refused(lambda: watch.door.post(plain, BATCH_TYPE))


ENCAPSULATIONS: Mapping[str, Change] = {
    **lengths("data.facts.recipients.0.encapsulation", 0, 1167, 1169, 20_000),
    **lengths("data.facts.recipients.0.key", 31, 33),
    **lengths("data.facts.session", 31, 33),
    "no recipients": put("data.facts.recipients", []),
    "another suite": put("data.facts.suite", MARKER),
}


@pytest.mark.parametrize("name", ENCAPSULATIONS)
def test_wrong_lengths_of_a_session_are_refused(watch: Watch, name: str) -> None:
    """A session that nobody could open, or to nobody, is not opened."""
    publisher = watch.door.publisher
    event = publisher.session({"havering": publisher.recipient_public}).event
    digest = stated(event)
    ENCAPSULATIONS[name](event)
    raw = publisher.over([event], [digest])
    watch.refused(lambda: watch.door.post(raw))
