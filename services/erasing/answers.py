"""What the hub answers about erasures, to the bodies that they concern.

    GET /v1/erasures/{request}, GET /v1/erasures (those that a body asked for, or holds copies of):

    {"approvals": [{"body", "decision", "office"}…], "by_office", "by_participant", "controller",
     "destroyed"?: instant, "ground", "held_by": [body…], "lapses"?: day, "ledger",
     "recipients": [{"confirmed": n, "fetched": n, "participant"}…], "recorded": instant,
     "request": event id, "state", "statement", "subjects": n, "waiting_until": instant}

`statement` is what an approval signs beside the request's id. Who else holds copies is told to the
controller alone; a recipient is told of its own.
"""

from __future__ import annotations

from domain.canonical import JsonValue
from services.acknowledging import instant
from services.erasing.requests import Progress, Requests
from services.ports import Caller


class ErasureAnswers:
    """Answers how far erasures are."""

    def __init__(self, requests: Requests) -> None:
        """Answer from what `requests` finds."""
        self._requests = requests

    def one(self, request: str, caller: Caller) -> dict[str, JsonValue]:
        """Say how far a request is; raises NotFound, or NotAuthorised for one that counts not."""
        return _document(self._requests.progress(self._requests.find(request)), caller)

    def listed(self, caller: Caller) -> dict[str, JsonValue]:
        """Give the erasures that concern the caller's body, as far as somebody approved them."""
        concern: list[JsonValue] = [
            _document(one, caller)
            for ledger in self._requests.books
            for one in self._requests.standing(ledger)
            if caller.participant == one.request.controller
            or caller.participant in {each.participant for each in one.copies}
        ]
        return {"erasures": concern, "participant": caller.participant}


def _document(progress: Progress, caller: Caller) -> dict[str, JsonValue]:
    request = progress.request
    told: list[JsonValue] = [
        {"confirmed": one.confirmed, "fetched": one.fetched, "participant": one.participant}
        for one in progress.copies
        if caller.participant in {request.controller, one.participant}
    ]
    approvals: list[JsonValue] = [
        {"body": one.body, "decision": one.decision, "office": one.office}
        for one in progress.approvals
    ]
    document: dict[str, JsonValue] = {
        "approvals": approvals,
        "by_office": request.facts.by_office,
        "by_participant": request.facts.by_participant,
        "controller": request.controller,
        "ground": request.facts.ground,
        "held_by": list(progress.held_by),
        "ledger": request.ledger,
        "recipients": told,
        "recorded": instant(request.recorded_ms),
        "request": request.event,
        "state": progress.state,
        "statement": request.statement,
        "subjects": len(request.subjects),
        "waiting_until": instant(request.not_before_ms),
    }
    if progress.destroyed is not None:
        document["destroyed"] = progress.destroyed
    if progress.lapses is not None:
        document["lapses"] = progress.lapses
    return document
