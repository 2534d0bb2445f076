"""A borough explains a figure of its own: nobody else can say whether a change is real."""

from __future__ import annotations

from domain.errors import NotAuthorised, NotFound
from domain.vocabulary.figures import FigureExplained
from services.hub_events import HubEvents
from services.reading import Reading, ReadingDesk
from services.registry import Registry


class Explaining:
    """Takes explanations and records them in the ledger of the borough whose figure it is."""

    def __init__(self, registry: Registry, desk: ReadingDesk, hub_events: HubEvents) -> None:
        """Let those explain a figure who may read it."""
        self._registry = registry
        self._desk = desk
        self._hub_events = hub_events

    def ledger_of(self, participant: str) -> str:
        """Give a borough's own ledger; raises NotAuthorised for who is no borough."""
        boroughs = self._registry.participants().boroughs(self._registry.today())
        for one in boroughs:
            if one.code == participant and one.ledger:
                return one.ledger
        raise NotAuthorised("not-a-borough")

    def explain(self, reading: Reading, said: FigureExplained.Facts) -> None:
        """Record what a borough's office says of its figure; durable when this returns.

        Raises NotAuthorised for another's figure, and as for reading it; NotFound for a measure
        that the theme does not have; Unavailable.
        """
        if said.theme is None:
            raise NotFound("theme")
        self._desk.allow(reading, said.theme)
        caller = reading.caller
        if (said.borough, said.office) != (caller.participant, caller.office):
            raise NotAuthorised("not-your-figure")
        ledger = self.ledger_of(caller.participant)
        theme = self._registry.mapping()[0].theme(said.theme)
        if theme is None or said.measure not in {one.code for one in theme.measures}:
            raise NotFound("measure")
        self._hub_events.append(ledger, self._hub_events.made(FigureExplained, said))
