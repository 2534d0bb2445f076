"""The record of what became of parked streams when they were folded again.

Each is one `stream-redriven` in the partnership's ledger, a dry run among them: whoever looks at a
view later can see that somebody looked into what it left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.vocabulary.hub import StreamRedriven
from services.hub_events import HubEvents
from services.parking import ALL_VIEWS, Book, Stopped
from services.preparing import PreparedEvent
from services.rebuilding import Compared, Report
from services.views import ParkedStream


class Redriving:
    """Records re-drives in the partnership's ledger."""

    def __init__(
        self, hub_events: HubEvents, partnership: str, book: Book, *, stopped: Stopped
    ) -> None:
        """Record in the ledger named `partnership`, which `book` is."""
        self._hub_events = hub_events
        self._partnership = partnership
        self._book = book
        self._stopped = stopped

    def record(self, report: Report, *, dry_run: bool) -> None:
        """Record what a rebuild made of every stream that had been parked."""
        made = list(self._events(report, dry_run=dry_run))
        if made:
            self._hub_events.append(self._partnership, *made)

    def _events(self, report: Report, *, dry_run: bool) -> Iterator[PreparedEvent]:
        for one in report.ledgers:
            for stream in one.before:
                yield self._event(one, stream, dry_run=dry_run)

    def _event(self, one: Compared, stream: ParkedStream, *, dry_run: bool) -> PreparedEvent:
        again = one.parked_again(stream)
        facts: dict[str, object] = {
            "dry_run": dry_run,
            "events": stream.entries - (again.entries if again else 0),
            "ledger": one.ledger,
            "outcome": "parked-again" if again else "folded",
            "position": stream.position,
            "projection": ALL_VIEWS,
        }
        name = self._stopped.stream(one.ledger, stream.position)
        if name is not None:
            facts["stream"] = name
        parking = self._stopped.record_id(one.ledger, stream.position)
        if self._book.find(parking) is not None:
            facts["parked"] = str(parking)
        return self._hub_events.made(StreamRedriven, StreamRedriven.Facts.model_validate(facts))
