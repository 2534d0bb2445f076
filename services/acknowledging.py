"""The hub's signed answer to a submission, and the problem it tells when nothing was recorded.

    acknowledgement := canonical JSON {"acknowledgement": {…}, "signature": base64url}
    signed bytes    := domain.statement.acknowledged_bytes(canonical JSON of the inner object)

It is made under the ledger's lock, stored with the submission, and given again byte for byte.
"""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from domain.canonical import JsonValue, canonical
from domain.errors import Fault
from domain.statement import acknowledged_bytes
from domain.values import to_text
from services.ports import Conflict, HeldBack, Outcome, Recorded, Signer

HELD_BACK = "held-back"
RECORDED_DIFFERENTLY = "already-recorded-differently"


class Judged(NamedTuple):
    """What intake decided of one event: its id as far as it is one, and its faults if any."""

    event_id: str | None
    faults: tuple[Fault, ...]
    sequence: str | None = None


@functools.lru_cache(maxsize=64)  # all of one commit have the same
def instant(milliseconds: int) -> str:
    """Spell a recorded time as an RFC 3339 instant in UTC with milliseconds."""
    moment = datetime.datetime.fromtimestamp(milliseconds // 1000, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"


def answer_of(
    head: Mapping[str, JsonValue], judged: Sequence[Judged], signer: Signer
) -> Callable[[Sequence[Outcome]], bytes]:
    """Give the function that turns outcomes (of the accepted events, in order) into the answer."""

    def answer(outcomes: Sequence[Outcome]) -> bytes:
        remaining = iter(outcomes)
        events: list[JsonValue] = [
            _refused(one) if one.faults else _placed(one, next(remaining)) for one in judged
        ]
        inner = canonical({**head, "events": events})
        signature = to_text(signer.sign(acknowledged_bytes(inner)))
        return b'{"acknowledgement":%b,"signature":"%b"}' % (inner, signature.encode())

    return answer


@dataclass(frozen=True, slots=True)
class Told:
    """What an answer says: of a resend what was said then, whatever holds now."""

    recorded: int
    refused: int
    faults: tuple[Fault, ...]
    """What has to be corrected: not of events that were held back for others' sake, nor of those
    whose id is recorded with another content."""


def told(answer: bytes) -> Told:
    """Read an answer of our own making."""
    events = json.loads(answer)["acknowledgement"]["events"]
    refused = [(at, event) for at, event in enumerate(events) if event["outcome"] == "refused"]
    faults = tuple(
        Fault(at, fault["place"], fault["code"])
        for at, event in refused
        for fault in event["faults"]
        if fault["code"] not in {HELD_BACK, RECORDED_DIFFERENTLY}
    )
    return Told(len(events) - len(refused), len(refused), faults)


def _placed(one: Judged, outcome: Outcome) -> JsonValue:
    if isinstance(outcome, Recorded):
        return {
            "id": one.event_id,
            "outcome": "recorded",
            "position": outcome.position,
            "recorded": instant(outcome.recorded_ms),
        }
    place, code = unplaced(outcome)
    return {
        "faults": [{"code": code, "place": place}],
        "id": one.event_id,
        "outcome": "refused",
    }


def unplaced(outcome: Conflict | HeldBack) -> tuple[str, str]:
    """Give place and code of why an event does not stand that had no fault of its own."""
    return ("", HELD_BACK) if isinstance(outcome, HeldBack) else ("id", RECORDED_DIFFERENTLY)


def _refused(one: Judged) -> JsonValue:
    faults: list[JsonValue] = [{"code": fault.code, "place": fault.place} for fault in one.faults]
    refused: dict[str, JsonValue] = {"faults": faults, "outcome": "refused"}
    if one.event_id is not None:
        refused["id"] = one.event_id
    return refused
