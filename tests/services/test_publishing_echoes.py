"""What is sent never comes back: not in faults, answers, exceptions, the record, or the log."""

from __future__ import annotations

import base64
import json
import logging
import traceback
from collections.abc import Iterator

import pytest

from domain.canonical import JsonValue
from domain.errors import HubError
from domain.values import to_text
from services.acknowledging import told
from tests.domain.test_wire import paths, replaced
from tests.hub_rig import HubRig, open_rig
from tests.rig_publisher import Json, Publisher, a_subject, inner, subjects, token

MARKER = "Marker9f41"
SPELLINGS = (
    MARKER,
    "uk.bhr.safeguarding." + MARKER,
    "marker-9f41",
    base64.urlsafe_b64encode(MARKER.encode() * 3).decode().rstrip("="),
    to_text((MARKER.encode() * 4)[:32]),
    to_text((MARKER.encode() * 7)[:64]),
)
"""The marker as it stands, as a tag, as a code, and inside bytes of the lengths that are taken."""


@pytest.fixture(scope="module")
def rig() -> Iterator[HubRig]:
    """Give a hub."""
    with open_rig() as opened:
        yield opened


@pytest.fixture(scope="module")
def havering(rig: HubRig) -> Publisher:
    """Give Havering's publisher."""
    return rig.publisher()


def whole(publisher: Publisher) -> JsonValue:
    """Give a submission in which every field there is stands at least once."""
    opening = publisher.session({"havering": publisher.recipient_public})
    event = publisher.sealed(
        opening.seal,
        incidentla="311",
        residencela="317",
        supersedes=str(publisher.event()["id"]),
    )
    linkage: Json = {"basis": "upn", "key": token(), "token": token()}
    inner(event, "data")["subjects"] = [*subjects(event), a_subject(linkage=[linkage])]
    found: JsonValue = json.loads(publisher.submission(opening.event, event, publisher.event()))
    return found


def planted(document: JsonValue, marker: str) -> Iterator[bytes]:
    """Put a marker into each place: as a value, inside a list or object, as an unknown name."""
    for path in [(), *paths(document)]:
        yield json.dumps(replaced(document, path, marker)).encode()
        yield json.dumps(replaced(document, path, [marker])).encode()
        at = _at(document, path)
        if isinstance(at, dict):
            yield json.dumps(replaced(document, path, {**at, marker: marker})).encode()
            for name in at:
                renamed = {marker if key == name else key: value for key, value in at.items()}
                yield json.dumps(replaced(document, path, renamed)).encode()


def _at(document: JsonValue, path: tuple[str | int, ...]) -> JsonValue:
    for step in path:
        assert isinstance(document, dict | list)
        document = document[step]  # type: ignore[index]  # a path of this document
    return document


def everything_told(rig: HubRig, publisher: Publisher, raw: bytes) -> str:
    """Send bytes; gives all that anybody is told: answer, faults, traceback and refusals."""
    before = rig.havering.ledger.head().size
    said: list[object] = []
    try:
        answer = publisher.send(raw)
    except HubError as error:
        said += [repr(error), vars(error), *traceback.format_exception(error)]
    else:
        said += [answer.acknowledgement.decode(), answer.faults, told(answer.acknowledgement)]
    refusals = rig.havering.refusals(before)
    said += [one.model_dump_json() for one in refusals]
    return "\n".join(str(one) for one in said)


@pytest.mark.parametrize("marker", SPELLINGS)
def test_no_value_that_was_sent_comes_back(
    rig: HubRig, havering: Publisher, caplog: pytest.LogCaptureFixture, marker: str
) -> None:
    """In every field of a submission, as value, name, tag or base64: it is never repeated."""
    caplog.set_level(logging.DEBUG)
    document = whole(havering)
    recorded = rig.havering.ledger.head().size
    sent = 0
    for raw in planted(document, marker):
        said = everything_told(rig, havering, raw)
        assert marker not in said, raw
        assert MARKER not in said, raw
        sent += 1
    assert sent > 250
    assert MARKER not in caplog.text
    assert marker not in caplog.text
    refused = rig.havering.refusals(recorded)
    assert rig.havering.ledger.head().size - recorded - len(refused) <= 3


BYTES = [
    MARKER.encode(),
    b'{"' + MARKER.encode(),
    b"\xff" + MARKER.encode(),
    b'{"a":"' + MARKER.encode() + b'","a":1}',
    b'["\\ud800' + MARKER.encode() + b'"]',
    b"[" * 990 + MARKER.encode(),
    b'{"events":[1.5],"submission":"' + MARKER.encode() + b'"}',
    b'"' + MARKER.encode() * 600_000 + b'"',
]


@pytest.mark.parametrize("raw", BYTES)
def test_no_document_that_cannot_be_read_comes_back(
    rig: HubRig, havering: Publisher, caplog: pytest.LogCaptureFixture, raw: bytes
) -> None:
    """What is no submission at all is refused by a code, signed or plain."""
    caplog.set_level(logging.DEBUG)
    assert MARKER not in everything_told(rig, havering, raw)
    assert MARKER not in caplog.text
