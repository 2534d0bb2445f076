"""`POST /v1/decisions`: whoever brings a signed decision, it is its body that decides."""

from __future__ import annotations

import json
from collections.abc import Mapping

from httpx2 import Response

from domain.decisions import decision_of, from_file
from tests.http_rig import HttpRig, faults_in, problem_in
from tests.rig_decisions import Decider

DECISIONS = "/v1/decisions"
HAVERING = Decider("havering")


def post(
    door: HttpRig, file: bytes, who: Mapping[str, str], kind: str = "application/json"
) -> Response:
    """Bring a file to the hub."""
    return door.client.post(DECISIONS, content=file, headers={**who, "content-type": kind})


def test_a_decision_is_taken_from_any_known_caller(door: HttpRig) -> None:
    """A publisher or a reader brings it; the answer names the event, and says if it stood."""
    file = HAVERING.hold("havering", stream="A" * 43)
    told = [post(door, file, who).json() for who in (door.publishing, door.reading)]
    assert [one.pop("again") for one in told] == [False, True]
    event = decision_of(from_file(file)).id
    assert told == [{"event": event, "kind": "legal-hold-set", "ledger": "havering"}] * 2


def test_what_is_not_a_bodys_decision(door: HttpRig) -> None:
    """Each refusal has its code, and none repeats what was sent."""
    file = HAVERING.warrant()
    altered = json.loads(file)
    altered["decision"]["about"]["auditor"] = "somebody-else"
    refused = post(door, json.dumps(altered).encode(), door.reading)
    problem_in(refused, 403, "decision-signature-does-not-hold")
    problem_in(post(door, file, {}), 401, "token-missing")
    problem_in(post(door, b"{", door.reading), 400, "not-json")
    problem_in(post(door, file, door.reading, "text/plain"), 415, "content-type")
    told = problem_in(post(door, b"{}", door.reading), 422, "document-refused")
    assert faults_in(told) == {(-1, "", "not-a-signed-decision")}
    problem_in(post(door, HAVERING.hold("camden", stream="A" * 43), door.reading), 404, "not-found")
