"""Which sources were registered at a time, as what: as the partnership's ledger stood then."""

from __future__ import annotations

import datetime

from domain.errors import HubError
from domain.reference.participants import Participants, Source
from domain.values import LONDON
from services.registry import Registry


class SourcesThen:
    """Looks sources up as of when something was recorded."""

    def __init__(self, registry: Registry) -> None:
        """Read what is registered by now, when it is first asked for."""
        self._registry = registry
        self._known: list[tuple[Participants, int, int]] | None = None

    def at(self, name: str, at_ms: int) -> Source | None:
        """Give a source as it was registered by then; None where it was not."""
        if self._known is None:
            self._known = self._versions()
        day = _london_day(at_ms)
        newest: tuple[int, Participants] | None = None
        for document, version, recorded_ms in self._known:
            in_force = recorded_ms <= at_ms and document.in_force(day)
            if in_force and (newest is None or version > newest[0]):
                newest = version, document
        return None if newest is None else newest[1].source(name, day)

    def _versions(self) -> list[tuple[Participants, int, int]]:
        try:
            every = self._registry.documents().values()
        except HubError:
            return []
        return [
            (one.document, one.document.version, one.recorded_ms)
            for versions in every
            for one in versions
            if isinstance(one.document, Participants)
        ]


def _london_day(at_ms: int) -> str:
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    return at.astimezone(LONDON).date().isoformat()
