"""What records that streams are parked, and what became of them: over the ledgers of one hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.reference.participants import PARTNERSHIP
from services.custody import KeyCustody
from services.hub_events import HubEvents
from services.opening import Opening
from services.parking import Parking, Stopped
from services.ports import Ledger
from services.redriving import Redriving


@dataclass(frozen=True, slots=True)
class Parked:
    """Ledgers and how they are opened, by name."""

    ledgers: Mapping[str, Ledger]
    openings: Mapping[str, Opening]
    custody: KeyCustody
    events: HubEvents

    def parking(self, views: str) -> Parking:
        """Give what the runner of the live views tells of parked streams."""
        book = self.ledgers[PARTNERSHIP]
        return Parking(self.events, PARTNERSHIP, book, stopped=self._stopped(), views=views)

    def redriving(self) -> Redriving:
        """Give what records re-drives."""
        book = self.ledgers[PARTNERSHIP]
        return Redriving(self.events, PARTNERSHIP, book, stopped=self._stopped())

    def _stopped(self) -> Stopped:
        return Stopped(
            entry_at=lambda ledger, position: self.ledgers[ledger].read(position, 1)[0],
            stream_of=lambda ledger, entry: self.openings[ledger].header(entry)[2].subject,
            tag_of=lambda text: self.custody.stream_tag(PARTNERSHIP, text),
        )
