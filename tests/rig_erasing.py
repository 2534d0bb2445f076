"""Erasure over a hub in memory: asked for by a publisher, approved by bodies, carried out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.canonical import JsonValue
from domain.decisions import decision_of, facts_of, from_file, subject_mark
from domain.erasure import erasures_stream
from domain.values import to_text
from domain.vocabulary.custody import KeyDestroyed
from services.erasing.answers import ErasureAnswers
from services.erasing.book import ErasureBook
from services.erasing.carrying_out import CarriedOut, CarryingOut
from services.erasing.lapsed import Lapsed
from services.erasing.requests import Progress, Requests
from tests.hub_rig import HubRig
from tests.rig_decisions import Decider
from tests.rig_publisher import Json, Publisher, a_subject, outcomes, stated

WAITING_UNTIL = "2025-06-15T15:30:00Z"
"""Some twenty minutes after the rig's clock begins."""
WAIT_MS = 28 * 24 * 3_600_000 + 1_800_000
"""What was agreed, and half an hour."""


def quiet(*_: object) -> None:
    """Show no progress."""


@dataclass
class ErasingRig:
    """A hub with its services of erasing."""

    rig: HubRig = field(default_factory=HubRig)

    def __post_init__(self) -> None:
        """Put them together."""
        books = {
            name: ErasureBook(stand.ledger, stand.opening, stand.destroyed)
            for name, stand in self.rig.stands.items()
        }
        rig = self.rig
        self.requests = Requests(books, rig.custody, rig.key_store, rig.deciding)
        self.carrying_out = CarryingOut(self.requests, rig.hub_events)
        self.answers = ErasureAnswers(self.requests)
        self.lapsed = Lapsed(self.requests)

    def asked_for(
        self, publisher: Publisher, *children: str, **facts: JsonValue
    ) -> tuple[str, bytes]:
        """Publish a request about some children; gives its id and its statement."""
        event = a_request(publisher, *children, **facts)
        (told,) = outcomes(publisher.publish(event))
        assert told["outcome"] == "recorded", told
        return str(event["id"]), stated(event)

    def approve(self, request: tuple[str, bytes], *bodies: str, ledger: str = "havering") -> None:
        """Have bodies approve a request."""
        for body in bodies:
            file = Decider(body).approval(ledger, uuid.UUID(request[0]), request[1])
            self.rig.decisions.record(file)

    def wait(self) -> None:
        """Let the waiting period pass."""
        self.rig.clock.at_ms += WAIT_MS

    def due(self, publisher: Publisher, *children: str) -> str:
        """Ask, approve and wait; gives the request's id."""
        request = self.asked_for(publisher, *children)
        self.approve(request, "havering", "redbridge")
        self.wait()
        return request[0]

    def carry_out(self, request: str) -> CarriedOut:
        """Carry a request out."""
        return self.carrying_out.carry_out(request, quiet)

    def progress(self, request: str) -> Progress:
        """Say how far a request is."""
        return self.requests.progress(self.requests.find(request))

    def erase(self, publisher: Publisher, *children: str) -> str:
        """Do all of it; gives the request's id."""
        request = self.due(publisher, *children)
        self.carry_out(request)
        return request


def approved_unseen(rig: HubRig, request: str, *bodies: str, statement: bytes = bytes(32)) -> None:
    """Have the operator append true approvals, of another statement or late, past every check."""
    for body in bodies:
        signed = from_file(Decider(body).approval("havering", uuid.UUID(request), statement))
        decision = decision_of(signed)
        made = facts_of(decision, signed)
        stream = erasures_stream("havering")
        rig.hub_events.append(
            "havering", rig.hub_events.made(made.kind, made.facts, stream, decision.id)
        )


def said_to_be_destroyed(
    rig: HubRig, request: str, *keys: bytes, as_streams: bool = False, fence: bool = False
) -> int:
    """Have the operator say that keys were destroyed for a request; gives where it says so."""
    facts = KeyDestroyed.Facts(
        erasure=request,
        fence=1,
        fenced=(to_text(bytes(32)),),
        key_class="stream" if as_streams else "subject",
        keys=tuple(sorted(map(to_text, keys))) or (to_text(bytes(32)),),
        lapses="2030-01-01",
    )
    made = rig.hub_events.made(KeyDestroyed, facts, erasures_stream("havering"))
    rig.hub_events.append("havering", made, fence=as_streams or fence)
    return rig.havering.ledger.head().size - 1


def a_request(publisher: Publisher, *children: str, **facts: JsonValue) -> Json:
    """Give a request about some children; `facts` replace what it says."""
    subjects: list[JsonValue] = [
        {**a_subject(pseudonym=child), "shared": {}} for child in sorted(children)
    ]
    event = publisher.event("erasure-requested")
    data = event["data"]
    assert isinstance(data, Mapping)
    said: Json = {
        "by_office": "data-protection",
        "by_participant": publisher.participant,
        "ground": "objection",
        "marks": sorted(subject_mark(publisher.ledger, one) for one in children),
        "waiting_until": WAITING_UNTIL,
        **facts,
    }
    return {**event, "data": {**data, "facts": said, "subjects": subjects}}


def child_of(event: Mapping[str, JsonValue]) -> str:
    """Give the pseudonym of an event's first child."""
    data = event["data"]
    assert isinstance(data, Mapping)
    listed = data["subjects"]
    assert isinstance(listed, list)
    return str(listed[0]["pseudonym"])
