"""What who publishes by a queue is given over HTTP: the key, the answers, how far it is."""

from __future__ import annotations

import json

from adapters.ledger.memory import MemoryLedger
from services.intake_ports import Advance
from services.ports import Caller
from tests.fakes_queue import QUEUE
from tests.http_rig import INTAKE_KEY, HttpRig
from tests.hub_rig import REDBRIDGE

ANOTHER_SOURCE = Caller("redbridge", REDBRIDGE, None, "system")


def submitted(door: HttpRig) -> tuple[str, bytes]:
    """Publish one event; gives the submission's id and its answer."""
    document = door.publisher.submission(door.publisher.event())
    answer = door.post(document)
    assert answer.status_code == 200
    return json.loads(document)["submission"]["id"], answer.content


def test_the_answer_is_given_again_by_id(door: HttpRig) -> None:
    """Whoever published it is given the very bytes of its answer, however it came."""
    submission, answer = submitted(door)
    again = door.client.get(f"/v1/submissions/{submission}", headers=door.publishing)
    assert (again.status_code, again.content) == (200, answer)
    assert again.headers["content-type"] == "application/vnd.bhr.acknowledgement+json"


def test_nobody_else_is_told(door: HttpRig) -> None:
    """What became of a submission is its own source's to know: others hear that there is none."""
    submission, _ = submitted(door)
    path = f"/v1/submissions/{submission}"
    assert door.client.get(path, headers=door.bearer(ANOTHER_SOURCE)).status_code == 404
    assert door.client.get(path, headers=door.plain).status_code == 404
    assert door.client.get(path, headers=door.reading).status_code == 403
    assert door.client.get(path).status_code == 401


def test_how_far_a_queue_is_taken_in(door: HttpRig) -> None:
    """A publisher hears how far its own ledger has read in a queue; of others', nothing."""
    ledger = door.rig.havering.ledger
    assert isinstance(ledger, MemoryLedger)
    ledger.offsets.advance(Advance(QUEUE, 0, 8))
    path = f"/v1/queues/{QUEUE}"
    mine = door.client.get(path, headers=door.publishing)
    assert mine.json() == {"queue": str(QUEUE), "reached": 8}
    other = door.client.get(path, headers=door.bearer(ANOTHER_SOURCE))
    assert other.json()["reached"] == 0
    assert door.client.get(path, headers=door.reading).status_code == 403


def test_the_key_to_seal_to(door: HttpRig) -> None:
    """Any known caller is given what is published of the intake key."""
    found = door.client.get("/v1/intake-key", headers=door.publishing)
    assert (found.status_code, found.content) == (200, INTAKE_KEY)
    assert door.client.get("/v1/intake-key").status_code == 401
