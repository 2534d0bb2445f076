"""Dead letters are tried once each, and none stands in the way of the next."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from adapters.assembly.intake import NOT_KEPT, tried_again
from adapters.kafka.dead_letters import ID_HEADER, REASON_HEADER
from services.intake_ports import Arrived
from services.taking_in import TAKEN, TAKEN_BEFORE

OUTCOMES = {b"noise": "not-opened", b"old": TAKEN_BEFORE, b"right": TAKEN}
LIMIT = 2


def letter(number: int, value: bytes) -> tuple[str, Mapping[str, bytes], bytes]:
    """Give a letter as it is read."""
    headers = {ID_HEADER: uuid.UUID(int=number).bytes, REASON_HEADER: b"unexpected-fault"}
    return "havering", headers, value


def again(_ledger: str, message: Arrived) -> str:
    """Say what becomes of a letter."""
    return OUTCOMES[message.value]


def test_what_can_be_taken_is_reached_behind_what_cannot() -> None:
    """However many were refused, taken before or never to be opened, the limit counts none."""
    values = [b"", b"noise", b"old"] * 40 + [b"right"] * 3
    found = list(tried_again([letter(*one) for one in enumerate(values)], again, LIMIT))
    assert [one.outcome for one in found[:3]] == [NOT_KEPT, "not-opened", TAKEN_BEFORE]
    assert [one.outcome for one in found[120:]] == [TAKEN, TAKEN]


def test_a_letter_that_was_put_away_twice_is_tried_once() -> None:
    """A crash put it away again under the same id."""
    found = list(tried_again([letter(1, b"right"), letter(1, b"right")], again, LIMIT))
    assert [(one.letter, one.outcome) for one in found] == [(uuid.UUID(int=1), TAKEN)]
