"""What decides and erases at an open hub: decisions, requests, carrying out, proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.assembly.stands import Bench, Stand
from domain.reference.participants import PARTNERSHIP
from services.deciding import Deciding
from services.erasing.answers import ErasureAnswers
from services.erasing.book import ErasureBook
from services.erasing.carrying_out import CarryingOut
from services.erasing.lapsed import Lapsed
from services.erasing.requests import Requests
from services.hub_events import HubEvents
from services.recording_decisions import DecisionBook, RecordingDecisions


@dataclass(frozen=True, slots=True)
class Erasing:
    """The services of decisions and of erasing."""

    decisions: RecordingDecisions
    requests: Requests
    carrying_out: CarryingOut
    answers: ErasureAnswers
    lapsed: Lapsed


def erasing(
    bench: Bench, stands: Mapping[str, Stand], deciding: Deciding, events: HubEvents
) -> Erasing:
    """Put them together over every ledger."""
    books = {
        name: ErasureBook(stand.ledger, stand.opening, stand.destroyed)
        for name, stand in stands.items()
    }
    requests = Requests(books, bench.custody, bench.keys, deciding)
    decision_books = {name: DecisionBook(s.ledger, s.opening) for name, s in stands.items()}
    return Erasing(
        decisions=RecordingDecisions(deciding, decision_books, events, PARTNERSHIP),
        requests=requests,
        carrying_out=CarryingOut(requests, events),
        answers=ErasureAnswers(requests),
        lapsed=Lapsed(requests),
    )
