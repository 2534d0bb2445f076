"""Who vouches for an entry: a publisher by its signature, or the hub, and then for what it may say.

The hub's operator writes every leaf, and with it who vouches for the entry. So what no publisher
signed is either the hub's own, of kinds that tell of nobody, or from a source that was registered
as one that cannot sign; anything else was said in somebody's name.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.opened import OpenedEvent
from domain.record import Attestation
from domain.vocabulary.hub import OWN_SOURCE
from services.audit.sources_then import SourcesThen
from services.audit.verifying import report
from services.audit.verifying.judging import SKEW_MS
from services.audit.verifying.report import Checked
from services.deciding import Deciding
from services.hub_events import OWN_KINDS


@dataclass(slots=True)
class Vouched:
    """The entries of one ledger that no publisher signed."""

    ledger: str
    deciding: Deciding | None
    unsigned: int = 0
    """Of plain sources."""
    _sources: SourcesThen | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Know which sources were plain, where it is known what was registered."""
        if self.deciding is not None:
            self._sources = SourcesThen(self.deciding.registry)

    def fault(self, event: OpenedEvent) -> str | None:
        """Say what is wrong with who vouches for an event; None where nothing is."""
        if event.attestation is Attestation.HUB:
            return None if _the_hubs_own(event) else "not-of-the-hubs-own"
        if event.attestation is Attestation.SIGNED:
            return None
        self.unsigned += 1
        if self._sources is None or self._was_plain(event, self._sources):
            return None
        return "not-signed-and-not-of-a-plain-source"

    def checked(self) -> Iterator[Checked]:
        """Say how many entries nobody signed: nothing shows that their source said so."""
        if self.unsigned:
            why = f"{self.unsigned} entries of plain sources are not signed by anybody"
            yield Checked(report.OPENINGS, self.ledger, 0, why)

    def _was_plain(self, event: OpenedEvent, sources: SourcesThen) -> bool:
        # What was taken in just before another version was registered is recorded just after it.
        found = (
            sources.at(event.header.source, event.recorded_ms),
            sources.at(event.header.source, event.recorded_ms - SKEW_MS),
        )
        return any(one and one.plain and one.ledger == self.ledger for one in found)


def _the_hubs_own(event: OpenedEvent) -> bool:
    own = event.header.source == OWN_SOURCE and event.kind in OWN_KINDS
    return own and not event.subjects
