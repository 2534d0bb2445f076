"""What the hub says when it says no: RFC 9457 problems, read for their codes and nothing else.

A code or a place that is not spelled as ours are is not repeated: it may be anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain.canonical import JsonValue, canonical, strict_json
from domain.errors import Fault, NotAuthorised, NotFound, Unavailable
from services.hub_door import HubAnswer

_TYPE = "urn:bhr:problem:"
_CODE = re.compile(r"[a-z][a-z0-9'-]{0,62}")
_PLACE = re.compile(r"[A-Za-z0-9_.()-]{0,200}")
_FAULTS_MAX = 1_000
UNREADABLE = "(unreadable)"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of the hub's. `acknowledgement` is there when the hub judged event by event."""

    code: str
    faults: tuple[Fault, ...]
    acknowledgement: bytes | None


def problem_of(body: bytes) -> Problem | None:
    """Read a problem document; None for what is none of the hub's."""
    try:
        document = strict_json(body)
    except ValueError:
        return None
    if not isinstance(document, Mapping):
        return None
    kind = document.get("type")
    if not isinstance(kind, str) or not kind.startswith(_TYPE):
        return None
    signed = document.get("acknowledgement")
    try:
        told = canonical(signed) if isinstance(signed, Mapping) else None
    except ValueError:
        return None  # JSON that nobody can have signed: no answer of the hub's
    return Problem(code_of(kind.removeprefix(_TYPE)), tuple(_faults(document.get("faults"))), told)


def code_of(text: JsonValue) -> str:
    """Give a code back if it is spelled as ours are."""
    return text if isinstance(text, str) and _CODE.fullmatch(text) else UNREADABLE


def place_of(text: JsonValue) -> str:
    """Give a place back if it is spelled as ours are."""
    return text if isinstance(text, str) and _PLACE.fullmatch(text) else UNREADABLE


def answered(answer: HubAnswer, what: str) -> bytes:
    """Give the body of a good answer; raises NotFound, NotAuthorised or Unavailable."""
    if answer.status == 200:  # noqa: PLR2004 - the status that means yes
        return answer.body
    if answer.status == 404:  # noqa: PLR2004 - no such thing
        raise NotFound(what)
    if answer.status in {401, 403}:
        problem = problem_of(answer.body)
        raise NotAuthorised(problem.code if problem else "refused-by-the-hub")
    raise Unavailable("the hub")


def _faults(listed: JsonValue) -> Iterator[Fault]:
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        return
    for one in listed[:_FAULTS_MAX]:
        if isinstance(one, Mapping):
            event = one.get("event")
            at = event if isinstance(event, int) else -1
            yield Fault(at, place_of(one.get("place")), code_of(one.get("code")))
