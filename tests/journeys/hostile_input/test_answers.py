"""However much is wrong with what is sent, the answer stays shorter than it."""

from __future__ import annotations

import json

import pytest

from adapters.http.bodies import BATCH_TYPE
from domain.canonical import JsonValue, canonical
from domain.wire import BATCH_BYTES_MAX, SIGNED_TYPE
from tests.http_rig import HttpRig
from tests.rig_publisher import Json, inner

KIND = "uk.bhr.safeguarding.referral-received.v1"


def event(subjects: list[JsonValue], **fields: JsonValue) -> Json:
    """Give an event in which every value is wrong."""
    return {"type": KIND, "data": {"facts": {}, "subjects": subjects}, **fields}


WRONG: list[tuple[str, Json, int]] = [
    ("2 400 people in each of 1000 events", event([0] * 2400), 1000),
    (
        "500 unknown fields in each of 1000 events",
        event([], **{f"k{at}": 0 for at in range(400)}),
        1000,
    ),
    ("2.4 million people in one event", event([0] * 2_400_000), 1),
    ("30 000 people in each of 80 events", event([0] * 30_000), 80),
]


@pytest.mark.parametrize("kind", [SIGNED_TYPE, BATCH_TYPE])
@pytest.mark.parametrize(("what", "one", "count"), WRONG, ids=[what for what, _, _ in WRONG])
def test_an_answer_is_not_longer_than_what_was_sent(
    door: HttpRig, kind: str, what: str, one: Json, count: int
) -> None:
    """Faults are told up to a bound: answers are stored, and clients read 8 MiB of them."""
    publisher = door.publisher
    head = inner(json.loads(publisher.over([], [bytes(32)] * count)), "submission")
    signed = kind == SIGNED_TYPE
    body: JsonValue = {"events": [one] * count, "submission": head} if signed else [one] * count
    raw = canonical(body)
    assert len(raw) <= BATCH_BYTES_MAX
    answer = door.post(raw, kind)
    assert answer.status_code in {413, 422}
    assert len(answer.content) < len(raw)
