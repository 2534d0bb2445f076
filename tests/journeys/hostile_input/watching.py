"""What watches a served hub while hostile input is sent to it, and what plants a marker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from httpx2 import Response

from adapters.http.bodies import BATCH_TYPE, ONE_TYPE
from domain.canonical import JsonValue
from domain.vocabulary.hub import SubmissionRefused
from domain.wire import SIGNED_TYPE
from tests.http_rig import HttpRig, problem_in
from tests.rig_publisher import Json

MARKER = "Marker-e81c"
TYPES = (SIGNED_TYPE, ONE_TYPE, BATCH_TYPE)
CODE = re.compile(r"[a-z][a-z0-9'-]{0,62}")


@dataclass
class Watch:
    """A served hub, and everything that might show what was sent to it."""

    door: HttpRig
    logged: pytest.LogCaptureFixture
    screen: pytest.CaptureFixture[str]
    raised: list[str] = field(default_factory=list)
    """Every error of ours that became a problem, as a traceback would show it."""

    def refused(self, send: Callable[[], Response], *, refusals: int = 1) -> Response:
        """Check that what is sent is refused, recorded as so many refusals and shown nowhere."""
        before = self.door.rig.sizes()
        response = send()
        assert 400 <= response.status_code < 500, response.status_code
        kind = json.loads(response.content)["type"].removeprefix("urn:bhr:problem:")
        problem_in(response, response.status_code, kind)
        grown = {**before, "havering": before["havering"] + refusals}
        assert self.door.rig.sizes() == grown
        self.told_nothing(response, before["havering"])
        return response

    def told_nothing(self, response: Response, since: int) -> None:
        """Check an answer, what the ledger took since, every log, every error and the screen."""
        told = [event.facts for event in self.door.rig.havering.opened(since)]
        for one in told:
            assert isinstance(one, SubmissionRefused.Facts)
            assert all(CODE.fullmatch(code) for code in one.codes)
        everywhere = [
            f"{response.headers} {response.text}",
            self.logged.text,
            *(str(vars(record)) for record in self.logged.records),
            *self.screen.readouterr(),
            *self.raised,
            repr(told),
        ]
        assert not any(MARKER in place for place in everywhere)
        self.raised.clear()


Change = Callable[[Json], object]


def at(document: JsonValue, place: str) -> JsonValue:
    """Give what stands in a place, such as `data.subjects.0.salt`; the document, in none."""
    for step in filter(None, place.split(".")):
        if isinstance(document, Mapping):
            document = document[step]
        else:
            assert isinstance(document, Sequence)
            document = document[int(step)]
    return document


def put(place: str, value: JsonValue) -> Change:
    """Give the change that puts a value into a place."""
    way, _, last = place.rpartition(".")

    def change(event: Json) -> None:
        found = at(event, way)
        if isinstance(found, dict):
            found[last] = value
        else:
            assert isinstance(found, list)
            found[int(last)] = value

    return change
