"""The record of what became of parked streams when they were folded again.

Each is one `stream-redriven` in the partnership's ledger, a dry run among them: whoever looks at a
view later can see that somebody looked into what it left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from domain.errors import NotOpened
from domain.vocabulary.hub import StreamRedriven
from services.hub_events import HubEvents
from services.ports import StoredEntry
from services.preparing import PreparedEvent
from services.rebuilding import Compared, Report
from services.views import ParkedStream

ALL_VIEWS = "all"
"""Projections fold together, so a stream is parked for all of them."""

EntryAt = Callable[[str, int], StoredEntry]
StreamOf = Callable[[str, StoredEntry], str]
"""Opens the header of an entry of a ledger and gives its stream; raises NotOpened."""


class Redriving:
    """Records re-drives in the partnership's ledger."""

    def __init__(
        self, hub_events: HubEvents, partnership: str, *, entry_at: EntryAt, stream_of: StreamOf
    ) -> None:
        """Record in the ledger named `partnership`."""
        self._hub_events = hub_events
        self._partnership = partnership
        self._entry_at = entry_at
        self._stream_of = stream_of

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
        name = self._name(one.ledger, stream)
        if name is not None:
            facts["stream"] = name
        return self._hub_events.made(StreamRedriven, StreamRedriven.Facts.model_validate(facts))

    def _name(self, ledger: str, stream: ParkedStream) -> str | None:
        try:
            return self._stream_of(ledger, self._entry_at(ledger, stream.position))
        except NotOpened:
            return None
