"""`GET /v1/erasures`: how far an erasure is, as its controller, a recipient and others are told."""

from __future__ import annotations

from adapters.http.erasing_documents import ErasureAnswer, ErasuresAnswer
from services.ports import Caller
from tests.http_rig import HttpRig, problem_in
from tests.hub_rig import HAVERING, REDBRIDGE
from tests.rig_erasing import ErasingRig, child_of

ERASURES = "/v1/erasures"
OF_REDBRIDGE = Caller("redbridge", REDBRIDGE, None, "system")
HAVERING_S = Caller("havering", HAVERING, None, "system")
"""A token of whom is minted anew each time: weeks pass here."""


def told(door: HttpRig, request: str, caller: Caller | None = None) -> ErasureAnswer:
    """Ask how far a request is."""
    who = door.bearer(caller or HAVERING_S)
    answer = door.client.get(f"{ERASURES}/{request}", headers=who)
    assert answer.status_code == 200, answer.content
    return ErasureAnswer.model_validate_json(answer.content)


def listed(door: HttpRig, caller: Caller | None = None) -> list[str]:
    """Ask which erasures concern a body."""
    who = door.bearer(caller or HAVERING_S)
    answer = door.client.get(ERASURES, headers=who)
    assert answer.status_code == 200, answer.content
    return [one.request for one in ErasuresAnswer.model_validate_json(answer.content).erasures]


def test_from_asked_for_to_destroyed(door: HttpRig) -> None:
    """The controller's client follows it by the request's id; an approver finds what to sign."""
    erasing = ErasingRig(door.rig)
    event = door.publisher.event()
    door.publisher.publish(event)
    request = erasing.asked_for(door.publisher, child_of(event))
    first = told(door, request[0], OF_REDBRIDGE)
    assert (first.state, first.ledger, first.subjects, first.destroyed) == (
        "requested", "havering", 1, None,
    )  # fmt: skip
    assert listed(door) == []
    erasing.approve(request, "redbridge", "havering")
    assert told(door, request[0]).state == "waiting"
    assert [one.body for one in told(door, request[0]).approvals] == ["redbridge", "havering"]
    assert (listed(door), listed(door, OF_REDBRIDGE)) == ([request[0]], [])
    erasing.wait()
    erasing.carry_out(request[0])
    last = told(door, request[0])
    assert (last.state, last.destroyed, last.lapses) == (
        "destroyed", "2025-07-13T15:36:40.000Z", "2025-08-17",
    )  # fmt: skip


def test_who_fetched_is_told_and_says_so(door: HttpRig) -> None:
    """To the controller every recipient is shown, to a recipient itself, to others nobody."""
    erasing, rig = ErasingRig(door.rig), door.rig
    redbridge = rig.publisher(REDBRIDGE)
    session = door.publisher.session(
        {
            "havering": door.publisher.recipient_public,
            "redbridge": redbridge.recipient_public,
        },
        purpose="case-work",
    )
    move = door.publisher.move(session.seal)
    door.publisher.publish(session.event, move)
    part = f"/v1/parts/havering/{move['id']}/2"
    query = {"agreement": "bhr-themes@1", "purpose": "case-work"}
    fetched = door.client.get(part, params=query, headers=door.bearer(OF_REDBRIDGE))
    assert fetched.status_code == 200, fetched.content
    request = erasing.erase(door.publisher, child_of(move))
    for caller in (None, OF_REDBRIDGE):
        (copies,) = told(door, request, caller).recipients
        assert (copies.participant, copies.fetched, copies.confirmed) == ("redbridge", 1, 0)
        assert listed(door, caller) == [request]
    police = Caller("metropolitan-police-east", None, "commander", "person-9")
    assert told(door, request, police).recipients == ()
    again = door.client.get(part, params=query, headers=door.bearer(OF_REDBRIDGE))
    problem_in(again, 410, "not-opened")


def test_what_is_no_request(door: HttpRig) -> None:
    """Whatever the id is of, there is no such request; nobody is told without a token."""
    event = door.publisher.event()
    door.publisher.publish(event)
    answer = door.client.get(f"{ERASURES}/{event['id']}", headers=door.publishing)
    problem_in(answer, 404, "not-found")
    problem_in(door.client.get(ERASURES), 401, "token-missing")
